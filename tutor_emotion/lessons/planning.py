"""What an import would change: what is new, changed or goes, and the answers that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.utils.translation import gettext as _

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content.spec import Course
from tutor_emotion.lessons.content.spec import Lesson as LessonSpec
from tutor_emotion.lessons.content.spec import Step as StepSpec
from tutor_emotion.lessons.exporting import SIBLING_KINDS, skill_of_row, step_of_row
from tutor_emotion.lessons.models import Attempt, Lesson, LessonCourse, Skill, Step

How: TypeAlias = Literal["new", "changed", "goes"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import writes. ``answers``: how many answers of learners go with it."""

    how: How
    what: Literal["course", "lesson", "skill", "step", "item"]
    name: str
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do; nothing to do where ``changes`` is empty."""

    course: Course
    changes: tuple[Change, ...]

    @property
    def answers_lost(self) -> int:
        return sum(change.answers for change in self.changes)


def plan(course: Course) -> Plan:
    """What ``load`` would write.

    Raises:
        BadInput: ``lesson_taken``, a lesson of this name belongs to another course.
    """
    slugs = [lesson.slug for lesson in course.lessons]
    taken = Lesson.objects.filter(slug__in=slugs).exclude(course_key=course.key).first()
    if taken is not None:
        where = {"slug": taken.slug, "course": taken.course_key}
        raise BadInput(
            "lesson_taken",
            _("The lesson “%(slug)s” belongs to the course “%(course)s”.") % where,
            hint=_("Name the folder of the lesson otherwise."),
        )
    return Plan(
        course, (*_course_changes(course), *_skill_changes(course), *_lesson_changes(course))
    )


def _course_changes(course: Course) -> Iterator[Change]:
    row = LessonCourse.objects.filter(key=course.key).values(*course_fields(course)).first()
    if row is None:
        yield Change("new", "course", course.key)
    elif row != course_fields(course):
        yield Change("changed", "course", course.key)


def _skill_changes(course: Course) -> Iterator[Change]:
    rows = {
        row.key: row
        for row in Skill.objects.filter(course_key=course.key).prefetch_related("items")
    }
    for key, skill in course.skills.items():
        if key not in rows:
            yield Change("new", "skill", key)
            continue
        if _said(skill_of_row, rows[key]) != skill:
            yield Change("changed", "skill", key)
        if skill.item is None and rows[key].items.all():
            lost = Attempt.objects.filter(variant__of_skill=rows[key]).count()
            yield Change("goes", "item", f"{key}.prerequisite_item", lost)
    for key in rows.keys() - course.skills.keys():
        answers = Attempt.objects.filter(variant__of_skill=rows[key]).count()
        yield Change("goes", "skill", key, answers + rows[key].masteries.count())


def _lesson_changes(course: Course) -> Iterator[Change]:
    rows = {row.slug: row for row in Lesson.objects.filter(course_key=course.key)}
    for lesson in course.lessons:
        row = rows.get(lesson.slug)
        if row is None:
            yield Change("new", "lesson", lesson.slug)
        elif any(getattr(row, k) != v for k, v in lesson_fields(course, lesson).items()):
            yield Change("changed", "lesson", lesson.slug)
        yield from _step_changes(lesson, row)
    for slug in rows.keys() - {lesson.slug for lesson in course.lessons}:
        answers = Attempt.objects.filter(step__lesson=rows[slug]).count()
        yield Change("goes", "lesson", slug, answers)


def _step_changes(lesson: LessonSpec, row: Lesson | None) -> Iterator[Change]:
    found = row.steps.prefetch_related("variants") if row else Step.objects.none()
    rows = {step.slug: step for step in found}
    for order, step in enumerate(lesson.steps):
        name = f"{lesson.slug}/{step.slug}"
        old = rows.get(step.slug)
        if old is None:
            yield Change("new", "step", name)
            continue
        if old.order != order or _said(step_of_row, old) != step:
            yield Change("changed", "step", name)
        for kind in _gone_kinds(step, old):
            lost = Attempt.objects.filter(step=old, variant__kind=kind).count()
            yield Change("goes", "item", f"{name}.{kind}", lost)
    for slug in rows.keys() - {step.slug for step in lesson.steps}:
        answers = rows[slug].attempts.count()
        yield Change("goes", "step", f"{lesson.slug}/{slug}", answers)


def _gone_kinds(step: StepSpec, row: Step) -> list[str]:
    """Siblings of the row that the file has no longer."""
    there = {variant.kind for variant in row.variants.all()}
    return [
        kind
        for name, kind in SIBLING_KINDS.items()
        if kind in there and getattr(step, name) is None
    ]


def _said(tell: Any, row: Skill | Step) -> Any:
    """The row as a file would tell it; None where it cannot, and so surely differs."""
    try:
        return tell(row)
    except BadInput:
        return None


def course_fields(course: Course) -> dict[str, Any]:
    return course.model_dump(include={"title", "summary", "language", "description"})


def lesson_fields(course: Course, lesson: LessonSpec) -> dict[str, Any]:
    return {
        **lesson.model_dump(include={"title", "summary", "order", "introduction"}),
        "language": lesson.language or course.language,
    }
