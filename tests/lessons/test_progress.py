"""A learner's own picture: words, no grades, nobody else in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests.lessons.conftest import Clock, Desk
from tests.people import person
from tutor_emotion.lessons.models import Lesson, Mastery, Skill, Step, Variant
from tutor_emotion.lessons.progress import MAX_LEVEL, due_skills, levels, picture_of, stage_of

URL = "/lessons/progress/"
NOW = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def master(desk: Desk, slug: str) -> str:
    """Three right in a row, all on one step; the skill's key."""
    step = Step.objects.get(slug=slug)
    desk.answer(step.answer, step=slug)
    for each in Variant.objects.filter(step=step, kind__in=("similar_item", "harder_item")):
        desk.answer(each.answer, step=slug, variant=each.pk)
    return step.skill


def test_before_any_answer_there_is_nothing_to_show(browser: Client, lesson: Lesson) -> None:
    html = browser.get(URL).content.decode()
    assert "Nothing yet" in html
    assert "<table" not in html


def test_each_skill_has_a_word_for_where_it_is(desk: Desk, clock: Clock, ada: User) -> None:
    skill = master(desk, "shaded-part")
    other = Step.objects.exclude(skill=skill).filter(answer_kind="fraction").first()
    assert other is not None
    desk.answer("999", step=other.slug)
    stages = {
        view.key: view.stage
        for course in picture_of(ada.pk).courses
        for level in course.levels
        for view in level
    }
    assert stages[skill] == "solid"
    assert stages[other.skill] == "practising"
    assert set(stages.values()) == {"solid", "practising", "new"}
    html = desk.client.get(URL).content.decode()
    for word in ("Solid", "Practising", "Not begun"):
        assert word in html
    clock.passes(3 * DAY)
    desk.client.force_login(ada)
    html = desk.client.get(URL).content.decode()
    assert "Due for a look" in html
    assert f"?review={skill}" in html


def test_a_due_skill_is_opened_with_an_item_of_it(desk: Desk, clock: Clock, ada: User) -> None:
    skill = master(desk, "shaded-part")
    assert due_skills(ada.pk) == []
    clock.passes(3 * DAY)
    desk.client.force_login(ada)
    ((due, lesson),) = due_skills(ada.pk)
    assert (due.key, lesson.slug) == (skill, "fractions-1")
    html = desk.client.get(f"/lessons/{lesson.slug}/?review={skill}").content.decode()
    assert "A look back at" in html
    assert re.search(r'name="item" value="similar_item"', html)
    home = desk.client.get("/").content.decode()
    assert f"/lessons/fractions-1/?review={skill}" in home


@pytest.mark.parametrize("review", ["no-such-skill", "<b>", ""])
def test_a_review_that_is_not_due_is_the_lesson_as_usual(
    desk: Desk, lesson: Lesson, review: str
) -> None:
    html = desk.client.get(f"/lessons/{lesson.slug}/", {"review": review}).content.decode()
    assert "It begins with" in html


def test_what_was_solved_lately_is_told_once(desk: Desk, clock: Clock, ada: User) -> None:
    master(desk, "shaded-part")
    desk.answer("3/8")
    picture = picture_of(ada.pk)
    assert picture.total == 1
    assert [solved.step for solved in picture.lately] == ["shaded-part"]
    assert [week.solved for week in picture.weeks] == [0, 0, 0, 0, 0, 0, 0, 1]
    assert picture.weeks[-1].begins.weekday() == 0
    clock.passes(7 * DAY)
    assert [week.solved for week in picture_of(ada.pk).weeks][-2:] == [1, 0]


def test_it_shows_nobody_else(desk: Desk, lesson: Lesson) -> None:
    master(desk, "shaded-part")
    desk.client.force_login(person("ben"))
    assert "Nothing yet" in desk.client.get(URL).content.decode()


def test_it_is_for_those_who_are_signed_in(client: Client) -> None:
    assert client.get(URL).status_code == 302


def test_it_costs_the_same_for_any_number_of_answers(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for step in Step.objects.all():
        desk.answer(step.answer, step=step.slug)
    with django_assert_max_num_queries(12):
        desk.client.get(URL)


def test_a_course_that_lost_its_steps_or_skills_is_still_shown(desk: Desk, ada: User) -> None:
    master(desk, "shaded-part")
    Skill.objects.all().delete()
    assert picture_of(ada.pk).courses
    Step.objects.all().delete()
    assert picture_of(ada.pk).courses == ()
    assert desk.client.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("row", "stage"),
    [
        (None, "new"),
        (Mastery(p_known=0.2), "new"),
        (Mastery(p_known=0.5, answers=1), "practising"),
        (Mastery(p_known=1, answers=3, run=3, mastered_at=NOW, due_at=NOW + DAY), "solid"),
        (Mastery(p_known=1, answers=3, run=3, mastered_at=NOW, due_at=NOW), "due"),
        (Mastery(p_known=1, answers=4, run=0, mastered_at=NOW, due_at=NOW + DAY), "practising"),
    ],
)
def test_stages(row: Mastery | None, stage: str) -> None:
    assert stage_of(row, NOW) == stage


def test_levels_follow_what_builds_on_what() -> None:
    assert levels({"a": [], "b": ["a"], "c": ["a", "b"], "d": []}) == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 0,
    }


keys = st.sampled_from("abcdefgh")


@given(st.dictionaries(keys, st.lists(keys, max_size=4)))
def test_any_map_has_a_place_for_each_skill(before: dict[str, list[str]]) -> None:
    found = levels(before)
    assert set(found) == set(before)
    assert set(found.values()) == set(range(len(set(found.values()))))  # no empty column
    assert max(found.values(), default=0) <= MAX_LEVEL
