"""From signals to Adaptations: the policy's table under the interruption budget (§9.6, §9.7).

About half of all signals are false alarms at the accuracy that science has reached, so the first
action is harmless if wrong, rare, and never over the learner's own doing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.plans import (
    CAUSES,
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

__all__ = ["MESSAGE_KEYS", "Pacing", "decide", "refused_by", "reply", "safety_flag"]

_HOUR_S = 3600.0
_TEN_MIN_S = 600.0
_MOST_REASONS = 3
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class KindMemory:
    """How the learner took one kind of offer. ``dismissed`` counts in a row; taking one resets."""

    cooldown_s: float
    offered_s: float = -math.inf
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that may still be answered."""

    kind: AdaptationKind
    signal: SignalKind | None


@dataclass(frozen=True, slots=True)
class Pacing:
    next_id: int = 1
    pace: int = 0
    pace_s: float = -math.inf
    offers_s: tuple[float, ...] = ()  # of the last hour
    kinds: Mapping[AdaptationKind, KindMemory] = field(default_factory=dict)
    open: Mapping[int, Open] = field(default_factory=dict)
    done: Mapping[tuple[Situation, str], float] = field(default_factory=dict)  # by step
    flags_s: Mapping[str, float] = field(default_factory=dict)
    unresolved_s: tuple[float, ...] = ()
    hard_line_s: float = -math.inf
    hold_until_s: float = -math.inf
    run_at_change: int = 0  # correct answers in a row when the pace last changed


@dataclass(frozen=True, slots=True)
class Moment:
    """What pacing decides upon. ``submitted``: the learner has just handed something in;
    ``asked_s``: when they last said themselves that they are stuck."""

    now_s: float
    work: Work
    signals: Sequence[AffectSignal]  # raised now
    raised: Sequence[AffectSignal]  # raised in this very step
    submitted: bool = False
    asked_s: float = -math.inf
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
        offers_s=tuple(t for t in state.offers_s if now_s - t < _HOUR_S),
    )
    out: list[Adaptation] = []
    spinning = any(s.kind == "wheelspin" and s.skill == moment.work.skill for s in moment.signals)
    known = moment.work.performance(spinning, config)
    performance: Performance = "mid" if known == "unknown" else known
    situation = _situation(state, moment, performance, config)
    plan = PLANS[situation].get(performance, Plan()) if situation else Plan()
    if situation and now_s >= state.hold_until_s:
        state = _flag(state, situation, plan, moment, config, out)
        state = _offer(state, situation, plan, moment, config, out)
    state = _pace(state, plan, situation, moment, config, out)
    return state, tuple(out)


def reply(state: Pacing, outcome: Outcome, config: EngineConfig) -> tuple[Pacing, Open | None]:
    """What the learner did with an offer; the offer that was answered, the first time only."""
    offer = state.open.get(outcome.adaptation)
    if offer is None:
        return state, None
    rules = config.interruption
    was = state.kinds.get(offer.kind, KindMemory(rules.kind_cooldown_s))
    now = was
    if outcome.outcome == "taken":
        now = replace(was, cooldown_s=rules.kind_cooldown_s, dismissed=0)
    elif outcome.outcome in ("dismissed", "wrong"):
        doubled = min(2 * was.cooldown_s, rules.kind_cooldown_max_s)
        now = replace(was, cooldown_s=doubled, dismissed=was.dismissed + 1)
    left = {k: v for k, v in state.open.items() if k != outcome.adaptation}
    return replace(state, open=left, kinds={**state.kinds, offer.kind: now}), offer


def safety_flag(
    state: Pacing, at_s: float, evidence: tuple[Evidence, ...], config: EngineConfig
) -> tuple[Pacing, tuple[Adaptation, ...]]:
    """A person is called at once, whatever the policy allows, and no offer is made meanwhile."""
    held = replace(state, hold_until_s=at_s + config.pacing.safety_hold_s)
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
    asked = now_s - moment.asked_s <= config.interruption.offer_lives_s
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
    run = work.run_correct - state.run_at_change
    fast = performance == "high" and run >= rules.faster_after_correct
    return "flow" if fast else None


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
    if refused_by(state, moment, config):
        return state
    choices = tuple(c for c in plan.choices if _welcome(state, c, moment, config))
    if not choices:
        return state
    whole = choices == plan.choices and _welcome(state, plan.kind, moment, config)
    kind = plan.kind if whole or _welcome(state, plan.kind, moment, config) else choices[0]
    now_s = moment.now_s
    message = plan.message if whole else KIND_MESSAGES.get(kind, plan.message)
    cause = _cause(situation, moment)
    offer = _made(state, kind, "offer", message, now_s, config, choices, cause)
    out.append(offer)
    memory = state.kinds.get(kind, KindMemory(config.interruption.kind_cooldown_s))
    newest = dict(list(state.open.items())[-_REMEMBERED:])
    return replace(
        _mark_done(state, situation, moment),
        next_id=state.next_id + 1,
        offers_s=(*state.offers_s, now_s),
        kinds={**state.kinds, kind: replace(memory, offered_s=now_s)},
        open={**newest, offer.id: Open(kind, offer.signal)},
        hard_line_s=now_s if kind == "encouragement" else state.hard_line_s,
    )


def refused_by(state: Pacing, moment: Moment, config: EngineConfig) -> str:
    """Which rule of the interruption budget forbids an offer now; empty if none does."""
    rules, now_s, work = config.interruption, moment.now_s, moment.work
    asked = now_s - moment.asked_s <= rules.offer_lives_s
    if now_s < rules.quiet_start_s and not asked:
        return "quiet_start"
    if work.answers < rules.quiet_answers and not asked:
        return "quiet_items"
    if now_s < state.hold_until_s:
        return "held"
    if state.offers_s and now_s - state.offers_s[-1] < rules.offer_every_s:
        return "too_soon"
    if sum(now_s - t < _TEN_MIN_S for t in state.offers_s) >= rules.offers_in_10_min:
        return "ten_minutes"
    if len(state.offers_s) >= rules.offers_in_hour:
        return "hour"
    return "busy" if _busy(moment, config) else ""


def _busy(moment: Moment, config: EngineConfig) -> bool:
    """Typing, speaking or playing, and the pause after it; a submission ends it at once."""
    rules, work = config.interruption, moment.work
    if moment.submitted or work.busy_s is None:
        return False
    passed_s = moment.now_s - work.busy_s
    if work.busy == "none":
        return passed_s < rules.pause_s
    forgotten_s = rules.playing_forgotten_s if work.busy == "playing" else rules.busy_forgotten_s
    return passed_s < forgotten_s


def _welcome(state: Pacing, kind: AdaptationKind, moment: Moment, config: EngineConfig) -> bool:
    """Whether the policy allows this kind and the learner has not had enough of it."""
    if kind not in config.adaptations:
        return False
    if kind == "break" and moment.now_s < config.pacing.break_after_s:
        return False
    if kind == "encouragement" and (
        moment.now_s - state.hard_line_s < config.pacing.hard_line_every_s
    ):
        return False
    memory = state.kinds.get(kind)
    if memory is None:
        return True
    rested = moment.now_s - memory.offered_s >= memory.cooldown_s
    return memory.dismissed < config.interruption.dismissals_off and rested


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
    at_s = state.done.get((situation, moment.work.step), -math.inf)
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
    last_s = state.flags_s.get(plan.flag, -math.inf)
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
    """One level towards the plan's pace, or back to 0; at most one level a minute."""
    work, now_s = moment.work, moment.now_s
    if work.run_correct < state.run_at_change:
        state = replace(state, run_at_change=0)  # the run was broken; count anew
    target = _target(state, plan, work, config)
    if target == state.pace or not config.quiet_pace:
        return state
    if now_s - state.pace_s < config.pacing.level_every_s:
        return state
    pace = state.pace + (1 if target > state.pace else -1)
    kind = _pace_kind(state.pace, pace, config)
    if kind is None:
        return state
    cause = _cause(situation, moment) if situation and plan.pace is not None else None
    away = abs(pace) > abs(state.pace)  # the way back to 0 is one, however many levels it has
    run = work.run_correct if away else state.run_at_change
    changed = replace(state, pace=pace, pace_s=now_s, run_at_change=run)
    out.append(_made(changed, kind, "quiet", PACE_MESSAGES[kind], now_s, config, cause=cause))
    return replace(changed, next_id=changed.next_id + 1)


def _target(state: Pacing, plan: Plan, work: Work, config: EngineConfig) -> int:
    if plan.pace is not None and plan.pace < 0:
        return min(plan.pace, state.pace)
    if plan.pace is not None and state.pace >= 0:
        return max(plan.pace, state.pace)
    run = work.run_correct - state.run_at_change
    if state.pace < 0 and run >= config.pacing.back_after_correct:
        return 0
    missed = state.pace > 0 and work.run_correct == 0 and work.answers > 0
    return 0 if missed else state.pace


def _pace_kind(before: int, after: int, config: EngineConfig) -> AdaptationKind | None:
    """The kind by which this change goes out; None if the policy has none for it."""
    allowed = config.adaptations
    if after < before:
        if after <= -2 and "segment" in allowed:
            return "segment"
        back: AdaptationKind | None = "speed_up" if after >= 0 and "speed_up" in allowed else None
        return "slow_down" if "slow_down" in allowed else back
    if after > 0 or "speed_up" in allowed:
        return "speed_up" if "speed_up" in allowed else None
    # Coming back to the usual pace undoes a change of ours, by the kind that made it.
    return "slow_down" if "slow_down" in allowed else "segment" if "segment" in allowed else None


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
        pace=state.pace,
        evidence=cause.evidence[:_MOST_REASONS] if cause else evidence,
    )
