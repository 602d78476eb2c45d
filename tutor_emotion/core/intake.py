"""What came in, through baseline and estimators into the belief: the engine's first half."""

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
from tutor_emotion.core.types import (
    Adaptation,
    Answer,
    Estimate,
    Event,
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

EngineInput: TypeAlias = Input | Estimate
_STUCK: frozenset[str] = frozenset({"stuck", "confused"})


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


@dataclass(slots=True)
class Taken:
    """What the inputs of one step gave, gathered on the way."""

    estimates: list[Estimate] = field(default_factory=list)
    adaptations: list[Adaptation] = field(default_factory=list)
    submitted: bool = False
    unsure: bool = False


def in_order(
    inputs: Sequence[EngineInput], earliest_s: float, now_s: float
) -> list[tuple[float, EngineInput]]:
    """The inputs by the time that they count at: their own, within this step."""
    timed = []
    for item in inputs:
        own_s = item.end_s if isinstance(item, Reading) else item.at_s
        at_s = min(max(own_s, earliest_s), now_s) if math.isfinite(own_s) else now_s
        timed.append((at_s, item))
    return sorted(timed, key=lambda pair: pair[0])


def take(
    state: EngineState, item: EngineInput, at_s: float, taken: Taken, config: EngineConfig
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
    state: EngineState, given: Estimate, at_s: float, taken: Taken, config: EngineConfig
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
    state: EngineState, reading: Reading, at_s: float, taken: Taken, config: EngineConfig
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
    if reading.modality == "text":
        return _weigh(state, text.meaning(reading, config), at_s, taken, config)
    return state


def _face(
    state: EngineState, reading: Reading, at_s: float, taken: Taken, config: EngineConfig
) -> EngineState:
    seen = face.glance(reading, config)
    if seen is None:
        return state
    watched = face.observe(state.face, seen, state.baseline.usual, config)
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
    state: EngineState, reading: Reading, at_s: float, taken: Taken, config: EngineConfig
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
    state: EngineState, event: Event, at_s: float, taken: Taken, config: EngineConfig
) -> EngineState:
    if isinstance(event, Visibility):
        # Who comes back to the page has done something; what they did elsewhere is no idleness.
        back = state.hidden and not event.hidden
        work = works.observe(state.work, event, at_s, config) if back else state.work
        return replace(state, hidden=event.hidden, work=work)
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
    taken: Taken,
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
    state: EngineState, event: TextMessage, at_s: float, taken: Taken, config: EngineConfig
) -> EngineState:
    if "text" not in config.modalities:
        return state
    if text.is_alarming(event.text, config.lexicon):
        # Also while the course is paused: this is a person's safety, and nothing is estimated.
        return _alarm(state, at_s, taken, config)
    if config.paused:
        return state
    given = text.estimate(event.text, at_s, config, last_correct_s=state.work.last_correct_s)
    said = {e.measure for e in given.evidence}
    work = works.observe(state.work, event, at_s, config)
    if "says_confused" in said:
        work = replace(work, impasse_turns=work.impasse_turns + 1)
    pacing = state.pacing
    if "says_annoyed" in said:
        pacing = pacings.annoyed(pacing, at_s, config)
    return _weigh(replace(state, work=work, pacing=pacing), given, at_s, taken, config)


def _alarm(state: EngineState, at_s: float, taken: Taken, config: EngineConfig) -> EngineState:
    pacing, flags = pacings.call(state.pacing, "safety", at_s, state.work, config)
    if at_s - state.safety_s < config.pacing.safety_again_s:
        return replace(state, pacing=replace(state.pacing, past=pacing.past))
    taken.adaptations.extend(flags)
    return replace(state, pacing=pacing, safety_s=at_s)


def _tap(
    state: EngineState, event: SelfReport, at_s: float, taken: Taken, config: EngineConfig
) -> EngineState:
    if not _allowed("self_report", config):
        return state
    asked_s = at_s if event.feeling in _STUCK else state.asked_s
    work = works.observe(state.work, event, at_s, config)
    given = self_report.tapped(event, at_s, config)
    return _weigh(replace(state, work=work, asked_s=asked_s), given, at_s, taken, config)


def _outcome(
    state: EngineState, event: Outcome, at_s: float, taken: Taken, config: EngineConfig
) -> EngineState:
    """The reply to an offer: it always teaches the pacing, and the belief if it may."""
    pacing, offer = pacings.reply(state.pacing, event, config)
    state = replace(state, pacing=pacing)
    if offer is None or event.outcome == "ignored":
        return state
    state = replace(state, work=works.observe(state.work, event, at_s, config))
    given = self_report.replied(offer.signal, event.outcome, at_s, config)
    return _weigh(state, given, at_s, taken, config)
