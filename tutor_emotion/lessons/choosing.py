"""Which item comes next, by mastery and pace: pure, so that it can be asked "why" and tested.

The rules in their order are told in docs/lessons.md. Every choice ends: an item is only chosen if
answering it solves its step, or if it has not been met for a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Item: TypeAlias = Literal["step", "easier_item", "similar_item", "harder_item", "prerequisite_item"]
Reason: TypeAlias = Literal[
    "begin",
    "back",
    "review",
    "weaker_skill",
    "builds_on",
    "easier_first",
    "harder",
    "same_skill",
    "may_skip",
    "after_mastered",
    "next_skill",
    "practise",
    "done",
]


@dataclass(frozen=True, slots=True)
class StepPlace:
    """``items``: the siblings that it has. ``met``: its items that were answered within a day."""

    slug: str
    skill: str
    solved: bool = False
    items: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()

    def fresh(self, item: str) -> bool:
        return (item == "step" or item in self.items) and item not in self.met


@dataclass(frozen=True, slots=True)
class SkillPlace:
    """``spinning``: wheel-spinning, ``warn`` or ``confirmed``."""

    key: str
    prerequisites: tuple[str, ...] = ()
    mastered: bool = False
    answers: int = 0
    spinning: str = ""


@dataclass(frozen=True, slots=True)
class Last:
    """The item that was answered last. ``lately``: within a day."""

    step: str
    item: str
    correct: bool
    lately: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a learner is in a lesson.

    ``examples_first`` and ``items_before_review``: what the pace means in this course (the usual
    pace's, by default). ``due``: finished skills whose review is due, longest first.
    ``since_review``: items answered since the last one. ``skipped``: skills that the learner leaves
    out now. ``leave``: the step that they want to leave. ``skip_mastered``: leave out what remains
    of a finished skill unasked.
    """

    steps: tuple[StepPlace, ...]
    skills: Mapping[str, SkillPlace] = field(default_factory=dict)
    pace: int = 0
    due: tuple[str, ...] = ()
    since_review: int = 0
    last: Last | None = None
    skipped: frozenset[str] = frozenset()
    leave: str = ""
    skip_mastered: bool = False
    examples_first: int = 1
    items_before_review: int = 5

    def skill(self, key: str) -> SkillPlace:
        return self.skills.get(key) or SkillPlace(key)

    def steps_of(self, key: str) -> list[StepPlace]:
        """Its steps in their order, from where the learner is: the step after a right answer."""
        mine = [step for step in self.steps if step.skill == key]
        slugs = [step.slug for step in mine]
        if self.last is None or self.last.step not in slugs:
            return mine
        at = slugs.index(self.last.step) + self.last.correct
        return mine[at:] + mine[:at]

    @property
    def current(self) -> str:
        """The skill of the item that was answered last; empty before any."""
        last = self.last.step if self.last else ""
        return next((step.skill for step in self.steps if step.slug == last), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """``step`` is None where nothing is left. ``skill``: what ``reason`` speaks of.

    ``examples``: how many to show beside the item. ``may_skip``: the skill is finished, and the
    learner may leave out the rest of it.
    """

    step: str | None
    item: Item = "step"
    reason: Reason = "done"
    skill: str = ""
    examples: int = 0
    may_skip: bool = False


def choose(place: Place) -> Choice:
    """The next item. The learner may open any other one by hand; what follows begins there."""
    return (
        _back(place)
        or _review(place)
        or _prerequisite(place)
        or _go_on(place)
        or _review(place, now=True)
        or Choice(None)
    )


def _back(place: Place) -> Choice | None:
    """A smaller item leads back to the step that it is of."""
    last = place.last
    if last is None or not last.correct or last.item not in ("easier_item", "prerequisite_item"):
        return None
    step = next((each for each in place.steps if each.slug == last.step), None)
    if step is None or step.solved or step.slug == place.leave:
        return None
    return Choice(step.slug, "step", "back", step.skill)


def _review(place: Place, *, now: bool = False) -> Choice | None:
    """One due review after some items, never in the middle of trouble; ``now``: without waiting."""
    waits = place.since_review < place.items_before_review
    last = place.last
    trouble = last is not None and last.lately and not last.correct
    if not now and (waits or trouble):
        return None
    for key in place.due:
        found = None if key in place.skipped else _fresh_item(place, key, own=True)
        if found:
            return Choice(found[0].slug, found[1], "review", key)
    return None


def _prerequisite(place: Place) -> Choice | None:
    """Turning on the spot: what the skill builds on comes first (affect.md §9.6)."""
    skill = place.skill(place.current)
    if skill.mastered or not skill.spinning or skill.key in place.skipped:
        return None
    for key in skill.prerequisites:
        if key != skill.key and not place.skill(key).mastered and _is_open(place, key):
            return replace(_within(place, key), reason="weaker_skill", skill=skill.key)
    if any("prerequisite_item" in step.met for step in place.steps_of(skill.key)):
        return None  # the steps of a skill share theirs
    for step in _unsolved(place, skill.key):
        if step.fresh("prerequisite_item"):
            return Choice(step.slug, "prerequisite_item", "builds_on", skill.key)
    return None


def _go_on(place: Place) -> Choice | None:
    """The same skill while there is something to do, then the next one that is ready."""
    order = _open_skills(place)
    if not order:
        return None
    # What the learner wants to leave comes again when nothing else is left.
    elsewhere = [key for key in order if _has_other(place, key)]
    key = (elsewhere or order)[0]
    choice = _within(place, key)
    skill = place.skill(key)
    if not skill.answers and choice.item in ("step", "easier_item", "harder_item"):
        choice = replace(choice, examples=place.examples_first)
    return choice


def _within(place: Place, key: str) -> Choice:
    """The next item of a skill that is open."""
    unsolved = _unsolved(place, key)
    step = next((each for each in unsolved if each.slug != place.leave), None)
    step = step or next(iter(unsolved), None)
    if step is None:
        found = _fresh_item(place, key)
        assert found is not None, "an open skill has an item"
        return Choice(found[0].slug, found[1], "practise", key)
    skill = place.skill(key)
    if skill.mastered:
        return Choice(step.slug, "step", "may_skip", key, may_skip=True)
    if place.pace < 0 and step.fresh("easier_item") and step.fresh("step"):
        return Choice(step.slug, "easier_item", "easier_first", key)
    if place.pace > 0 and step.fresh("harder_item"):
        return Choice(step.slug, "harder_item", "harder", key)
    return Choice(step.slug, "step", *_why(place, key))


def _why(place: Place, key: str) -> tuple[Reason, str]:
    if not place.current:
        return "begin", key
    if place.current == key:
        return "same_skill", key
    if place.skill(place.current).mastered:
        return "after_mastered", place.current
    return "next_skill", key


# --- what is left to do -------------------------------------------------------------------------


def _open_skills(place: Place) -> list[str]:
    """Skills with something left, the present one first, then those that are ready."""
    keys = list(dict.fromkeys(step.skill for step in place.steps))
    left = [key for key in keys if _is_open(place, key)]
    ready = [key for key in left if _is_ready(place, key, left)]
    present = [key for key in left if key == place.current]
    # Skills that wait for each other wait for nothing.
    return list(dict.fromkeys([*present, *ready, *left]))


def _is_ready(place: Place, key: str, left: Iterable[str]) -> bool:
    """A prerequisite that is not mastered but has nothing left holds nobody up."""
    return not any(
        other != key and other in left and not place.skill(other).mastered
        for other in place.skill(key).prerequisites
    )


def _is_open(place: Place, key: str) -> bool:
    if key in place.skipped:
        return False
    skill = place.skill(key)
    if skill.mastered:
        return bool(_unsolved(place, key)) and not place.skip_mastered
    if _unsolved(place, key):
        return True
    # Ten tries without mastery: more of the same does not help (Beck & Gong 2013).
    return skill.spinning != "confirmed" and _fresh_item(place, key) is not None


def _has_other(place: Place, key: str) -> bool:
    """Whether there is more in this skill than the step that the learner wants to leave."""
    unsolved = _unsolved(place, key)
    return not unsolved or any(step.slug != place.leave for step in unsolved)


def _unsolved(place: Place, key: str) -> list[StepPlace]:
    return [step for step in place.steps_of(key) if not step.solved]


def _fresh_item(place: Place, key: str, *, own: bool = False) -> tuple[StepPlace, Item] | None:
    """An item of the skill that was not met lately, of another step than the last if there is one.

    Siblings first: the step's own question is the one that is remembered.
    """
    quick: tuple[Item, ...] = ("harder_item", "similar_item")
    usual: tuple[Item, ...] = ("similar_item", "harder_item")
    items = (*(quick if place.pace > 0 else usual), *(("step",) if own else ()))
    steps = sorted(place.steps_of(key), key=lambda step: step.slug == place.leave)
    for item in items:
        for step in steps:
            if step.fresh(item) and (own or step.solved):
                return step, item
    return None
