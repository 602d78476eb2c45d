"""``content.Course`` → rows, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tutor_emotion import api as plugin
from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content.asking import asked
from tutor_emotion.lessons.content.spec import Course, Sibling
from tutor_emotion.lessons.content.spec import Lesson as LessonSpec
from tutor_emotion.lessons.content.spec import Skill as SkillSpec
from tutor_emotion.lessons.content.spec import Step as StepSpec
from tutor_emotion.lessons.exporting import SIBLING_KINDS
from tutor_emotion.lessons.models import Lesson, LessonCourse, Skill, Step, Variant
from tutor_emotion.lessons.planning import Plan, course_fields, lesson_fields, plan

VARIANT_FIELDS = [
    field.name
    for field in Variant._meta.concrete_fields
    if field.name not in ("id", "step", "of_skill", "kind", "order")
]
SHOWN_KINDS = ("segmented", "worked_step", "extra_example")


# --- writing ------------------------------------------------------------------------------------


def load(course: Course, *, delete: bool = False) -> Plan:
    """Write a course to the database, all of it or nothing; what was done.

    Rows stay the same by slug, key and kind, and so do the answers of learners. What is no longer
    in the course goes; where answers would go with it, only with ``delete``.

    Raises:
        BadInput: ``lesson_taken``, ``answers_would_go``.
    """
    with transaction.atomic():
        todo = plan(course)
        if todo.answers_lost and not delete:
            raise _would_lose(todo)
        plugin.ensure_course(course.key, course.title)
        if todo.changes:
            LessonCourse.objects.update_or_create(key=course.key, defaults=course_fields(course))
            _write_skills(course)
            for lesson in course.lessons:
                _write_lesson(course, lesson)
            gone = Lesson.objects.filter(course_key=course.key)
            gone.exclude(slug__in=[lesson.slug for lesson in course.lessons]).delete()
    return todo


def _would_lose(todo: Plan) -> BadInput:
    names = ", ".join(change.name for change in todo.changes if change.answers)
    words = {"n": todo.answers_lost, "names": names}
    return BadInput(
        "answers_would_go",
        _("%(n)d answers and results of learners would be deleted with: %(names)s.") % words,
        hint=_("Keep these in the course, or confirm that the answers may go (--delete)."),
    )


def _write_skills(course: Course) -> None:
    for key, skill in course.skills.items():
        row, _created = Skill.objects.update_or_create(
            course_key=course.key,
            key=key,
            defaults={"name": skill.name, "prerequisites": skill.prerequisite},
        )
        _write_item(row, skill)
    Skill.objects.filter(course_key=course.key).exclude(key__in=course.skills).delete()


def _write_item(row: Skill, skill: SkillSpec) -> None:
    if skill.item is None:
        row.items.all().delete()
        return
    Variant.objects.update_or_create(
        of_skill=row, defaults={"kind": "prerequisite_item", **_item_fields(skill.item)}
    )


def _write_lesson(course: Course, lesson: LessonSpec) -> None:
    row, _created = Lesson.objects.update_or_create(
        slug=lesson.slug,
        defaults={"course_key": course.key, **lesson_fields(course, lesson)},
    )
    for order, step in enumerate(lesson.steps):
        _write_step(row, step, order)
    row.steps.exclude(slug__in=[step.slug for step in lesson.steps]).delete()


def _write_step(lesson: Lesson, step: StepSpec, order: int) -> None:
    row, _created = Step.objects.update_or_create(
        lesson=lesson,
        slug=step.slug,
        defaults={
            **asked(step).row(),
            "order": order,
            "title": step.title,
            "skill": step.skill,
            "expected_s": step.expected_s,
            "strategy": step.strategy,
        },
    )
    variants = [Variant(step=row, **fields) for fields in _variants(step)]
    Variant.objects.bulk_create(
        variants,
        update_conflicts=True,
        unique_fields=["step", "kind", "order"],
        update_fields=VARIANT_FIELDS,
    )
    kept = [Q(kind=variant.kind, order=variant.order) for variant in variants]
    row.variants.exclude(Q(*kept, _connector=Q.OR)).delete()


def _variants(step: StepSpec) -> Iterator[dict[str, Any]]:
    for level, hint in enumerate(step.hints):
        yield {"kind": "hint", "order": level, "prompt": hint}
    for kind in SHOWN_KINDS:
        if text := getattr(step, kind):
            yield {"kind": kind, "prompt": text}
    for name, kind in SIBLING_KINDS.items():
        if sibling := getattr(step, name):
            yield {"kind": kind, **_item_fields(sibling)}


def _item_fields(item: Sibling) -> dict[str, Any]:
    return {**asked(item).row(), "help": item.help}
