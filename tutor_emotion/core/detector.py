"""From belief and facts to signals: Schmitt trigger, dwell, cooldown and a second condition (§9.5).

The face alone never raises a signal: each that rests on the belief also asks for a cue that did not
come from the face. Misses alone suffice for `unresolved`, practice alone for `wheelspin`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tutor_emotion.core import memory as memories
from tutor_emotion.core.config import DetectorConfig, EngineConfig, Level
from tutor_emotion.core.memory import STRUGGLE, Memory
from tutor_emotion.core.seconds import Seconds
from tutor_emotion.core.types import (
    AffectSignal,
    AffectState,
    Estimate,
    Evidence,
    SignalKind,
    State,
)
from tutor_emotion.core.work import Skill, Work

_TROUBLE = ("struggle.suspect", "struggle.strong", "frustrated", "unresolved")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One signal's memory. ``above_s``: since when the value is high enough; ``active`` the signal
    as it was raised."""

    above_s: float | None = None
    raised_s: float = -math.inf
    active: AffectSignal | None = None


@dataclass(frozen=True, slots=True)
class Detector:
    """``spinning``: the wheel-spin signal of each skill that has one.

    ``high``: the seconds in which struggle was likely; ``calm_s``: since when it is not.
    """

    at_s: float = 0.0
    triggers: Mapping[SignalKind, Trigger] = field(default_factory=dict)
    spinning: Mapping[str, AffectSignal] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    high: Seconds = field(default_factory=lambda: Seconds(600))
    calm_s: float | None = None
    troubled_s: float = -math.inf  # the last time that a signal of struggle was raised
    recovered_s: float = -math.inf


def active(state: Detector) -> tuple[AffectSignal, ...]:
    """The signals that are raised now, oldest first."""
    now = [t.active for t in state.triggers.values() if t.active is not None]
    return tuple(sorted([*now, *state.spinning.values()], key=lambda s: s.at_s))


def observe(state: Detector, given: Estimate, config: EngineConfig) -> Detector:
    """Remembers what an Estimate spoke for, as conditions and as reasons."""
    return replace(state, memory=memories.observe(state.memory, given, config))


def step(
    state: Detector, belief: AffectState, work: Work, quiet: bool, config: EngineConfig
) -> tuple[Detector, tuple[AffectSignal, ...]]:
    """The signals raised and cleared by ``belief.at_s``. ``quiet``: nothing new is raised."""
    state = _remember(state, belief, config)
    out: list[AffectSignal] = []
    for kind, level, value, more in _levels(state, belief, work, config):
        state = _trigger(state, kind, level, value, more and not quiet, belief, work, config, out)
    state = _unresolved(state, belief, work, quiet, config, out)
    state = _wheelspin(state, belief, work, quiet, config, out)
    state = _recovered(state, belief, work, quiet, config, out)
    return replace(state, at_s=belief.at_s), tuple(out)


def clear(state: Detector, belief: AffectState) -> tuple[Detector, tuple[AffectSignal, ...]]:
    """Everything ended at once, as when a teacher pauses the course."""
    ended = tuple(_cleared(signal, belief) for signal in active(state))
    return Detector(at_s=belief.at_s), ended


# --- signals of the belief -----------------------------------------------------------------------


def _levels(
    state: Detector, belief: AffectState, work: Work, config: EngineConfig
) -> Iterable[tuple[SignalKind, Level, float, bool]]:
    settings, now_s = config.detector, belief.at_s
    cue = state.memory.spoke(STRUGGLE, now_s, settings.cue_s)
    yield "struggle.suspect", settings.suspect, belief.struggle, cue
    yield (
        "struggle.strong",
        settings.strong,
        belief.struggle,
        cue and _is_active(state, "struggle.suspect"),
    )
    yield (
        "confused",
        settings.confused,
        belief.p("confused"),
        state.memory.spoke(("confused",), now_s, settings.cue_s),
    )
    blocked = work.misses >= settings.frustrated_misses and not work.solved
    said = state.memory.spoke(("frustrated",), now_s, settings.cue_s, {"text", "self_report"})
    hurried = state.memory.measured("fast_after_error", now_s, settings.cue_s)
    most = belief.p("frustrated") >= settings.frustrated_to_confused * belief.p("confused")
    # Once raised, losing the comparison alone does not clear it; falling under `off` does.
    yield (
        "frustrated",
        settings.frustrated,
        belief.p("frustrated"),
        most and (blocked or said or hurried),
    )
    logged = state.memory.spoke(
        ("bored",), now_s, settings.bored_cue_s, {"interaction", "text", "self_report"}
    )
    yield "bored", settings.bored, belief.p("bored"), logged


def _trigger(
    state: Detector,
    kind: SignalKind,
    level: Level,
    value: float,
    more: bool,
    belief: AffectState,
    work: Work,
    config: EngineConfig,
    out: list[AffectSignal],
) -> Detector:
    was, now_s = state.triggers.get(kind, Trigger()), belief.at_s
    if was.active is not None:
        if value >= level.off:
            return state
        out.append(_cleared(was.active, belief))
        return _with(state, kind, Trigger(raised_s=was.raised_s))
    if belief.abstain or value < level.on:
        return state if was.above_s is None else _with(state, kind, replace(was, above_s=None))
    above_s = now_s if was.above_s is None else was.above_s
    waited = now_s - above_s >= level.dwell_s and now_s - was.raised_s >= level.cooldown_s
    if not (waited and more):
        return (
            state if was.above_s is not None else _with(state, kind, Trigger(above_s, was.raised_s))
        )
    raised = _raised(state, kind, above_s, value, belief, work, config)
    out.append(raised)
    return _with(state, kind, Trigger(above_s, now_s, raised))


# --- rules ---------------------------------------------------------------------------------------


def _unresolved(
    state: Detector,
    belief: AffectState,
    work: Work,
    quiet: bool,
    config: EngineConfig,
    out: list[AffectSignal],
) -> Detector:
    settings, now_s = config.detector, belief.at_s
    was = state.triggers.get("unresolved", Trigger())
    if was.active is not None:
        if not _got_on(was.active, work):
            return state
        out.append(_cleared(was.active, belief))
        # What was high belonged to the step that is behind the learner now.
        calm = replace(state, high=Seconds(state.high.size, state.high.upto))
        return _with(calm, "unresolved", Trigger(raised_s=was.raised_s))
    if quiet or now_s - was.raised_s < settings.unresolved_cooldown_s:
        return state
    missed = work.misses >= settings.unresolved_misses and not work.solved
    turned = work.impasse_turns >= settings.unresolved_turns and not work.solved
    long = state.high.count(settings.unresolved_of_s) >= settings.unresolved_for_s
    felt = (
        long
        and not belief.abstain
        and state.memory.spoke(STRUGGLE, now_s, float(settings.unresolved_of_s))
    )
    if not (missed or turned or felt):
        return state
    sure = settings.rule_confidence if missed or turned else belief.struggle
    since_s = now_s if work.shown_s is None or felt else work.shown_s
    raised = _raised(state, "unresolved", since_s, sure, belief, work, config, rule=missed)
    out.append(raised)
    return _with(state, "unresolved", Trigger(since_s, now_s, raised))


def _got_on(raised: AffectSignal, work: Work) -> bool:
    solved = work.last_correct_s is not None and work.last_correct_s >= raised.at_s
    return solved or (bool(raised.skill) and work.skill != raised.skill)


def wheelspin_level(skill: Skill, settings: DetectorConfig) -> str:
    """`confirmed`, `warn` or nothing for one skill's opportunities (Beck & Gong 2013; §4)."""
    if skill.mastered:
        return ""
    if skill.opportunities >= settings.wheelspin_confirmed_after:
        return "confirmed"
    early = skill.opportunities >= settings.wheelspin_accuracy_after
    poor = early and skill.correct / skill.opportunities < settings.wheelspin_accuracy
    return "warn" if poor or skill.opportunities >= settings.wheelspin_warn_after else ""


def _wheelspin(
    state: Detector,
    belief: AffectState,
    work: Work,
    quiet: bool,
    config: EngineConfig,
    out: list[AffectSignal],
) -> Detector:
    spinning = dict(state.spinning)
    for name, signal in state.spinning.items():
        if work.skills.get(name, Skill()).mastered:
            out.append(_cleared(signal, belief))
            del spinning[name]
    level = wheelspin_level(work.current, config.detector)
    was = spinning.get(work.skill)
    stronger = was is None or (was.level, level) == ("warn", "confirmed")
    if level and stronger and not quiet:
        tries = work.current.opportunities
        since_s = was.since_s if was else belief.at_s
        signal = replace(
            _raised(
                state, "wheelspin", since_s, config.detector.rule_confidence, belief, work, config
            ),
            level=level,
            evidence=(
                _counted("tries_without_mastery", tries, "items", belief.at_s),
                _counted("correct_on_skill", work.current.correct, "items", belief.at_s),
            ),
        )
        out.append(signal)
        spinning[work.skill] = signal
    return state if spinning == state.spinning else replace(state, spinning=spinning)


def _recovered(
    state: Detector,
    belief: AffectState,
    work: Work,
    quiet: bool,
    config: EngineConfig,
    out: list[AffectSignal],
) -> Detector:
    settings, now_s = config.detector, belief.at_s
    if any(s.edge == "raised" and s.kind in _TROUBLE for s in out):
        state = replace(state, troubled_s=now_s)
    calm = belief.struggle < settings.recovered_below
    calm_s = None if not calm else now_s if state.calm_s is None else state.calm_s
    if calm_s != state.calm_s:
        state = replace(state, calm_s=calm_s)
    right_s = work.last_correct_s
    if quiet or calm_s is None or right_s is None or state.troubled_s <= state.recovered_s:
        return state
    fresh = state.troubled_s <= right_s and now_s - right_s <= settings.recovered_answer_s
    if not fresh or now_s - calm_s < settings.recovered_for_s:
        return state
    out.append(_raised(state, "recovered", calm_s, 1 - belief.struggle, belief, work, config))
    return replace(state, recovered_s=now_s)


# --- memory -----------------------------------------------------------------------------------


def _remember(state: Detector, belief: AffectState, config: EngineConfig) -> Detector:
    now_s = belief.at_s
    high = state.high.at(now_s)
    if belief.struggle >= config.detector.unresolved_on and not belief.abstain:
        high = high.mark(max(state.at_s, now_s - 2), now_s)
    return replace(state, high=high, memory=memories.forget(state.memory, now_s))


def _is_active(state: Detector, kind: SignalKind) -> bool:
    return state.triggers.get(kind, Trigger()).active is not None


def _with(state: Detector, kind: SignalKind, trigger: Trigger) -> Detector:
    return replace(state, triggers={**state.triggers, kind: trigger})


# --- the signals themselves ----------------------------------------------------------------------

_SPEAKS_OF: Mapping[SignalKind, tuple[State, ...]] = {
    "struggle.suspect": STRUGGLE,
    "struggle.strong": STRUGGLE,
    "confused": ("confused",),
    "frustrated": ("frustrated",),
    "unresolved": STRUGGLE,
    "bored": ("bored",),
    "wheelspin": (),
    "recovered": ("engaged",),
}


def _raised(
    state: Detector,
    kind: SignalKind,
    since_s: float,
    confidence: float,
    belief: AffectState,
    work: Work,
    config: EngineConfig,
    *,
    rule: bool = False,
) -> AffectSignal:
    evidence = state.memory.speaking_for(_SPEAKS_OF[kind], config)
    if rule and all(item.measure != "misses_on_step" for item in evidence):
        evidence = (_counted("misses_on_step", work.misses, "answers", belief.at_s), *evidence)
    return AffectSignal(
        kind=kind,
        edge="raised",
        at_s=belief.at_s,
        since_s=since_s,
        confidence=max(0.0, min(1.0, confidence)),
        coverage=belief.coverage,
        evidence=evidence,
        models=state.memory.models_of(evidence),
        skill=work.skill,
    )


def _counted(measure: str, count: int, unit: str, at_s: float) -> Evidence:
    """A counted fact that a rule went by; it gave nothing to the belief."""
    return Evidence("interaction", measure, float(count), unit, "confused", 0.0, at_s)


def _cleared(raised: AffectSignal, belief: AffectState) -> AffectSignal:
    return replace(raised, edge="cleared", at_s=belief.at_s, coverage=belief.coverage, evidence=())
