"""The engine: what came in, in its order, through every stage of the house. The only composer.

    baseline → estimators → fusion → detector → pacing

Pure: the same state, inputs, time and config give the same Step. Nothing odd in the inputs is an
error here; what is no number, no news or not allowed is no evidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tutor_emotion.core import baseline as baselines
from tutor_emotion.core import detector as detectors
from tutor_emotion.core import fusion as fusions
from tutor_emotion.core import pacing as pacings
from tutor_emotion.core import work as works
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import face, interaction, self_report, text, voice, vote
from tutor_emotion.core.standing import Standing
from tutor_emotion.core.types import (
    Adaptation,
    AffectSignal,
    AffectState,
    Answer,
    Estimate,
    HintRequest,
    Idle,
    Input,
    Modality,
    Outcome,
    Reading,
    SelfReport,
    StepShown,
    TextMessage,
    Visibility,
)
from tutor_emotion.core.types import Event as AnyEvent

__all__ = ["EngineInput", "EngineState", "Standing", "Step", "start", "step", "summary"]

EngineInput: TypeAlias = Input | Estimate
_SAFETY_AGAIN_S = 60.0
_STRUCK: frozenset[str] = frozenset({"stuck", "confused"})


@dataclass(frozen=True, slots=True)
class EngineState:
    """All that the engine knows of one session. In memory only; gone with the session."""

    now_s: float
    fusion: fusions.Fusion
    baseline: baselines.Baseline = field(default_factory=baselines.Baseline)
    face: face.Face = field(default_factory=face.Face)
    work: works.Work = field(default_factory=works.Work)
    detector: detectors.Detector = field(default_factory=detectors.Detector)
    pacing: pacings.Pacing = field(default_factory=pacings.Pacing)
    prompt_s: float | None = None  # put to the learner and not yet answered aloud
    utterance_s: float = -math.inf  # end of the last utterance
    hidden: bool = False
    asked_s: float = -math.inf
    safety_s: float = -math.inf


@dataclass(frozen=True, slots=True)
class Step:
    """The new state, and what came of this step."""

    state: EngineState
    estimates: tuple[Estimate, ...]
    affect: AffectState
    signals: tuple[AffectSignal, ...]
    adaptations: tuple[Adaptation, ...]


@dataclass(slots=True)
class _Taken:
    """What the inputs of one step gave, gathered on the way."""

    estimates: list[Estimate] = field(default_factory=list)
    adaptations: list[Adaptation] = field(default_factory=list)
    submitted: bool = False
    unsure: bool = False


def start(config: EngineConfig) -> EngineState:
    """A session's beginning, at 0 s of its own clock."""
    return EngineState(0.0, fusions.start(config))


def step(
    state: EngineState, inputs: Sequence[EngineInput], now_s: float, config: EngineConfig
) -> Step:
    """Takes what came in since the last step, and decides. Call it each second and at each event.

    Args:
        inputs: in any order; those later than ``now_s`` count as now.
        now_s: seconds on the session clock; a time before the last one counts as the last one.
    """
    now_s = max(state.now_s, now_s) if math.isfinite(now_s) else state.now_s
    taken = _Taken()
    for at_s, item in _in_order(inputs, state.now_s, now_s):
        state = _take(state, item, at_s, taken, config)
    state = replace(state, now_s=now_s, fusion=fusions.predict(state.fusion, now_s, config))
    affect = fusions.belief(state.fusion, config)
    if config.paused:
        detector, signals = detectors.clear(state.detector, affect)
    else:
        detector, signals = detectors.step(state.detector, affect, state.work, state.hidden, config)
    state = replace(state, detector=detector)
    if not (config.paused or state.hidden):
        state = _decide(state, signals, taken, config)
    return Step(state, tuple(taken.estimates), affect, signals, tuple(taken.adaptations))


def summary(state: EngineState, config: EngineConfig) -> Standing:
    """Where the learner stands, for a teacher's row."""
    work, now_s = state.work, state.now_s
    affect = fusions.belief(state.fusion, config)
    signals = detectors.active(state.detector)
    spinning = any(s.kind == "wheelspin" and s.skill == work.skill for s in signals)
    counted = any(s.kind == "wheelspin" for s in signals)
    sure = counted or (affect.evidence_nats >= 1.0 and affect.coverage >= 0.5)
    return Standing(
        at_s=now_s,
        signals=signals,
        step=work.step,
        skill=work.skill,
        misses_on_step=work.misses,
        hints_on_step=work.hints,
        on_step_s=0.0 if work.shown_s is None else now_s - work.shown_s,
        idle_s=max(0.0, now_s - work.last_action_s),
        performance=work.performance(spinning, config),
        opportunities=work.current.opportunities,
        mastered=work.current.mastered,
        pace=state.pacing.pace,
        coverage=affect.coverage,
        confidence="high" if sure else "low" if affect.abstain else "medium",
        hidden=state.hidden,
    )


def _decide(
    state: EngineState, raised: tuple[AffectSignal, ...], taken: _Taken, config: EngineConfig
) -> EngineState:
    moment = pacings.Moment(
        now_s=state.now_s,
        work=state.work,
        signals=detectors.active(state.detector),
        raised=tuple(s for s in raised if s.edge == "raised"),
        submitted=taken.submitted,
        asked_s=state.asked_s,
        unsure=taken.unsure,
    )
    pacing, adaptations = pacings.decide(state.pacing, moment, config)
    taken.adaptations.extend(adaptations)
    return replace(state, pacing=pacing)


# --- what came in --------------------------------------------------------------------------------


def _in_order(
    inputs: Sequence[EngineInput], earliest_s: float, now_s: float
) -> list[tuple[float, EngineInput]]:
    """The inputs by the time that they count at: their own, within this step."""
    timed = []
    for item in inputs:
        own_s = item.end_s if isinstance(item, Reading) else item.at_s
        at_s = min(max(own_s, earliest_s), now_s) if math.isfinite(own_s) else now_s
        timed.append((at_s, item))
    return sorted(timed, key=lambda pair: pair[0])


def _take(
    state: EngineState, item: EngineInput, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    if isinstance(item, Estimate):
        # Its own time tells how new it is; one from the future is from now.
        given = replace(item, at_s=min(item.at_s, at_s) if math.isfinite(item.at_s) else at_s)
        return _weigh(state, vote.explained(given, config), at_s, taken, config)
    if isinstance(item, Reading):
        return _read(state, item, at_s, taken, config)
    return _happened(state, works.sane(item), at_s, taken, config)


def _allowed(modality: Modality, config: EngineConfig) -> bool:
    return modality in config.modalities and not config.paused


def _weigh(
    state: EngineState, given: Estimate, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    """One Estimate into the belief and into the detector's memory."""
    if not _allowed(given.modality, config):
        return state
    taken.estimates.append(given)
    if state.hidden:
        return state
    before = fusions.predict(state.fusion, at_s, config)
    return replace(
        state,
        fusion=fusions.update(before, given, config),
        detector=detectors.observe(state.detector, given, config),
    )


def _read(
    state: EngineState, reading: Reading, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    times = (reading.start_s, reading.end_s, reading.quality)
    if not _allowed(reading.modality, config) or not all(math.isfinite(v) for v in times):
        return state
    if reading.end_s > at_s:  # from a clock that runs ahead
        span_s = min(5.0, max(0.0, reading.end_s - reading.start_s))
        reading = replace(reading, start_s=at_s - span_s, end_s=at_s)
    labelled = vote.from_probabilities(reading, config)
    if labelled is not None:
        return _weigh(state, labelled, at_s, taken, config)
    if reading.modality == "face":
        return _face(state, reading, at_s, taken, config)
    if reading.modality == "voice":
        return _voice(state, reading, at_s, taken, config)
    return state


def _face(
    state: EngineState, reading: Reading, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    seen = face.glance(reading, config)
    if seen is None:
        return state
    watched = face.observe(state.face, seen, config)
    if watched.glances is state.face.glances:
        return state  # not newer than what was seen
    rules = config.baseline
    learned = state.baseline
    if face.learnable(seen):
        learned = learned.learn(
            seen.cues, n=seen.valid_s, limit=rules.face_s, kappa=rules.kappa_face_s
        )
    given = face.estimate(watched, learned.usual, reading.model, config, state.work.last_correct_s)
    return _weigh(replace(state, face=watched, baseline=learned), given, at_s, taken, config)


def _voice(
    state: EngineState, reading: Reading, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    if reading.end_s <= state.utterance_s:
        return state  # one utterance, one vote
    found = voice.measured(reading, state.prompt_s, config)
    state = replace(state, utterance_s=reading.end_s, prompt_s=None)
    given = voice.estimate(reading, found, state.baseline.usual, config)
    rules = config.baseline
    learned = state.baseline.learn(found, n=1, limit=rules.utterances, kappa=rules.kappa_utterances)
    return _weigh(replace(state, baseline=learned), given, at_s, taken, config)


# --- what happened -------------------------------------------------------------------------------


def _happened(
    state: EngineState, event: AnyEvent, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    if isinstance(event, Visibility):
        return replace(state, hidden=event.hidden)
    if isinstance(event, Outcome):
        return _outcome(state, event, at_s, taken, config)
    if isinstance(event, TextMessage):
        return _text(state, event, at_s, taken, config)
    if isinstance(event, SelfReport):
        return _tap(state, event, at_s, taken, config)
    if isinstance(event, (Answer, HintRequest, Idle)):
        if not _allowed("interaction", config):
            return state
        return _worked(state, event, at_s, taken, config)
    # Where the learner is in the lesson, and whether they are busy, is no modality.
    prompt_s = at_s if isinstance(event, StepShown) else state.prompt_s
    return replace(state, work=works.observe(state.work, event, at_s, config), prompt_s=prompt_s)


def _worked(
    state: EngineState,
    event: Answer | HintRequest | Idle,
    at_s: float,
    taken: _Taken,
    config: EngineConfig,
) -> EngineState:
    before, usual = state.work, state.baseline.usual
    learned = state.baseline
    if isinstance(event, Answer):
        before = works.facing(before, event, at_s)
        after = works.observe(before, event, at_s, config)
        given = interaction.answered(event, before, after, usual, at_s, config)
        timing = interaction.response_measure(event, after)
        if timing and not before.attempts:  # a retry is quicker by nature
            rules = config.baseline
            learned = learned.learn(dict([timing]), n=1, limit=rules.items, kappa=rules.kappa_items)
        taken.submitted = True
        taken.unsure = event.correct and event.hedged and not event.revealed
    else:
        after = works.observe(before, event, at_s, config)
        given = (
            interaction.asked(event, before, at_s, config)
            if isinstance(event, HintRequest)
            else interaction.idled(event, before, usual, at_s, config)
        )
    return _weigh(replace(state, work=after, baseline=learned), given, at_s, taken, config)


def _text(
    state: EngineState, event: TextMessage, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    if "text" not in config.modalities:
        return state
    if text.is_alarming(event.text):
        # Also while the course is paused: this is a person's safety, and nothing is estimated.
        return _alarm(state, at_s, taken, config)
    if config.paused:
        return state
    given = text.estimate(event.text, at_s, config, last_correct_s=state.work.last_correct_s)
    stuck = any(e.measure == "says_confused" for e in given.evidence)
    work = replace(
        works.observe(state.work, event, at_s, config),
        impasse_turns=state.work.impasse_turns + stuck,
    )
    return _weigh(replace(state, work=work), given, at_s, taken, config)


def _alarm(state: EngineState, at_s: float, taken: _Taken, config: EngineConfig) -> EngineState:
    pacing, flags = pacings.safety_flag(state.pacing, at_s, (), config)
    if at_s - state.safety_s < _SAFETY_AGAIN_S:
        return replace(state, pacing=replace(state.pacing, hold_until_s=pacing.hold_until_s))
    taken.adaptations.extend(flags)
    return replace(state, pacing=pacing, safety_s=at_s)


def _tap(
    state: EngineState, event: SelfReport, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    if not _allowed("self_report", config):
        return state
    asked_s = at_s if event.feeling in _STRUCK else state.asked_s
    work = works.observe(state.work, event, at_s, config)
    given = self_report.tapped(event, at_s, config)
    return _weigh(replace(state, work=work, asked_s=asked_s), given, at_s, taken, config)


def _outcome(
    state: EngineState, event: Outcome, at_s: float, taken: _Taken, config: EngineConfig
) -> EngineState:
    """The reply to an offer: it always teaches the pacing, and the belief if it may."""
    pacing, offer = pacings.reply(state.pacing, event, config)
    state = replace(state, pacing=pacing)
    if offer is None or event.outcome == "ignored":
        return state
    state = replace(state, work=works.observe(state.work, event, at_s, config))
    given = self_report.replied(offer.signal, event.outcome, at_s, config)
    return _weigh(state, given, at_s, taken, config)
