"""The pace level, -2 slowest .. +2 fastest: one level a minute at most, and back to 0 (§9.6)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tutor_emotion.core.config import EngineConfig, PacingConfig
from tutor_emotion.core.types import AdaptationKind
from tutor_emotion.core.work import Work


@dataclass(frozen=True, slots=True)
class Pace:
    """``run_at_change``: correct answers in a row when the level last went away from 0."""

    level: int = 0
    changed_s: float = -math.inf
    run_at_change: int = 0


@dataclass(frozen=True, slots=True)
class Effects:
    """What a pace level changes in a lesson (§9.6).

    ``segment``: share of a segment's usual length; ``wait``: share of an item's usual time before
    a hint is offered unasked; ``examples`` before practice; ``review``: items before one of review.
    """

    segment: float
    wait: float
    examples: int
    review: int


def effects(level: int, rules: PacingConfig) -> Effects:
    """What ``level`` (-2..+2; beyond that, the last one) means under this policy."""
    i = max(-2, min(2, level)) + 2
    return Effects(
        rules.segment_share[i],
        rules.wait_share[i],
        int(rules.examples_first[i]),
        int(rules.items_before_review[i]),
    )


def wait_s(pace: Pace, work: Work, config: EngineConfig) -> float:
    """For how long nothing may be done on this item before a hint is offered unasked."""
    rules = config.pacing
    usual_s = work.expected_s or rules.wait_unknown_s
    return max(rules.wait_least_s, effects(pace.level, rules).wait * usual_s)


def run_since(pace: Pace, work: Work) -> int:
    """Correct answers in a row since the level last went away from 0."""
    broken = work.run_correct < pace.run_at_change
    return work.run_correct if broken else work.run_correct - pace.run_at_change


def move(
    pace: Pace, wanted: int | None, work: Work, now_s: float, config: EngineConfig
) -> tuple[Pace, AdaptationKind | None]:
    """One level towards what is wanted (None: nothing is), and the kind it goes out as, if any."""
    if work.run_correct < pace.run_at_change:
        pace = replace(pace, run_at_change=0)
    target = _target(pace, wanted, work, config)
    if target == pace.level or not config.quiet_pace:
        return pace, None
    if now_s - pace.changed_s < config.pacing.level_every_s:
        return pace, None
    level = pace.level + (1 if target > pace.level else -1)
    kind = _kind(pace.level, level, config)
    if kind is None:
        return pace, None
    away = abs(level) > abs(pace.level)  # the way back to 0 is one, however many levels it has
    return Pace(level, now_s, work.run_correct if away else pace.run_at_change), kind


def _target(pace: Pace, wanted: int | None, work: Work, config: EngineConfig) -> int:
    if wanted is not None and wanted < 0:
        return min(wanted, pace.level)
    if wanted is not None and pace.level >= 0:
        return max(wanted, pace.level)
    if pace.level < 0 and run_since(pace, work) >= config.pacing.back_after_correct:
        return 0
    missed = pace.level > 0 and work.run_correct == 0 and work.answers > 0
    return 0 if missed else pace.level


def _kind(before: int, after: int, config: EngineConfig) -> AdaptationKind | None:
    """The kind of this change. Coming back to 0 may go out as the kind that led away from it."""
    slower: tuple[AdaptationKind, ...] = ("slow_down",)
    if after <= -2:
        slower = ("segment", "slow_down")
    faster: tuple[AdaptationKind, ...] = ("speed_up",)
    if after < before:
        kinds = slower if after < 0 else (*slower, *faster)
    else:
        kinds = faster if after > 0 else (*faster, "slow_down", "segment")
    return next((kind for kind in kinds if kind in config.adaptations), None)
