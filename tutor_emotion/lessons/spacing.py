"""When a finished skill is looked at again: FSRS, in whole days, the same for the same answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from fsrs import Card, Rating, Scheduler
from fsrs.card import CardDict

# FSRS counts in days. What comes sooner is the same lesson still, and no review.
A_DAY = timedelta(days=1)


def rating_of(*, unaided: bool, slow: bool) -> Rating:
    """Anki's four words: again, hard and good.

    Never easy: a quick right answer may be a guess, and easy sends a skill away for a week.
    """
    if not unaided:
        return Rating.Again
    return Rating.Hard if slow else Rating.Good


def reviewed(
    card: Mapping[str, Any], rating: Rating, at: datetime, *, retention: float, max_days: int
) -> tuple[dict[str, Any], datetime]:
    """The card after a review at ``at``, and when the skill is due again.

    An empty card, or one that cannot be read, begins anew. A clock that has gone back since the
    last review counts as no time.
    """
    now = at.astimezone(UTC)
    known = _read(card) or Card(card_id=0)
    if known.last_review is not None:
        known.last_review = min(known.last_review, now)
    after, _ = _scheduler(retention, max_days).review_card(known, rating, now)
    return dict(after.to_dict()), at + (after.due - now)


def is_new_day(card: Mapping[str, Any], at: datetime) -> bool:
    """Whether a day has gone by since the card was reviewed (or its clock was wrong)."""
    known = _read(card)
    if known is None or known.last_review is None:
        return True
    return not timedelta(0) <= at.astimezone(UTC) - known.last_review < A_DAY


def _read(card: Mapping[str, Any]) -> Card | None:
    try:
        known = Card.from_dict(cast(CardDict, dict(card)))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    is_whole = (
        known.last_review is not None
        and known.last_review.tzinfo is not None
        and 0.0 < (known.stability or 0.0) < math.inf
        and 1.0 <= (known.difficulty or 0.0) <= 10.0
    )
    return known if is_whole else None


@lru_cache(maxsize=4)
def _scheduler(retention: float, max_days: int) -> Scheduler:
    """Without steps of minutes, which are for cards, and without chance."""
    return Scheduler(
        desired_retention=retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=max_days,
        enable_fuzzing=False,
    )
