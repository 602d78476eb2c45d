"""What a plan says to the learner, under the interruption budget (§9.7)."""

from __future__ import annotations

from dataclasses import replace

from tutor_emotion.core import distress, interruption
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.decisions import Open, Pacing, because
from tutor_emotion.core.plans import (
    FALLBACK,
    HARD_LINES,
    KIND_MESSAGES,
    QUIET,
    STEP_BOUND,
    Plan,
    Situation,
)
from tutor_emotion.core.situations import Moment, asked
from tutor_emotion.core.types import Adaptation, AdaptationKind

REMEMBERED = 64


def decide(
    state: Pacing,
    now: Situation,
    plan: Plan,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    """What the plan offers or does quietly, if this is a moment for it."""
    late = moment.work.solved and now in STEP_BOUND
    if plan.kind is None or late or _done(state, now, moment, config):
        return state
    if plan.kind in QUIET:
        return _quiet(state, now, plan.kind, plan.message, moment, config, out)
    now_s, past = moment.now_s, state.past
    if interruption.refused_by(
        past, moment.work, now_s, config, submitted=moment.submitted, asked=asked(moment, config)
    ):
        return state
    choices = tuple(c for c in plan.choices if interruption.welcome(past, c, now_s, config))
    if not choices:
        least = FALLBACK.get(now)
        if least is None or not interruption.welcome(past, least, now_s, config):
            return state
        choices = (least,)
    fits = interruption.welcome(past, plan.kind, now_s, config)
    kind = plan.kind if fits else choices[0]
    whole = fits and choices == plan.choices and not _hard_again(state, plan, now_s, config)
    message = plan.message if whole else KIND_MESSAGES.get(kind, plan.message)
    items = config.pacing.easier_items if "easier_item" in choices else 1
    made = because(state, kind, "offer", message, now, moment, config)
    out.append(replace(made, choices=choices, items=items))
    newest = dict(list(state.open.items())[-REMEMBERED:])
    return replace(
        _mark_done(state, now, moment),
        next_id=state.next_id + 1,
        past=interruption.offered(past, kind, now_s, config, hard_line=message in HARD_LINES),
        open={**newest, made.id: Open(kind, made.signal)},
        distress=distress.offered(state.distress),
    )


def _hard_again(state: Pacing, plan: Plan, now_s: float, config: EngineConfig) -> bool:
    recent = now_s - state.past.hard_line_s < config.pacing.hard_line_every_s
    return plan.message in HARD_LINES and recent


def _quiet(
    state: Pacing,
    now: Situation,
    kind: AdaptationKind,
    message: str,
    moment: Moment,
    config: EngineConfig,
    out: list[Adaptation],
) -> Pacing:
    if kind not in config.adaptations:
        return state
    out.append(because(state, kind, "quiet", message, now, moment, config))
    return replace(_mark_done(state, now, moment), next_id=state.next_id + 1)


def _done(state: Pacing, now: Situation, moment: Moment, config: EngineConfig) -> bool:
    at_s = state.done.get((now, moment.work.step), float("-inf"))
    return moment.now_s - at_s < config.pacing.same_step_again_s


def _mark_done(state: Pacing, now: Situation, moment: Moment) -> Pacing:
    newest = dict(list(state.done.items())[-REMEMBERED:])
    return replace(state, done={**newest, (now, moment.work.step): moment.now_s})
