"""From signals to Adaptations: the policy's table under the interruption budget (§9.6, §9.7).

About half of all signals are false alarms at the accuracy that science has reached, so the first
action is harmless if wrong, rare, and never over the learner's own doing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from tutor_emotion.core import distress, interruption, offers, pace
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.decisions import Open, Pacing, because, made
from tutor_emotion.core.plans import (
    DISTRESS_MESSAGE,
    MESSAGE_KEYS,
    PACE_MESSAGES,
    PLANS,
    SAFETY_MESSAGE,
    Plan,
    Situation,
)
from tutor_emotion.core.situations import Moment, band, situation
from tutor_emotion.core.types import Adaptation, Evidence, Outcome
from tutor_emotion.core.work import Work

__all__ = [
    "MESSAGE_KEYS",
    "Moment",
    "Pacing",
    "annoyed",
    "call",
    "called",
    "decide",
    "reply",
]


def decide(
    state: Pacing, moment: Moment, config: EngineConfig
) -> tuple[Pacing, tuple[Adaptation, ...]]:
    """The Adaptations of this moment: at most one offer, one quiet change, one flag."""
    now_s = moment.now_s
    state = _remember(state, moment, config)
    if now_s < state.past.hold_until_s:
        return state, ()
    counts = distress.sustained(state.distress, now_s, moment.work.last_action_s, config)
    if counts is not None:
        return call(state, "distress", now_s, moment.work, config, counts)
    if config.follows == "none":
        return state, ()
    out: list[Adaptation] = []
    performance = band(moment, config)
    twice = len(state.unresolved_s) >= 2
    now = situation(moment, performance, state.pace, twice, config)
    plan = PLANS[now].get(performance, Plan()) if now else Plan()
    if now:
        state = _flag(state, now, plan, moment, config, out)
        state = offers.decide(state, now, plan, moment, config, out)
    state = _pace(state, plan, now, moment, config, out)
    return state, tuple(out)


def _remember(state: Pacing, moment: Moment, config: EngineConfig) -> Pacing:
    now_s = moment.now_s
    again = [s.at_s for s in moment.raised if s.kind == "unresolved"]
    times = (*state.unresolved_s, *again)
    return replace(
        state,
        unresolved_s=tuple(t for t in times if now_s - t <= config.pacing.twice_in_s),
        distress=distress.watch(state.distress, moment.signals, now_s, config),
    )


def reply(state: Pacing, outcome: Outcome, config: EngineConfig) -> tuple[Pacing, Open | None]:
    """What the learner did with an offer; the offer that was answered, the first time only."""
    offer = state.open.get(outcome.adaptation)
    if offer is None:
        return state, None
    left = {k: v for k, v in state.open.items() if k != outcome.adaptation}
    past = interruption.replied(state.past, offer.kind, outcome.outcome, config)
    return replace(state, open=left, past=past), offer


def renumbered(state: Pacing, old: int, new: int) -> Pacing:
    """Adaptation ``old`` is known as ``new``; those to come are numbered on from there."""
    open_ = {new if number == old else number: offer for number, offer in state.open.items()}
    return replace(state, open=open_, next_id=max(state.next_id, new + 1))


# --- a person is called ---------------------------------------------------------------------------


def annoyed(state: Pacing, at_s: float, config: EngineConfig) -> Pacing:
    """After a message that says in words that it is too much."""
    return replace(state, distress=distress.annoyed(state.distress, at_s, config))


def call(
    state: Pacing,
    why: Literal["safety", "distress"],
    at_s: float,
    work: Work,
    config: EngineConfig,
    evidence: tuple[Evidence, ...] = (),
) -> tuple[Pacing, tuple[Adaptation, ...]]:
    """A person is called, whatever the policy allows; nothing automatic is done meanwhile."""
    past = replace(state.past, hold_until_s=at_s + config.pacing.safety_hold_s)
    held = replace(state, past=past, called=why, distress=distress.begin_anew(state.distress, at_s))
    message = SAFETY_MESSAGE if why == "safety" else DISTRESS_MESSAGE
    flag = made(held, "teacher_flag", "teacher", message, at_s, work, config, evidence=evidence)
    return replace(held, next_id=held.next_id + 1), (flag,)


def called(state: Pacing, now_s: float) -> Literal["", "safety", "distress"]:
    """Why a person is being called now; empty if nobody is."""
    return state.called if now_s < state.past.hold_until_s else ""


# --- the teacher ---------------------------------------------------------------------------------


def _flag(
    state: Pacing,
    now: Situation,
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
    out.append(because(state, "teacher_flag", "teacher", plan.flag, now, moment, config))
    return replace(
        state,
        next_id=state.next_id + 1,
        flags_s={**state.flags_s, plan.flag: moment.now_s},
    )


# --- the pace ------------------------------------------------------------------------------------


def _pace(
    state: Pacing,
    plan: Plan,
    now: Situation | None,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    # A signal that the work raised may be kept up by a face: that alone makes nothing slower.
    held = plan.pace is not None and plan.pace < 0 and not moment.grounded
    wanted = None if held else plan.pace
    moved, kind = pace.move(state.pace, wanted, moment.work, moment.now_s, config)
    state = replace(state, pace=moved)
    if kind is None:
        return state
    behind = now if wanted is not None else None
    out.append(because(state, kind, "quiet", PACE_MESSAGES[kind], behind, moment, config))
    return replace(state, next_id=state.next_id + 1)
