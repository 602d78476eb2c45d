"""Which item comes next: rule by rule, then for any lesson and any learner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor_emotion.lessons.choosing import (
    Choice,
    Last,
    Place,
    SkillPlace,
    StepPlace,
    choose,
)

ALL = frozenset({"easier_item", "similar_item", "harder_item", "prerequisite_item"})


def step(slug: str, skill: str, **fields: object) -> StepPlace:
    return StepPlace(slug, skill, **{"items": ALL, **fields})  # type: ignore[arg-type]


# Two steps each; b builds on a.
LESSON = Place(
    steps=(step("a1", "a"), step("a2", "a"), step("b1", "b"), step("b2", "b")),
    skills={"a": SkillPlace("a"), "b": SkillPlace("b", ("a",))},
)


def with_steps(place: Place, *solved: str, met: tuple[str, ...] = ()) -> Place:
    """``met`` as ``slug.item``."""
    steps = tuple(
        replace(
            each,
            solved=each.solved or each.slug in solved,
            met=each.met | {m.split(".")[1] for m in met if m.split(".")[0] == each.slug},
        )
        for each in place.steps
    )
    return replace(place, steps=steps)


def with_skill(place: Place, key: str, **fields: object) -> Place:
    changed = replace(place.skill(key), **fields)  # type: ignore[arg-type]
    return replace(place, skills={**place.skills, key: changed})


def right(place: Place, slug: str, item: str = "step") -> Place:
    solved = (slug,) if item in ("step", "similar_item", "harder_item") else ()
    return replace(with_steps(place, *solved, met=(f"{slug}.{item}",)), last=Last(slug, item, True))


def test_it_begins_with_the_first_step_and_an_example() -> None:
    assert choose(LESSON) == Choice("a1", "step", "begin", "a", examples=1)


def test_it_stays_with_a_skill_until_that_is_mastered() -> None:
    place = right(with_skill(LESSON, "a", answers=1), "a1")
    assert choose(place) == Choice("a2", "step", "same_skill", "a")


def test_a_mastered_skill_leads_to_the_next_and_says_why() -> None:
    place = with_skill(right(right(LESSON, "a1"), "a2"), "a", mastered=True, answers=3)
    assert choose(place) == Choice("b1", "step", "after_mastered", "a", examples=1)


def test_the_rest_of_a_mastered_skill_may_be_skipped_but_is_not_taken_away() -> None:
    place = with_skill(right(LESSON, "a1"), "a", mastered=True, answers=3)
    assert choose(place) == Choice("a2", "step", "may_skip", "a", may_skip=True)
    assert choose(replace(place, skipped=frozenset({"a"}))).step == "b1"
    assert choose(replace(place, skip_mastered=True)).step == "b1"


def test_a_skill_waits_for_what_it_builds_on() -> None:
    # Its steps are solved, but it is not mastered: siblings first, then what follows.
    place = with_skill(right(right(LESSON, "a1"), "a2"), "a", answers=2)
    assert choose(place) == Choice("a1", "similar_item", "practise", "a")


def test_what_is_exhausted_holds_nobody_up() -> None:
    place = with_skill(right(right(LESSON, "a1"), "a2"), "a", answers=6)
    met = tuple(f"{s}.{i}" for s in ("a1", "a2") for i in ("similar_item", "harder_item"))
    assert choose(with_steps(place, met=met)).step == "b1"


def test_ten_tries_without_mastery_are_enough() -> None:
    place = with_skill(right(right(LESSON, "a1"), "a2"), "a", answers=10, spinning="confirmed")
    assert choose(with_steps(place, met=("a1.prerequisite_item",))).step == "b1"


def test_a_smaller_item_leads_back_to_its_step() -> None:
    for item in ("easier_item", "prerequisite_item"):
        assert choose(right(LESSON, "a1", item)) == Choice("a1", "step", "back", "a")
    solved = with_steps(right(LESSON, "a1", "easier_item"), "a1")
    assert choose(solved).step == "a2"


# --- pace ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("examples", [0, 1, 2])
def test_examples_before_practice(examples: int) -> None:
    assert choose(replace(LESSON, examples_first=examples)).examples == examples
    begun = with_skill(LESSON, "a", answers=1)
    assert choose(replace(begun, examples_first=examples)).examples == 0


@pytest.mark.parametrize(
    ("pace", "item"),
    [(-2, "easier_item"), (-1, "easier_item"), (0, "step"), (1, "harder_item"), (2, "harder_item")],
)
def test_easier_ones_first_at_a_slow_pace_and_harder_ones_at_a_fast_one(
    pace: int, item: str
) -> None:
    assert choose(replace(LESSON, pace=pace)).item == item


def test_an_item_that_was_met_is_not_chosen_again_for_the_pace() -> None:
    slow, fast = replace(LESSON, pace=-1), replace(LESSON, pace=1)
    assert choose(with_steps(slow, met=("a1.easier_item",))).item == "step"
    assert choose(with_steps(fast, met=("a1.harder_item",))).item == "step"


def test_a_step_that_was_tried_is_not_made_easier_behind_the_learners_back() -> None:
    assert choose(with_steps(replace(LESSON, pace=-2), met=("a1.step",))).item == "step"


@pytest.mark.parametrize("pace", [-9, 9])
def test_a_pace_that_cannot_be_is_the_nearest(pace: int) -> None:
    assert choose(replace(LESSON, pace=pace)) == choose(replace(LESSON, pace=max(-2, min(2, pace))))


# --- turning on the spot ------------------------------------------------------------------------

SPINNING = with_skill(right(LESSON, "b1"), "b", answers=6, spinning="warn")


def test_who_turns_on_the_spot_meets_what_it_builds_on() -> None:
    assert choose(SPINNING) == Choice("a1", "step", "weaker_skill", "b")


def test_where_that_is_known_the_prerequisite_item_asks_once() -> None:
    place = with_skill(SPINNING, "a", mastered=True)
    assert choose(place) == Choice("b2", "prerequisite_item", "builds_on", "b")
    assert choose(with_steps(place, met=("b1.prerequisite_item",))).item == "step"


def test_skills_that_build_on_each_other_still_begin() -> None:
    place = with_skill(LESSON, "a", prerequisites=("b", "a"))
    assert choose(place).step == "a1"


# --- what the learner wants ---------------------------------------------------------------------


def test_what_was_opened_by_hand_is_where_it_goes_on() -> None:
    assert choose(right(with_skill(LESSON, "b", answers=1), "b1")).step == "b2"


def test_who_comes_back_finds_the_step_that_is_not_solved() -> None:
    place = replace(LESSON, last=Last("a1", "step", False))
    assert choose(place).step == "a1"
    assert choose(replace(place, leave="a1")).step == "a2"


def test_what_is_left_comes_again_at_the_end() -> None:
    place = replace(LESSON, leave="a1")
    assert choose(place).step == "a2"
    place = replace(with_steps(place, "a2"), skills={})
    assert choose(place).step == "b1"
    assert choose(with_steps(place, "b1", "b2")).reason == "practise"
    assert choose(replace(with_steps(place, "b1", "b2"), skipped=frozenset("b"))).step == "a1"


# --- reviews ------------------------------------------------------------------------------------

DUE = replace(
    with_skill(with_steps(LESSON, "a1", "a2"), "a", mastered=True, answers=3),
    due=("a",),
    last=Last("b1", "step", True),
)


@pytest.mark.parametrize("enough", [3, 5, 8])
def test_one_review_after_so_many_items(enough: int) -> None:
    early = replace(DUE, items_before_review=enough, since_review=enough - 1)
    assert choose(early).reason != "review"
    assert choose(replace(early, since_review=enough)).reason == "review"


def test_a_review_is_a_sibling_that_was_not_seen_lately() -> None:
    place = replace(DUE, since_review=9)
    assert choose(place) == Choice("a1", "similar_item", "review", "a")
    place = with_steps(place, met=("a1.similar_item",))
    assert choose(place).step == "a2"
    met = tuple(f"{s}.{i}" for s in ("a1", "a2") for i in ("similar_item", "harder_item"))
    assert choose(with_steps(place, met=met)) == Choice("a1", "step", "review", "a")


def test_no_review_in_the_middle_of_trouble() -> None:
    place = replace(DUE, since_review=9, last=Last("b1", "step", False))
    assert choose(place).step == "b1"
    another_day = replace(place, last=Last("b1", "step", False, lately=False))
    assert choose(another_day).reason == "review"


def test_a_review_that_is_left_out_does_not_come_back_at_once() -> None:
    assert choose(replace(DUE, since_review=9, skipped=frozenset("a"))).step == "b2"


def test_at_the_end_reviews_wait_for_nothing() -> None:
    place = with_skill(with_steps(DUE, "b1", "b2"), "b", mastered=True)
    assert choose(place).reason == "review"
    assert choose(replace(place, due=())) == Choice(None)


def test_an_empty_lesson_is_done() -> None:
    assert choose(Place(())) == Choice(None)


# --- any lesson, any learner --------------------------------------------------------------------

keys = st.sampled_from("abcd")


@st.composite
def places(draw: st.DrawFn) -> Place:
    skills = [draw(keys) for _ in range(draw(st.integers(0, 8)))]
    steps = tuple(
        StepPlace(
            f"s{n}",
            skill,
            solved=draw(st.booleans()),
            items=draw(st.frozensets(st.sampled_from(sorted(ALL)))),
            met=draw(st.frozensets(st.sampled_from(["step", *sorted(ALL)]))),
        )
        for n, skill in enumerate(skills)
    )
    known = {
        key: SkillPlace(
            key,
            tuple(draw(st.lists(keys, max_size=3))),
            draw(st.booleans()),
            draw(st.integers(0, 12)),
            draw(st.sampled_from(["", "warn", "confirmed"])),
        )
        for key in draw(st.sets(keys))
    }
    last = None
    if steps and draw(st.booleans()):
        item = draw(st.sampled_from(["step", *sorted(ALL)]))
        last = Last(draw(st.sampled_from([*(s.slug for s in steps), "gone"])), item, True)
    return Place(
        steps,
        known,
        draw(st.integers(-2, 2)),
        tuple(draw(st.lists(keys, unique=True, max_size=2))),
        draw(st.integers(0, 9)),
        last,
        draw(st.frozensets(keys, max_size=2)),
        draw(st.sampled_from(["", "s0", "s1", "gone"])),
        draw(st.booleans()),
    )


any_place = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@any_place
@given(places())
def test_a_choice_is_an_item_that_there_is(place: Place) -> None:
    choice = choose(place)
    assert choice == choose(place)
    if choice.step is None:
        assert choice.reason == "done"
        return
    chosen = next(step for step in place.steps if step.slug == choice.step)
    assert choice.item == "step" or choice.item in chosen.items
    assert 0 <= choice.examples <= 2
    # Answering it leads on: it solves its step, or it was not met lately.
    assert (choice.item == "step" and not chosen.solved) or choice.item not in chosen.met


@any_place
@given(places(), st.data())
def test_every_lesson_ends_whatever_the_learner_knows(place: Place, data: st.DataObject) -> None:
    bound = 6 * len(place.steps) + len(place.due) + 1
    for _ in range(bound):
        choice = choose(replace(place, leave=""))
        if choice.step is None:
            break
        place = _answered(place, choice, knows=data.draw(st.booleans()))
    else:
        pytest.fail("the lesson does not end")
    open_steps = {s.slug for s in place.steps if not s.solved and s.skill not in place.skipped}
    mastered = {s.slug for s in place.steps if place.skill(s.skill).mastered}
    assert not open_steps - (mastered if place.skip_mastered else set())


def _answered(place: Place, choice: Choice, *, knows: bool) -> Place:
    """In the end the item is answered rightly; ``knows``: at the first try."""
    assert choice.step is not None
    after = right(place, choice.step, choice.item)
    key = next(step.skill for step in place.steps if step.slug == choice.step)
    skill = place.skill(key)
    if choice.item in ("step", "similar_item", "harder_item"):
        answers = skill.answers + 1
        spinning = "" if skill.mastered else "confirmed" if answers >= 10 else skill.spinning
        after = with_skill(
            after, key, answers=answers, mastered=skill.mastered or knows, spinning=spinning
        )
    due = tuple(one for one in place.due if not (choice.reason == "review" and one == choice.skill))
    since = 0 if choice.reason == "review" else place.since_review + 1
    return replace(after, due=due, since_review=since)
