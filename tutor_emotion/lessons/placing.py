"""Where a learner is in a lesson, read from the rows, for ``choosing`` to choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from tutor_emotion.api import wheelspinning
from tutor_emotion.conf import get_settings
from tutor_emotion.lessons.choosing import (
    ITEMS_BEFORE_REVIEW,
    Last,
    Place,
    SkillPlace,
    StepPlace,
    choose,
)
from tutor_emotion.lessons.mastery import FRESH_AFTER, prerequisites_of
from tutor_emotion.lessons.models import ITEM_KINDS, Attempt, Lesson, Mastery, Skill, Variant
from tutor_emotion.lessons.reasons import why
from tutor_emotion.lessons.spacing import A_DAY

_RECENT = 60  # answers back to which the last review is looked for


@dataclass(frozen=True, slots=True)
class Wish:
    """What the learner's page says of itself: see ``Place``. ``review``: a due skill, first."""

    pace: int = 0
    skipped: frozenset[str] = frozenset()
    leave: str = ""
    review: str = ""


def next_choice(
    learner_id: Any, lesson: Lesson, solved: Iterable[str], wish: Wish
) -> dict[str, Any]:
    """The next item, as the page reads it: with its reason in words."""
    choice = choose(place_of(learner_id, lesson, solved, wish))
    name = Skill.objects.filter(course_key=lesson.course_key, key=choice.skill).first()
    return {**asdict(choice), "why": why(choice, name.name if name else choice.skill)}


def place_of(learner_id: Any, lesson: Lesson, solved: Iterable[str], wish: Wish) -> Place:
    """``solved``: slugs of the steps that the learner has solved."""
    steps = list(lesson.steps.values_list("slug", "skill"))
    masteries = {
        row.skill.key: row
        for row in Mastery.objects.filter(
            learner_id=learner_id, skill__course_key=lesson.course_key
        ).select_related("skill")
    }
    recent = list(
        Attempt.objects.filter(learner_id=learner_id, step__lesson=lesson)
        .order_by("-created_at", "-id")
        .values_list("step__slug", "step__skill", "variant__kind", "correct", "created_at")[
            :_RECENT
        ]
    )
    now, done = timezone.now(), set(solved)
    due = _due(masteries.values(), {skill for _, skill in steps}, now)
    wanted = wish.review in due
    items, met = _items(lesson, steps), _met(learner_id, lesson, now)
    return Place(
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
        skills=_skills(lesson, masteries),
        pace=wish.pace,
        due=(wish.review,) if wanted else due,
        since_review=max(ITEMS_BEFORE_REVIEW) if wanted else _since_review(recent, masteries),
        last=_last(recent, now) if not wanted else None,
        skipped=wish.skipped,
        leave=wish.leave,
        skip_mastered=get_settings().SKIP_MASTERED,
    )


def _last(recent: list[tuple[Any, ...]], now: datetime) -> Last | None:
    if not recent:
        return None
    slug, _, kind, correct, at = recent[0]
    # What went wrong another day is no trouble any more.
    return Last(slug, kind or "step", correct or at <= now - FRESH_AFTER)


def _items(lesson: Lesson, steps: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Each step's siblings; the prerequisite item is one of all steps of its skill."""
    asks = Variant.objects.filter(kind__in=ITEM_KINDS).exclude(answer_kind="")
    found: dict[str, set[str]] = {slug: set() for slug, _ in steps}
    for slug, kind in asks.filter(step__lesson=lesson).values_list("step__slug", "kind"):
        found.setdefault(slug, set()).add(kind)
    shared = asks.filter(of_skill__course_key=lesson.course_key)
    with_one = set(shared.values_list("of_skill__key", flat=True))
    for slug, skill in steps:
        found[slug] |= {"prerequisite_item"} if skill in with_one else set()
    return found


def _met(learner_id: Any, lesson: Lesson, now: datetime) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    lately = Attempt.objects.filter(
        learner_id=learner_id, step__lesson=lesson, created_at__gt=now - FRESH_AFTER
    )
    for slug, kind in lately.values_list("step__slug", "variant__kind").distinct().order_by():
        found.setdefault(slug, set()).add(kind or "step")
    return found


def _skills(lesson: Lesson, masteries: dict[str, Mastery]) -> dict[str, SkillPlace]:
    found = {}
    for skill in Skill.objects.filter(course_key=lesson.course_key):
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


def _due(rows: Iterable[Mastery], here: set[str], now: datetime) -> tuple[str, ...]:
    """The skills of this lesson that are due, the one that waits longest first."""
    due = [(row.due_at, row.skill.key) for row in rows if row.due_at and row.due_at <= now]
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
