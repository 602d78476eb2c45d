"""A learner's own picture: where they are with each skill, what they solved, what is due when.

Words and no grades, and nobody beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from django.db.models import Min, Q
from django.utils import timezone

from tutor_emotion.lessons.mastery import prerequisites_of
from tutor_emotion.lessons.models import (
    SOLVING_KINDS,
    Attempt,
    Lesson,
    LessonCourse,
    Mastery,
    Skill,
    Step,
)

WEEKS = 8
LATELY = 8  # solved steps that are listed
MAX_LEVEL = 4  # columns of the map, but one
MOST_OFFERED = 4  # reviews at once

Stage: TypeAlias = Literal["new", "practising", "solid", "due"]


@dataclass(frozen=True, slots=True)
class SkillView:
    """``after``: names of the skills that it builds on. ``lesson``: where it goes on."""

    key: str
    name: str
    stage: Stage
    after: tuple[str, ...]
    solved: int
    total: int
    lesson: str
    language: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CourseView:
    """``levels``: the map, each level built on those before it."""

    key: str
    title: str
    language: str
    levels: tuple[tuple[SkillView, ...], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """``share``: of the fullest week that is shown, in percent."""

    begins: date
    solved: int
    share: int


@dataclass(frozen=True, slots=True)
class Solved:
    title: str
    language: str
    lesson: str
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    courses: tuple[CourseView, ...]
    weeks: tuple[Week, ...]
    lately: tuple[Solved, ...]
    total: int

    @property
    def due(self) -> list[SkillView]:
        """What comes back, the soonest first."""
        levels = (level for course in self.courses for level in course.levels)
        coming = [skill for level in levels for skill in level if skill.due_at]
        return sorted(coming, key=lambda skill: (skill.due_at or timezone.now(), skill.name))


def picture_of(learner_id: Any) -> Picture:
    """Of the courses that the learner has answered something in."""
    mine = Attempt.objects.filter(learner_id=learner_id)
    keys = sorted(set(mine.values_list("step__lesson__course_key", flat=True)))
    right = Q(correct=True) & (Q(variant=None) | Q(variant__kind__in=SOLVING_KINDS))
    solved = {
        row["step"]: row["first"]
        for row in mine.filter(right).values("step").annotate(first=Min("created_at")).order_by()
    }
    steps = {
        step.pk: step
        for step in Step.objects.filter(lesson__course_key__in=keys)
        .select_related("lesson")
        .only("slug", "title", "skill", "order", "lesson")
        .order_by("lesson__order", "lesson__slug", "order")
    }
    newest = sorted(solved, key=lambda pk: (solved[pk], pk), reverse=True)[:LATELY]
    return Picture(
        courses=tuple(_course(learner_id, key, steps.values(), solved) for key in keys),
        weeks=_weeks(solved.values()),
        lately=tuple(_solved(steps[pk], solved[pk]) for pk in newest if pk in steps),
        total=len(solved),
    )


def due_skills(learner_id: Any) -> list[tuple[Skill, Lesson]]:
    """Finished skills that are due for a look, the longest first, each with its first lesson."""
    rows = Mastery.objects.filter(learner_id=learner_id, due_at__lte=timezone.now())
    found = []
    for row in rows.select_related("skill").order_by("due_at", "pk")[:MOST_OFFERED]:
        its = Lesson.objects.filter(
            course_key=row.skill.course_key, steps__skill=row.skill.key
        ).first()
        if its:
            found.append((row.skill, its))
    return found


# --- one course ---------------------------------------------------------------------------------


def _course(
    learner_id: Any, key: str, steps: Iterable[Step], solved: Mapping[int, datetime]
) -> CourseView:
    mine: dict[str, list[Step]] = {}
    for step in steps:
        if step.lesson.course_key == key:
            mine.setdefault(step.skill, []).append(step)
    told = LessonCourse.objects.filter(key=key).first() or next(iter(mine.values()))[0].lesson
    title, language = told.title, told.language
    rows = {row.key: row for row in Skill.objects.filter(course_key=key)}
    known = {
        row.skill_id: row
        for row in Mastery.objects.filter(learner_id=learner_id, skill__course_key=key)
    }
    before = {
        skill: tuple(p for p in prerequisites_of(rows[skill]) if p in mine) if skill in rows else ()
        for skill in mine
    }
    names = {skill: rows[skill].name if skill in rows else skill for skill in mine}
    level_of = levels(before)
    found: list[list[SkillView]] = [[] for _ in range(max(level_of.values(), default=-1) + 1)]
    for skill, its in mine.items():
        row = known.get(rows[skill].pk) if skill in rows else None
        found[level_of[skill]].append(
            SkillView(
                key=skill,
                name=names[skill],
                stage=stage_of(row, timezone.now()),
                after=tuple(names[p] for p in before[skill]),
                solved=sum(step.pk in solved for step in its),
                total=len(its),
                lesson=next((s for s in its if s.pk not in solved), its[0]).lesson.slug,
                language=language,
                due_at=row.due_at if row else None,
            )
        )
    return CourseView(key, title, language, tuple(map(tuple, found)))


def stage_of(row: Mastery | None, now: datetime) -> Stage:
    """A finished skill that was not there at its last review is practised again."""
    if row is None or (row.answers == 0 and row.mastered_at is None):
        return "new"
    if row.mastered_at is None:
        return "practising"
    if row.due_at is not None and row.due_at <= now:
        return "due"
    return "solid" if row.run else "practising"


def levels(before: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How deep each skill builds on others, 0 first and no gaps; a circle stands on one level."""
    found = dict.fromkeys(before, 0)
    for _ in range(MAX_LEVEL):
        found = {
            skill: min(
                MAX_LEVEL, max((found[p] + 1 for p in its if p in found and p != skill), default=0)
            )
            for skill, its in before.items()
        }
    ranks = {depth: rank for rank, depth in enumerate(sorted(set(found.values())))}
    return {skill: ranks[depth] for skill, depth in found.items()}


# --- over time ----------------------------------------------------------------------------------


def _weeks(times: Iterable[datetime]) -> tuple[Week, ...]:
    """Steps solved in each of the last weeks, from Monday, the oldest first."""
    counts = Counter(_monday(_day(at)) for at in times)
    this = _monday(timezone.localdate())
    begins = [this - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    most = max((counts[day] for day in begins), default=0) or 1
    return tuple(Week(day, counts[day], round(100 * counts[day] / most)) for day in begins)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _day(at: datetime) -> date:
    return timezone.localdate(at) if timezone.is_aware(at) else at.date()


def _solved(step: Step, at: datetime) -> Solved:
    return Solved(step.title, step.lesson.language, step.lesson.slug, step.slug, at)
