"""Where a learner is in a lesson, read from the rows, for ``choosing`` to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tutor_emotion.api import pace_effects, wheelspinning
from tutor_emotion.conf import get_settings
from tutor_emotion.lessons.choosing import (
    Last,
    Place,
    SkillPlace,
    StepPlace,
    choose,
)
from tutor_emotion.lessons.mastery import FRESH_AFTER, prerequisites_of
from tutor_emotion.lessons.models import ITEM_KINDS, Attempt, Lesson, Mastery, Skill, Variant
from tutor_emotion.lessons.reasons import why
from tutor_emotion.lessons.services import solved_steps
from tutor_emotion.lessons.spacing import A_DAY

_RECENT = 300  # answers in this lesson; what is older moves no choice


@dataclass(frozen=True, slots=True)
class Wish:
    """What the learner's page says of itself: see ``Place``. ``review``: a due skill, first."""

    pace: int = 0
    skipped: frozenset[str] = frozenset()
    leave: str = ""
    review: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A learner's place, and what it is called: skill → its name."""

    place: Place
    names: Mapping[str, str]

    @property
    def solved(self) -> list[str]:
        """Slugs of the solved steps, in the lesson's order."""
        return [step.slug for step in self.place.steps if step.solved]

    @property
    def next(self) -> dict[str, Any]:
        """The next item, as the page reads it: with its reason in words."""
        choice = choose(self.place)
        return {**asdict(choice), "why": why(choice, self.names.get(choice.skill, choice.skill))}


def place(learner_id: Any, lesson: Lesson, wish: Wish) -> Placed:
    """Read anew, in as few queries as it takes: every answer asks for it."""
    steps = list(lesson.steps.values_list("slug", "skill"))
    skills = {skill.pk: skill for skill in Skill.objects.filter(course_key=lesson.course_key)}
    masteries = {
        skills[row.skill_id].key: row
        for row in Mastery.objects.filter(learner_id=learner_id, skill__in=skills)
    }
    recent = list(
        Attempt.objects.filter(learner_id=learner_id, step__lesson=lesson)
        .order_by("-created_at", "-id")
        .values_list("step__slug", "step__skill", "variant__kind", "correct", "created_at")[
            :_RECENT
        ]
    )
    now, done = timezone.now(), solved_steps(learner_id, lesson)
    means = pace_effects(lesson.course_key, wish.pace)
    due = _due(masteries, {skill for _, skill in steps}, now)
    wanted = wish.review in due
    items, met = _items(lesson, steps), _met(recent, now)
    found = Place(
        steps=tuple(
            StepPlace(
                slug,
                skill,
                slug in done,
                frozenset(items.get(slug, ())),
                frozenset(met.get(slug, ())),
            )
            for slug, skill in steps
        ),
        skills=_skills(skills.values(), masteries),
        pace=wish.pace,
        due=(wish.review,) if wanted else due,
        examples_first=means.examples,
        items_before_review=means.review,
        since_review=means.review if wanted else _since_review(recent, masteries),
        last=_last(recent, now) if not wanted else None,
        skipped=wish.skipped,
        leave=wish.leave,
        skip_mastered=get_settings().SKIP_MASTERED,
    )
    return Placed(found, {skill.key: skill.name for skill in skills.values()})


def _last(recent: list[tuple[Any, ...]], now: datetime) -> Last | None:
    if not recent:
        return None
    slug, _, kind, correct, at = recent[0]
    return Last(slug, kind or "step", correct, lately=at > now - FRESH_AFTER)


def _items(lesson: Lesson, steps: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Each step's siblings; the prerequisite item is one of all steps of its skill."""
    asks = Variant.objects.filter(kind__in=ITEM_KINDS).exclude(answer_kind="")
    here = Q(step__lesson=lesson) | Q(of_skill__course_key=lesson.course_key)
    rows = list(asks.filter(here).order_by().values_list("step__slug", "kind", "of_skill__key"))
    with_one = {skill for _, _, skill in rows if skill}
    found: dict[str, set[str]] = {
        slug: {"prerequisite_item"} if skill in with_one else set() for slug, skill in steps
    }
    for slug, kind, _ in rows:
        if slug in found:
            found[slug].add(kind)
    return found


def _met(recent: Iterable[tuple[Any, ...]], now: datetime) -> dict[str, set[str]]:
    """What was answered within a day."""
    found: dict[str, set[str]] = {}
    for slug, _, kind, _, at in recent:
        if at > now - FRESH_AFTER:
            found.setdefault(slug, set()).add(kind or "step")
    return found


def _skills(rows: Iterable[Skill], masteries: Mapping[str, Mastery]) -> dict[str, SkillPlace]:
    found = {}
    for skill in rows:
        row = masteries.get(skill.key)
        mastered = bool(row and row.mastered_at)
        answers, right = (row.answers, row.right) if row else (0, 0)
        found[skill.key] = SkillPlace(
            skill.key,
            prerequisites_of(skill),
            mastered,
            answers,
            wheelspinning(answers, right, mastered=mastered),
        )
    return found


def _due(rows: Mapping[str, Mastery], here: set[str], now: datetime) -> tuple[str, ...]:
    """The skills of this lesson that are due, the one that waits longest first."""
    due = [(row.due_at, key) for key, row in rows.items() if row.due_at and row.due_at <= now]
    return tuple(key for _, key in sorted(due) if key in here)


def _since_review(recent: list[tuple[Any, ...]], masteries: dict[str, Mastery]) -> int:
    """Items answered rightly since an answer to a skill that was finished a day before."""
    count = 0
    for _, skill, _, correct, at in recent:
        row = masteries.get(skill)
        if row and row.mastered_at and at - row.mastered_at >= A_DAY:
            break
        count += bool(correct)
    return count
