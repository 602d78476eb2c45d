"""What one answer does to what is believed of one skill: pure, so that it can be done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tutor_emotion.api import Knowledge
from tutor_emotion.conf import Settings
from tutor_emotion.lessons.spacing import is_new_day, rating_of, reviewed


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer that counts. ``unaided``: right, and nothing had been shown before."""

    unaided: bool
    revealed: bool
    slow: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Belief:
    """The fields of a ``Mastery`` row."""

    p_known: float
    answers: int = 0
    right: int = 0
    run: int = 0
    mastered_at: datetime | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


def is_review(belief: Belief, at: datetime) -> bool:
    """Whether an answer at ``at`` asks if a finished skill is still there."""
    if belief.mastered_at is None:
        return False
    is_due = belief.due_at is None or at >= belief.due_at
    return is_due or is_new_day(belief.card, at)


def after(belief: Belief, evidence: Evidence, knowledge: Knowledge, settings: Settings) -> Belief:
    """What is believed next.

    An answer that had been shown says nothing about knowledge; at a review it says that the
    skill was not there by itself. A skill that was finished stays so: what has faded comes back
    by its reviews.
    """
    traced = belief if evidence.revealed else _traced(belief, evidence, knowledge)
    if belief.mastered_at is None:
        finished = traced.p_known >= settings.MASTERED_P and traced.run >= settings.MASTERED_RUN
        return _scheduled(traced, evidence, settings) if finished else traced
    return _scheduled(traced, evidence, settings) if is_review(belief, evidence.at) else traced


def _traced(belief: Belief, evidence: Evidence, knowledge: Knowledge) -> Belief:
    return replace(
        belief,
        p_known=knowledge.update(belief.p_known, evidence.unaided),
        answers=belief.answers + 1,
        right=belief.right + evidence.unaided,
        run=belief.run + 1 if evidence.unaided else 0,
    )


def _scheduled(belief: Belief, evidence: Evidence, settings: Settings) -> Belief:
    card, due_at = reviewed(
        belief.card,
        rating_of(unaided=evidence.unaided, slow=evidence.slow),
        evidence.at,
        retention=settings.REVIEW_RETENTION,
        max_days=settings.REVIEW_MAX_DAYS,
    )
    mastered_at = belief.mastered_at or evidence.at
    run = belief.run if evidence.unaided else 0
    return replace(belief, mastered_at=mastered_at, card=card, due_at=due_at, run=run)
