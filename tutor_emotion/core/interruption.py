"""When a learner may be spoken to: the interruption budget and its back-off (§9.7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import AdaptationKind
from tutor_emotion.core.work import Work

_HOUR_S = 3600.0
_TEN_MIN_S = 600.0


@dataclass(frozen=True, slots=True)
class KindMemory:
    """How the learner took one kind of offer. ``dismissed`` counts in a row; taking one resets."""

    cooldown_s: float
    offered_s: float = -math.inf
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Interruptions:
    """The offers of the last hour, each kind's memory, and until when nothing is offered."""

    offers_s: tuple[float, ...] = ()
    kinds: Mapping[AdaptationKind, KindMemory] = field(default_factory=dict)
    hard_line_s: float = -math.inf
    hold_until_s: float = -math.inf


def refused_by(
    past: Interruptions,
    work: Work,
    now_s: float,
    config: EngineConfig,
    *,
    submitted: bool = False,
    asked: bool = False,
) -> str:
    """Which rule forbids an offer now; empty if none does.

    ``submitted``: the learner has just handed something in. ``asked``: they have said themselves
    that they are stuck, so the quiet start does not apply.
    """
    rules = config.interruption
    if now_s < rules.quiet_start_s and not asked:
        return "quiet_start"
    if work.answers < rules.quiet_answers and not asked:
        return "quiet_items"
    if now_s < past.hold_until_s:
        return "held"
    if past.offers_s and now_s - past.offers_s[-1] < rules.offer_every_s:
        return "too_soon"
    if sum(now_s - t < _TEN_MIN_S for t in past.offers_s) >= rules.offers_in_10_min:
        return "ten_minutes"
    if sum(now_s - t < _HOUR_S for t in past.offers_s) >= rules.offers_in_hour:
        return "hour"
    return "" if submitted or not _busy(work, now_s, config) else "busy"


def _busy(work: Work, now_s: float, config: EngineConfig) -> bool:
    """Typing, speaking or playing, and the short pause after it."""
    rules = config.interruption
    if work.busy_s is None:
        return False
    passed_s = now_s - work.busy_s
    if work.busy == "none":
        return passed_s < rules.pause_s
    long_s = rules.playing_forgotten_s if work.busy == "playing" else rules.busy_forgotten_s
    return passed_s < long_s


def welcome(past: Interruptions, kind: AdaptationKind, now_s: float, config: EngineConfig) -> bool:
    """Whether the policy allows this kind and the learner has not had enough of it."""
    if kind not in config.adaptations:
        return False
    if kind == "break" and now_s < config.pacing.break_after_s:
        return False
    if kind == "encouragement" and now_s - past.hard_line_s < config.pacing.hard_line_every_s:
        return False
    memory = past.kinds.get(kind)
    if memory is None:
        return True
    rested = now_s - memory.offered_s >= memory.cooldown_s
    return rested and memory.dismissed < config.interruption.dismissals_off


def offered(
    past: Interruptions,
    kind: AdaptationKind,
    now_s: float,
    config: EngineConfig,
    *,
    hard_line: bool = False,
) -> Interruptions:
    """After an offer of ``kind``. ``hard_line``: its words named the step as hard."""
    recent = tuple(t for t in past.offers_s if now_s - t < _HOUR_S)
    memory = past.kinds.get(kind, KindMemory(config.interruption.kind_cooldown_s))
    return replace(
        past,
        offers_s=(*recent, now_s),
        kinds={**past.kinds, kind: replace(memory, offered_s=now_s)},
        hard_line_s=now_s if hard_line else past.hard_line_s,
    )


def replied(
    past: Interruptions,
    kind: AdaptationKind,
    outcome: Literal["taken", "dismissed", "ignored", "wrong"],
    config: EngineConfig,
) -> Interruptions:
    """After the learner's reply: a dismissal doubles the kind's cooldown, taking it resets it."""
    rules = config.interruption
    was = past.kinds.get(kind, KindMemory(rules.kind_cooldown_s))
    if outcome == "taken":
        now = replace(was, cooldown_s=rules.kind_cooldown_s, dismissed=0)
    elif outcome in ("dismissed", "wrong"):
        doubled = min(2 * was.cooldown_s, rules.kind_cooldown_max_s)
        now = replace(was, cooldown_s=doubled, dismissed=was.dismissed + 1)
    else:
        return past
    return replace(past, kinds={**past.kinds, kind: now})
