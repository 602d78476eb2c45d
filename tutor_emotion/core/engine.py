"""The engine: what came in, in its order, through every stage of the house.

Only it and `intake`, its first half, compose the stages:

    baseline → estimators → fusion → detector → pacing

Pure: the same state, inputs, time and config give the same Step. Nothing odd in the inputs is an
error here; what is no number, no news or not allowed is no evidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutor_emotion.core import detector as detectors
from tutor_emotion.core import fusion as fusions
from tutor_emotion.core import memory as memories
from tutor_emotion.core import pacing as pacings
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import face as faces
from tutor_emotion.core.intake import EngineInput, EngineState, Taken, in_order, take
from tutor_emotion.core.measures import MEASURES_OF
from tutor_emotion.core.memory import STRUGGLE
from tutor_emotion.core.standing import Standing
from tutor_emotion.core.types import Adaptation, AffectSignal, AffectState, Estimate, Modality

HURRIED_WITHIN_S = 180.0  # [D]
__all__ = [
    "EngineInput",
    "EngineState",
    "Standing",
    "Step",
    "forget",
    "renumber",
    "start",
    "step",
    "summary",
]


@dataclass(frozen=True, slots=True)
class Step:
    """The new state, and what came of this step."""

    state: EngineState
    estimates: tuple[Estimate, ...]
    affect: AffectState
    signals: tuple[AffectSignal, ...]
    adaptations: tuple[Adaptation, ...]


def start(config: EngineConfig, *, next_adaptation: int = 1) -> EngineState:
    """A session's beginning, at 0 s of its own clock; its first Adaptation has that id."""
    pacing = pacings.Pacing(next_id=next_adaptation)
    return EngineState(0.0, fusions.start(config), pacing=pacing)


def step(
    state: EngineState, inputs: Sequence[EngineInput], now_s: float, config: EngineConfig
) -> Step:
    """Takes what came in since the last step, and decides. Call it each second and at each event.

    Args:
        inputs: in any order; those later than ``now_s`` count as now.
        now_s: seconds on the session clock; a time before the last one counts as the last one.
    """
    now_s = max(state.now_s, now_s) if math.isfinite(now_s) else state.now_s
    taken = Taken()
    for at_s, item in in_order(inputs, state.now_s, now_s):
        state = take(state, item, at_s, taken, config)
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


def forget(state: EngineState, modality: Modality, config: EngineConfig) -> EngineState:
    """As if this modality had not been allowed: a consent was taken back.

    What the learner did in the lesson stays: where they are in it is no measurement of them.
    """
    detector = state.detector
    return replace(
        state,
        fusion=fusions.without(state.fusion, modality, config),
        baseline=state.baseline.without(MEASURES_OF.get(modality, frozenset())),
        face=faces.Face() if modality == "face" else state.face,
        detector=replace(detector, memory=memories.without(detector.memory, modality)),
    )


def renumber(state: EngineState, old: int, new: int) -> EngineState:
    """An Adaptation of this session is known under another id than it was made with."""
    return replace(state, pacing=pacings.renumbered(state.pacing, old, new))


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
        title=work.title,
        skill_title=work.skill_title,
        misses_on_step=work.misses,
        hints_on_step=work.hints,
        on_step_s=0.0 if work.shown_s is None else now_s - work.shown_s,
        idle_s=max(0.0, now_s - work.last_action_s),
        performance=work.performance(spinning, config),
        opportunities=work.current.opportunities,
        mastered=work.current.mastered,
        run=work.run_correct,
        hurried_s=state.detector.memory.hurried(now_s, HURRIED_WITHIN_S),
        pace=state.pacing.pace.level,
        coverage=affect.coverage,
        confidence="high" if sure else "low" if affect.abstain else "medium",
        hidden=state.hidden,
        called=pacings.called(state.pacing, now_s),
    )


def _grounded(state: EngineState, config: EngineConfig) -> bool:
    """Whether something besides the face lately spoke for struggle, or the work itself does."""
    work, memory = state.work, state.detector.memory
    missed = work.misses > 0 and not work.solved
    spinning = work.skill in state.detector.spinning
    return missed or spinning or memory.spoke(STRUGGLE, state.now_s, config.detector.cue_s)


def _decide(
    state: EngineState, raised: tuple[AffectSignal, ...], taken: Taken, config: EngineConfig
) -> EngineState:
    moment = pacings.Moment(
        now_s=state.now_s,
        work=state.work,
        signals=detectors.active(state.detector),
        raised=tuple(s for s in raised if s.edge == "raised"),
        submitted=taken.submitted,
        asked_s=state.asked_s,
        unsure=taken.unsure,
        grounded=_grounded(state, config),
    )
    pacing, adaptations = pacings.decide(state.pacing, moment, config)
    taken.adaptations.extend(adaptations)
    return replace(state, pacing=pacing)
