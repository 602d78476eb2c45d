"""Rows → ``content.Course`` and its zip."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content import Course, write_files, write_zip
from tutor_emotion.lessons.content.asking import answer_of
from tutor_emotion.lessons.content.spec import Lesson as LessonSpec
from tutor_emotion.lessons.content.spec import Sibling
from tutor_emotion.lessons.content.spec import Skill as SkillSpec
from tutor_emotion.lessons.content.spec import Step as StepSpec
from tutor_emotion.lessons.models import Lesson, LessonCourse, Skill, Step, Variant

# How a sibling is called in a file, and the kind of its row.
SIBLING_KINDS = {"easier": "easier_item", "similar": "similar_item", "harder": "harder_item"}


def export_zip(key: str) -> bytes:
    """The course as a zip that imports to the same rows.

    Raises:
        BadInput: ``unknown_course``; ``bad_course`` where a row cannot be told in a file.
    """
    return write_zip(write_files(course_of_rows(key)), top=key)


def course_of_rows(key: str) -> Course:
    """The course as the database holds it.

    Raises:
        BadInput: as ``export_zip``.
    """
    row = LessonCourse.objects.filter(key=key).first()
    if row is None:
        raise BadInput("unknown_course", _("There is no course “%s”.") % key)
    lessons = Lesson.objects.filter(course_key=key).order_by("order", "slug")
    try:
        return Course(
            key=row.key,
            title=row.title,
            summary=row.summary,
            language=row.language,
            description=row.description,
            skills={skill.key: skill_of_row(skill) for skill in _skills(key)},
            lessons=[_lesson(lesson, row.language) for lesson in lessons],
        )
    except ValidationError as error:
        raise _unsayable(str(row), error) from None


def _skills(key: str) -> Iterable[Skill]:
    return Skill.objects.filter(course_key=key).prefetch_related("items")


def skill_of_row(row: Skill) -> SkillSpec:
    items = list(row.items.all())
    try:
        return SkillSpec(
            name=row.name,
            prerequisite=row.prerequisites,
            item=_sibling(items[0]) if items else None,
        )
    except ValidationError as error:
        raise _unsayable(str(row), error) from None


def _lesson(row: Lesson, language: str) -> LessonSpec:
    steps = row.steps.order_by("order").prefetch_related("variants")
    try:
        return LessonSpec(
            slug=row.slug,
            title=row.title,
            summary=row.summary,
            order=row.order,
            language=None if row.language == language else row.language,
            introduction=row.introduction,
            steps=[step_of_row(step) for step in steps],
        )
    except ValidationError as error:
        raise _unsayable(str(row), error) from None


def step_of_row(row: Step) -> StepSpec:
    """One step with its variants.

    Raises:
        BadInput: ``bad_course``.
    """
    by_kind: dict[str, list[Variant]] = {}
    for variant in sorted(row.variants.all(), key=lambda variant: variant.order):
        by_kind.setdefault(variant.kind, []).append(variant)
    shown: dict[str, str] = {
        kind: by_kind[kind][0].prompt
        for kind in ("segmented", "worked_step", "extra_example")
        if kind in by_kind
    }
    answer, mistakes = answer_of(row)
    data: dict[str, Any] = {
        "slug": row.slug,
        "title": row.title,
        "skill": row.skill,
        "difficulty": row.difficulty,
        "expected_s": row.expected_s,
        "strategy": row.strategy,
        "prompt": row.prompt,
        "answer": answer,
        "mistakes": mistakes,
        "hints": [hint.prompt for hint in by_kind.get("hint", [])],
        **shown,
    }
    try:
        siblings = {
            name: _sibling(by_kind[kind][0])
            for name, kind in SIBLING_KINDS.items()
            if kind in by_kind
        }
        return StepSpec.model_validate({**data, **siblings})
    except ValidationError as error:
        raise _unsayable(f"{row.lesson.slug}/{row.slug}", error) from None


def _sibling(row: Variant) -> Sibling:
    answer, mistakes = answer_of(row)
    return Sibling.model_validate(
        {
            "prompt": row.prompt,
            "answer": answer,
            "mistakes": mistakes,
            "help": row.help,
            "difficulty": row.difficulty,
        }
    )


def _unsayable(what: str, error: ValidationError) -> BadInput:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return BadInput(
        "bad_course",
        f"{what}: {where}: {first['msg']}",
        hint=_("Open it in the admin and save it: the form says what is wrong."),
    )
