"""The next item as a page hears of it: rows read, chosen by the rules, told in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries, Settings

from tests.lessons.conftest import Clock, Desk
from tutor_emotion.lessons.models import Attempt, Lesson, Mastery, Skill, Step, Variant

DAY = timedelta(days=1)


def solve(desk: Desk, slug: str, **fields: object) -> dict[str, object]:
    answer = desk.answer(Step.objects.get(slug=slug).answer, step=slug, **fields).json()
    assert answer["correct"], slug
    next_item: dict[str, object] = answer["next"]
    return next_item


def slugs_of(skill: str) -> list[str]:
    return list(Step.objects.filter(skill=skill).order_by("order").values_list("slug", flat=True))


def name_of(skill: str) -> str:
    return Skill.objects.get(key=skill).name


def skills_of(lesson: Lesson) -> list[str]:
    steps = lesson.steps.order_by("order").values_list("skill", flat=True)
    return list(dict.fromkeys(steps))


def test_a_new_learner_begins_at_the_first_step(desk: Desk, lesson: Lesson) -> None:
    said = desk.next().json()
    assert (said["step"], said["item"], said["reason"]) == ("shaded-part", "step", "begin")
    assert name_of(skills_of(lesson)[0]) in said["why"]


def test_three_in_a_row_lead_to_the_next_skill_in_words(desk: Desk, lesson: Lesson) -> None:
    first, second = skills_of(lesson)[:2]
    said: dict[str, object] = {}
    for slug in slugs_of(first):
        said = solve(desk, slug)
    assert said["step"] == slugs_of(second)[0]
    assert said["reason"] == "after_mastered"
    assert "was answered three times in a row" in str(said["why"])
    assert name_of(first) in str(said["why"])


def test_the_words_are_in_the_language_of_the_page(desk: Desk) -> None:
    assert desk.next().json()["why"].startswith("It begins with")


def test_a_finished_skill_may_be_skipped(desk: Desk, lesson: Lesson, ada: User) -> None:
    first, second = skills_of(lesson)[:2]
    own, kinds = slugs_of(first)[0], ("similar_item", "harder_item")
    said = solve(desk, own)
    for variant in Variant.objects.filter(step__slug=own, kind__in=kinds):
        said = desk.answer(variant.answer, step=own, variant=variant.pk).json()["next"]
    assert (said["reason"], said["may_skip"]) == ("may_skip", True)
    assert desk.next(skipped=first).json()["step"] == slugs_of(second)[0]


def test_a_site_may_leave_the_rest_out_itself(desk: Desk, settings: Settings) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "SKIP_MASTERED": True}
    skill = Step.objects.get(slug="shaded-part").skill
    for variant in Variant.objects.filter(
        step__slug="shaded-part", kind__in=("similar_item", "harder_item")
    ):
        desk.answer(variant.answer, variant=variant.pk)
    said = solve(desk, "shaded-part")
    assert Step.objects.get(slug=str(said["step"])).skill != skill


def test_the_pace_of_the_page_chooses_the_item(desk: Desk) -> None:
    slow, fast = desk.next(pace=-1).json(), desk.next(pace=1).json()
    assert (slow["item"], fast["item"]) == ("easier_item", "harder_item")
    assert "slower" in slow["why"]


def test_who_comes_back_finds_the_step_that_is_not_solved(desk: Desk) -> None:
    desk.answer("3/5")
    assert desk.next().json()["step"] == "shaded-part"


def test_what_is_left_is_not_chosen(desk: Desk) -> None:
    assert desk.next(leave="shaded-part").json()["step"] != "shaded-part"


def test_a_wheel_spinning_learner_meets_what_the_skill_builds_on(
    desk: Desk, lesson: Lesson
) -> None:
    skill = Step.objects.get(slug="shaded-part").skill
    for slug in slugs_of(skill):
        desk.answer("999", step=slug)
    Mastery.objects.update(answers=6)
    said = desk.next().json()
    assert (said["item"], said["reason"]) == ("prerequisite_item", "builds_on")


def test_a_due_skill_is_looked_at_again_after_some_items(
    desk: Desk, lesson: Lesson, clock: Clock, ada: User
) -> None:
    first = skills_of(lesson)[0]
    said: dict[str, object] = {}
    for slug in slugs_of(first):
        said = solve(desk, slug)
    clock.passes(2 * DAY)
    desk.client.force_login(ada)
    while said["reason"] != "review":
        said = solve(desk, str(said["step"]))
    assert Step.objects.get(slug=str(said["step"])).skill == first
    assert Attempt.objects.count() == 5
    assert "finished some days ago" in str(said["why"])
    item = Variant.objects.get(step__slug=said["step"], kind=said["item"])
    after = desk.answer(item.answer, step=str(said["step"]), variant=item.pk).json()["next"]
    assert after["reason"] != "review"
    due_at = Mastery.objects.get(skill__key=first).due_at
    assert due_at is not None
    assert due_at > clock.now + 2 * DAY


def test_what_was_written_by_hand_for_prerequisites_breaks_nothing(
    desk: Desk, lesson: Lesson
) -> None:
    solve(desk, "shaded-part")
    for odd in ("text", {"a": 1}, [1, None, "no-such-skill"], None):
        Skill.objects.update(prerequisites=odd or [])
        assert desk.next().status_code == 200


def test_a_step_that_was_deleted_is_not_chosen(desk: Desk, lesson: Lesson) -> None:
    solve(desk, "shaded-part")
    lesson.steps.filter(slug="shaded-part").delete()
    chosen = desk.next().json()["step"]
    assert lesson.steps.filter(slug=chosen).exists()
    lesson.steps.all().delete()
    assert desk.next().json()["step"] is None


def test_it_costs_a_few_queries_however_much_was_answered(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in ("shaded-part", "other-pieces", "lowest-terms"):
        solve(desk, slug)
    with django_assert_max_num_queries(13):
        desk.next()


@pytest.mark.parametrize(
    "wish",
    [{"pace": 3}, {"pace": "fast"}, {"leave": "<b>"}, {"skipped": ["no slug!"]}, {"what": 1}],
)
def test_a_wish_that_cannot_be_is_refused(desk: Desk, wish: dict[str, object]) -> None:
    said = desk.next(**wish)
    assert (said.status_code, said.json()["code"]) == (400, "bad_body")


def test_nobody_is_nobodys_next(desk: Desk) -> None:
    desk.client.logout()
    assert desk.next().json()["code"] == "not_signed_in"
