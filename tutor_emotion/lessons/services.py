"""The verbs of the lessons: load a file, mark an answer once, say where the learner is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.lessons import mastery
from tutor_emotion.lessons.content import (
    SIBLINGS,
    LessonSpec,
    Sibling,
    StepSpec,
    asked,
    read_lesson,
)
from tutor_emotion.lessons.marking import MAX_ANSWER_CHARS, Marked, mark
from tutor_emotion.lessons.models import Attempt, Lesson, LessonAdaptation, Step, Variant

ATTEMPTS_IN_MINUTE = 40
VARIANT_FIELDS = [
    field.name
    for field in Variant._meta.concrete_fields
    if field.name not in ("id", "step", "kind", "order")
]
# A right answer to one of these shows the skill of the step itself; an easier one only leads to it.
SOLVING_KINDS = ("similar_item", "harder_item")


# --- content ------------------------------------------------------------------------------------


def load_lesson(path: Path) -> tuple[Lesson, bool]:
    """Write a lesson file to the database; (lesson, whether anything changed).

    Steps and variants keep their rows by slug and by (kind, order), and so their attempts; what
    is no longer in the file goes.

    Raises:
        BadInput: ``bad_lesson``.
    """
    spec, digest = read_lesson(path)
    with transaction.atomic():
        lesson = Lesson.objects.filter(slug=spec.slug).first() or Lesson(slug=spec.slug)
        if lesson.digest == digest:
            return lesson, False
        lesson.course_key, lesson.title, lesson.summary = spec.course, spec.title, spec.summary
        lesson.order, lesson.digest = spec.order, digest
        lesson.language = spec.language
        lesson.skills = {key: skill.name for key, skill in spec.skills.items()}
        lesson.save()
        for order, step in enumerate(spec.steps):
            _write_step(lesson, spec, step, order)
        lesson.steps.exclude(slug__in=[step.slug for step in spec.steps]).delete()
    return lesson, True


def _write_step(lesson: Lesson, spec: LessonSpec, step: StepSpec, order: int) -> None:
    row, _ = Step.objects.update_or_create(
        lesson=lesson,
        slug=step.slug,
        defaults={
            **asked(step),
            "order": order,
            "title": step.title,
            "skill": step.skill,
            "difficulty": step.difficulty,
            "expected_s": step.expected_s,
            "strategy": step.strategy,
        },
    )
    rows = [Variant(step=row, **fields) for fields in _variants(step, spec)]
    Variant.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["step", "kind", "order"],
        update_fields=VARIANT_FIELDS,
    )
    kept = {(variant.kind, variant.order) for variant in rows}
    for variant in row.variants.all():
        if (variant.kind, variant.order) not in kept:
            variant.delete()


def _variants(step: StepSpec, spec: LessonSpec) -> Iterator[dict[str, Any]]:
    for level, hint in enumerate(step.hints):
        yield {"kind": "hint", "order": level, "prompt": hint}
    yield {"kind": "segmented", "prompt": step.segmented.strip()}
    yield {"kind": "worked_step", "prompt": step.worked_step.strip()}
    yield {"kind": "extra_example", "prompt": step.extra_example.strip()}
    siblings: dict[str, Sibling] = {kind: getattr(step, kind) for kind in SIBLINGS}
    siblings["prerequisite_item"] = spec.skills[step.skill].prerequisite_item
    for kind, sibling in siblings.items():
        difficulty = step.difficulty if sibling.difficulty is None else sibling.difficulty
        yield {
            **asked(sibling),
            "kind": kind,
            "help": sibling.help,
            "difficulty": difficulty,
        }


# --- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """One answer as it came from a page. ``client_id`` was made there, once per answer.

    ``hints`` and ``revealed``: what the page had shown of this item before.
    """

    client_id: UUID
    step: str
    variant: int | None
    answer: str
    took_s: float
    hints: int = 0
    revealed: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer was marked, the question that it answers, and what was believed before."""

    marked: Marked
    item: Step | Variant
    expected_p: float | None


def mark_answer(learner_id: Any, lesson: Lesson, given: AnswerGiven) -> Answered:
    """Mark, and count it once: the same ``client_id`` again gets the first verdict again.

    Raises:
        BadInput: ``unknown_step``, ``unknown_variant``, ``attempt_reused`` (the id was used for
            another question or answer).
        Unavailable: ``too_fast``, more than ATTEMPTS_IN_MINUTE.
    """
    step, variant = _item(lesson, given)
    marked = mark(variant or step, given.answer)
    seen = Attempt.objects.filter(learner_id=learner_id, client_id=given.client_id).first()
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
    with transaction.atomic():
        attempt, is_new = Attempt.objects.get_or_create(
            learner_id=learner_id,
            client_id=given.client_id,
            defaults={
                "step": step,
                "variant": variant,
                "answer": given.answer.strip()[:MAX_ANSWER_CHARS],
                "correct": marked.correct,
                "verdict": marked.verdict,
                "took_s": given.took_s,
                "hints": given.hints,
                "revealed": given.revealed,
            },
        )
        if is_new:
            mastery.record(attempt)
    return attempt


def _item(lesson: Lesson, given: AnswerGiven) -> tuple[Step, Variant | None]:
    step = lesson.steps.filter(slug=given.step).first()
    if step is None:
        raise BadInput("unknown_step", "This lesson has no such step.", hint="Reload the page.")
    if given.variant is None:
        return step, None
    variant = step.variants.filter(pk=given.variant).exclude(answer_kind="").first()
    if variant is None:
        raise BadInput("unknown_variant", "This step has no such item.", hint="Reload the page.")
    return step, variant


def _differs(seen: Attempt, step: Step, variant: Variant | None, given: AnswerGiven) -> bool:
    return (
        seen.step_id != step.pk
        or seen.variant_id != (variant.pk if variant else None)
        or seen.answer != given.answer.strip()[:MAX_ANSWER_CHARS]
    )


def _refuse_haste(learner_id: Any) -> None:
    since = timezone.now() - timedelta(minutes=1)
    recent = Attempt.objects.filter(learner_id=learner_id, created_at__gte=since).count()
    if recent >= ATTEMPTS_IN_MINUTE:
        raise Unavailable(
            "too_fast", "Too many answers in one minute.", hint="Wait a moment, then go on."
        )


# --- where the learner is -----------------------------------------------------------------------


def solved_steps(learner_id: Any, lesson: Lesson) -> set[str]:
    """Slugs of the steps that the learner has answered rightly, themselves or a full sibling."""
    right = Attempt.objects.filter(learner_id=learner_id, step__lesson=lesson, correct=True)
    own = right.filter(variant__isnull=True)
    sibling = right.filter(variant__kind__in=SOLVING_KINDS)
    return set((own | sibling).values_list("step__slug", flat=True))


def next_step(slugs: Iterable[str], solved: set[str], after: str | None = None) -> str | None:
    """The first unsolved step after ``after``, else the first unsolved one, else None."""
    order = list(slugs)
    start = order.index(after) + 1 if after in order else 0
    return next((slug for slug in order[start:] + order[:start] if slug not in solved), None)


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
