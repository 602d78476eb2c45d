"""The verbs of the lessons: mark an answer once, say where the learner is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tutor_emotion.errors import BadInput, TooFast, Unavailable
from tutor_emotion.lessons import mastery
from tutor_emotion.lessons.marking import MAX_ANSWER_CHARS, Marked, mark
from tutor_emotion.lessons.models import (
    SOLVING_KINDS,
    Attempt,
    Lesson,
    LessonAdaptation,
    Step,
    Variant,
)
from tutor_emotion.lessons.presenting import version

ATTEMPTS_IN_MINUTE = 40


# --- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """One answer as it came from a page. ``client_id`` was made there, once per answer.

    ``hints`` and ``revealed``: what the page had shown of this item before. ``version`` names what
    was seen of the question; empty, it is taken for the newest.
    """

    client_id: UUID
    step: str
    variant: int | None
    answer: str
    took_s: float
    hints: int = 0
    revealed: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer was marked, the question that it answers, and what was believed before."""

    marked: Marked
    item: Step | Variant
    expected_p: float | None


def mark_answer(learner_id: Any, lesson: Lesson, given: AnswerGiven) -> Answered:
    """Mark, and count it once: the same ``client_id`` again gets the first verdict again.

    Raises:
        BadInput: ``unknown_step``, ``unknown_variant``, ``step_changed`` (edited since it was
            shown), ``attempt_reused`` (the id was used for another question or answer).
        TooFast: ``too_fast``, more than ATTEMPTS_IN_MINUTE.
    """
    step, variant = _item(lesson, given)
    seen = Attempt.objects.filter(learner_id=learner_id, client_id=given.client_id).first()
    if seen is None and given.version not in ("", version(variant or step)):
        raise BadInput(
            "step_changed",
            "This step has just been changed.",
            hint="Have a look at it as it is now.",
        )
    marked = mark(variant or step, given.answer)
    if seen is None and marked.counted:
        seen = _count(learner_id, step, variant, given, marked)
    if seen is not None and _differs(seen, step, variant, given):
        raise BadInput("attempt_reused", "This attempt was used for another answer.")
    return Answered(marked, variant or step, seen.expected_p if seen else None)


def _count(
    learner_id: Any, step: Step, variant: Variant | None, given: AnswerGiven, marked: Marked
) -> Attempt:
    """Write a new attempt. Whatever else follows from an answer, once, follows here."""
    _refuse_haste(learner_id)
    attempt = Attempt(
        learner_id=learner_id,
        client_id=given.client_id,
        step=step,
        variant=variant,
        correct=marked.correct,
        verdict=marked.verdict,
        took_s=given.took_s,
        hints=given.hints,
        revealed=given.revealed,
    ).holding(answer=given.answer.strip()[:MAX_ANSWER_CHARS])
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
            mastery.record(attempt)
    except IntegrityError:
        # Posted twice at once, and the other one was first; or the step went while it was marked.
        seen = Attempt.objects.filter(learner_id=learner_id, client_id=given.client_id).first()
        if seen is None:
            raise _unknown_step() from None
        return seen
    return attempt


def _item(lesson: Lesson, given: AnswerGiven) -> tuple[Step, Variant | None]:
    step = lesson.steps.filter(slug=given.step).first()
    if step is None or not step.answer_kind:
        raise _unknown_step()
    if given.variant is None:
        return step, None
    of_skill = Q(of_skill__course_key=lesson.course_key, of_skill__key=step.skill)
    own = Variant.objects.filter(Q(step=step) | of_skill, pk=given.variant)
    variant = own.exclude(answer_kind="").first()
    if variant is None:
        raise BadInput("unknown_variant", "This step has no such item.", hint="Reload the page.")
    return step, variant


def _unknown_step() -> BadInput:
    return BadInput(
        "unknown_step", "This step is not in the lesson any more.", hint="Go on with the next one."
    )


def _differs(seen: Attempt, step: Step, variant: Variant | None, given: AnswerGiven) -> bool:
    return (
        seen.step_id != step.pk
        or seen.variant_id != (variant.pk if variant else None)
        or seen.answer != given.answer.strip()[:MAX_ANSWER_CHARS]
    )


def _refuse_haste(learner_id: Any) -> None:
    now = timezone.now()
    minute = (now - timedelta(minutes=1), now)  # a clock that was set back leaves rows ahead of it
    recent = Attempt.objects.filter(learner_id=learner_id, created_at__range=minute).count()
    if recent >= ATTEMPTS_IN_MINUTE:
        raise TooFast(60, "Too many answers in one minute.")


# --- where the learner is -----------------------------------------------------------------------


def solved_steps(learner_id: Any, lesson: Lesson) -> set[str]:
    """Slugs of the steps that the learner has answered rightly, themselves or a full sibling."""
    right = Attempt.objects.filter(learner_id=learner_id, step__lesson=lesson, correct=True)
    own = right.filter(variant__isnull=True)
    sibling = right.filter(variant__kind__in=SOLVING_KINDS)
    return set((own | sibling).values_list("step__slug", flat=True))


def record_carried_out(
    learner_id: Any, lesson: Lesson, number: int, *, kind: str, step: str
) -> LessonAdaptation:
    """Note that the learner's page has shown the newest Adaptation of this number.

    Raises:
        Unavailable: ``unknown_adaptation``; its row may still be on the way.
    """
    rows = LessonAdaptation.objects.filter(learner_id=learner_id, lesson=lesson, number=number)
    row = rows.order_by("-created_at", "-pk").first()
    if row is None:
        raise Unavailable("unknown_adaptation", "No such adaptation is known for this lesson.")
    if row.carried_out_at is None:
        row.carried_out_at, row.carried_out_as, row.step = timezone.now(), kind, step
        row.save(update_fields=["carried_out_at", "carried_out_as", "step"])
    return row
