"""From signals to Adaptations: the policy's table under the interruption budget (§9.6, §9.7).

About half of all signals are false alarms at the accuracy that science has reached, so the first
action is harmless if wrong, rare, and never over the learner's own doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tutor_emotion.core import interruption, pace
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.interruption import Interruptions
from tutor_emotion.core.pace import Pace
from tutor_emotion.core.plans import (
    CAUSES,
    FALLBACK,
    KIND_MESSAGES,
    MESSAGE_KEYS,
    PACE_MESSAGES,
    PLANS,
    SAFETY_MESSAGE,
    STEP_BOUND,
    Plan,
    Situation,
)
from tutor_emotion.core.types import (
    Adaptation,
    AdaptationKind,
    AffectSignal,
    Evidence,
    Outcome,
    SignalKind,
)
from tutor_emotion.core.work import Performance, Work

__all__ = ["MESSAGE_KEYS", "Pacing", "decide", "reply", "safety_flag"]

_MOST_REASONS = 3
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that may still be answered."""

    kind: AdaptationKind
    signal: SignalKind | None


@dataclass(frozen=True, slots=True)
class Pacing:
    """``done``: when a situation was last acted on, by step. ``unresolved_s``: when that signal was
    raised in the last ten minutes."""

    next_id: int = 1
    pace: Pace = field(default_factory=Pace)
    past: Interruptions = field(default_factory=Interruptions)
    open: Mapping[int, Open] = field(default_factory=dict)
    done: Mapping[tuple[Situation, str], float] = field(default_factory=dict)
    flags_s: Mapping[str, float] = field(default_factory=dict)
    unresolved_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """What pacing decides upon. ``submitted``: the learner has just handed something in;
    ``asked_s``: when they last said themselves that they are stuck."""

    now_s: float
    work: Work
    signals: Sequence[AffectSignal]  # raised now
    raised: Sequence[AffectSignal]  # raised in this very step
    submitted: bool = False
    asked_s: float = float("-inf")
    unsure: bool = False  # a correct answer with a hedge was just given


def decide(
    state: Pacing, moment: Moment, config: EngineConfig
) -> tuple[Pacing, tuple[Adaptation, ...]]:
    """The Adaptations of this moment: at most one offer, one quiet change, one flag."""
    now_s = moment.now_s
    again = [s.at_s for s in moment.raised if s.kind == "unresolved"]
    state = replace(
        state,
        unresolved_s=tuple(
            t for t in (*state.unresolved_s, *again) if now_s - t <= config.pacing.twice_in_s
        ),
    )
    out: list[Adaptation] = []
    spinning = any(s.kind == "wheelspin" and s.skill == moment.work.skill for s in moment.signals)
    known = moment.work.performance(spinning, config)
    performance: Performance = "mid" if known == "unknown" else known
    situation = _situation(state, moment, performance, config)
    plan = PLANS[situation].get(performance, Plan()) if situation else Plan()
    if situation and now_s >= state.past.hold_until_s:
        state = _flag(state, situation, plan, moment, config, out)
        state = _offer(state, situation, plan, moment, config, out)
    state = _pace(state, plan, situation, moment, config, out)
    return state, tuple(out)


def reply(state: Pacing, outcome: Outcome, config: EngineConfig) -> tuple[Pacing, Open | None]:
    """What the learner did with an offer; the offer that was answered, the first time only."""
    offer = state.open.get(outcome.adaptation)
    if offer is None:
        return state, None
    left = {k: v for k, v in state.open.items() if k != outcome.adaptation}
    past = interruption.replied(state.past, offer.kind, outcome.outcome, config)
    return replace(state, open=left, past=past), offer


def safety_flag(
    state: Pacing, at_s: float, evidence: tuple[Evidence, ...], config: EngineConfig
) -> tuple[Pacing, tuple[Adaptation, ...]]:
    """A person is called at once, whatever the policy allows, and no offer is made meanwhile."""
    past = replace(state.past, hold_until_s=at_s + config.pacing.safety_hold_s)
    held = replace(state, past=past)
    flag = _made(held, "teacher_flag", "teacher", SAFETY_MESSAGE, at_s, config, evidence=evidence)
    return replace(held, next_id=held.next_id + 1), (flag,)


# --- which situation -----------------------------------------------------------------------------


def _situation(
    state: Pacing, moment: Moment, performance: Performance, config: EngineConfig
) -> Situation | None:
    """The first that holds, the weightiest first."""
    rules, work, now_s = config.pacing, moment.work, moment.now_s
    raised = {s.kind: s for s in moment.signals if s.kind != "wheelspin"}
    spin = next(
        (s for s in moment.signals if s.kind == "wheelspin" and s.skill == work.skill), None
    )
    blocked = work.misses >= rules.act_after_misses and not work.solved
    suspect = raised.get("struggle.suspect")
    asked = _asked(moment, config)
    twice = len(state.unresolved_s) >= 2
    if "frustrated" in raised and "unresolved" in raised and twice:
        return "setback"
    if spin is not None and spin.level == "confirmed":
        return "spinning"
    if "unresolved" in raised or "struggle.strong" in raised:
        return "unresolved"
    if "frustrated" in raised:
        return "frustrated"
    if suspect and (blocked or asked or now_s - suspect.since_s >= rules.act_after_s):
        return "suspect"
    if spin is not None:
        return "practising"
    if "bored" in raised:
        return "bored"
    if suspect or "confused" in raised:
        return "early"
    if moment.unsure:
        return "unsure"
    fast = performance == "high" and pace.run_since(state.pace, work) >= rules.faster_after_correct
    return "flow" if fast else None


def _asked(moment: Moment, config: EngineConfig) -> bool:
    return moment.now_s - moment.asked_s <= config.interruption.offer_lives_s


def _cause(situation: Situation, moment: Moment) -> AffectSignal | None:
    for kind in CAUSES[situation]:
        for signal in moment.signals:
            if signal.kind == kind and (kind != "wheelspin" or signal.skill == moment.work.skill):
                return signal
    return None


# --- offers --------------------------------------------------------------------------------------


def _offer(
    state: Pacing,
    situation: Situation,
    plan: Plan,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    late = moment.work.solved and situation in STEP_BOUND
    if plan.kind is None or late or _done(state, situation, moment, config):
        return state
    if plan.kind == "hint_glow":
        return _glow(state, situation, plan, moment, config, out)
    now_s = moment.now_s
    asked = _asked(moment, config)
    if interruption.refused_by(
        state.past, moment.work, now_s, config, submitted=moment.submitted, asked=asked
    ):
        return state
    choices = tuple(c for c in plan.choices if interruption.welcome(state.past, c, now_s, config))
    if not choices:
        least = FALLBACK.get(situation)
        if least is None or not interruption.welcome(state.past, least, now_s, config):
            return state
        choices = (least,)
    fits = interruption.welcome(state.past, plan.kind, now_s, config)
    whole = fits and choices == plan.choices
    kind = plan.kind if fits else choices[0]
    message = plan.message if whole else KIND_MESSAGES.get(kind, plan.message)
    cause = _cause(situation, moment)
    offer = _made(state, kind, "offer", message, now_s, config, choices, cause)
    out.append(offer)
    newest = dict(list(state.open.items())[-_REMEMBERED:])
    return replace(
        _mark_done(state, situation, moment),
        next_id=state.next_id + 1,
        past=interruption.offered(state.past, kind, now_s, config),
        open={**newest, offer.id: Open(kind, offer.signal)},
    )


def _glow(
    state: Pacing,
    situation: Situation,
    plan: Plan,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    if "hint_glow" not in config.adaptations:
        return state
    cause = _cause(situation, moment)
    out.append(_made(state, "hint_glow", "quiet", plan.message, moment.now_s, config, cause=cause))
    return replace(_mark_done(state, situation, moment), next_id=state.next_id + 1)


def _done(state: Pacing, situation: Situation, moment: Moment, config: EngineConfig) -> bool:
    at_s = state.done.get((situation, moment.work.step), float("-inf"))
    return moment.now_s - at_s < config.pacing.same_step_again_s


def _mark_done(state: Pacing, situation: Situation, moment: Moment) -> Pacing:
    newest = dict(list(state.done.items())[-_REMEMBERED:])
    return replace(state, done={**newest, (situation, moment.work.step): moment.now_s})


# --- the teacher ---------------------------------------------------------------------------------


def _flag(
    state: Pacing,
    situation: Situation,
    plan: Plan,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    if not plan.flag or "teacher_flag" not in config.adaptations:
        return state
    last_s = state.flags_s.get(plan.flag, float("-inf"))
    if moment.now_s - last_s < config.pacing.flag_again_s:
        return state
    cause = _cause(situation, moment)
    out.append(
        _made(state, "teacher_flag", "teacher", plan.flag, moment.now_s, config, cause=cause)
    )
    return replace(
        state,
        next_id=state.next_id + 1,
        flags_s={**state.flags_s, plan.flag: moment.now_s},
    )


# --- the pace ------------------------------------------------------------------------------------


def _pace(
    state: Pacing,
    plan: Plan,
    situation: Situation | None,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    moved, kind = pace.move(state.pace, plan.pace, moment.work, moment.now_s, config)
    state = replace(state, pace=moved)
    if kind is None:
        return state
    cause = _cause(situation, moment) if situation and plan.pace is not None else None
    message = PACE_MESSAGES[kind]
    out.append(_made(state, kind, "quiet", message, moment.now_s, config, cause=cause))
    return replace(state, next_id=state.next_id + 1)


def _made(
    state: Pacing,
    kind: AdaptationKind,
    mode: str,
    message: str,
    at_s: float,
    config: EngineConfig,
    choices: tuple[AdaptationKind, ...] = (),
    cause: AffectSignal | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Adaptation:
    return Adaptation(
        id=state.next_id,
        kind=kind,
        mode="offer" if mode == "offer" else "quiet" if mode == "quiet" else "teacher",
        at_s=at_s,
        expires_s=at_s + config.interruption.offer_lives_s,
        signal=cause.kind if cause else None,
        message=message,
        choices=choices,
        pace=state.pace.level,
        evidence=cause.evidence[:_MOST_REASONS] if cause else evidence,
    )
