"""Mastery moves with the answers that count, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from tests.lessons.conftest import Clock, Desk
from tutor_emotion.api import Knowledge
from tutor_emotion.lessons import mastery
from tutor_emotion.lessons.models import Attempt, Lesson, Mastery, Skill, Step, Variant
from tutor_emotion.models import DelayedItem

DEFAULT = Knowledge()
NOON = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def sibling(kind: str, step: str = "shaded-part") -> int:
    if kind == "prerequisite_item":
        return Variant.objects.get(of_skill__key=Step.objects.get(slug=step).skill).pk
    return Variant.objects.get(step__slug=step, kind=kind, order=0).pk


def of(name: str = "ada", step: str = "shaded-part") -> Mastery | None:
    key = Step.objects.get(slug=step).skill
    return Mastery.objects.filter(learner__username=name, skill__key=key).first()


def known(step: str = "shaded-part") -> Mastery:
    row = of(step=step)
    assert row is not None
    return row


def three_right(desk: Desk) -> None:
    """All that the first step has for its skill."""
    assert desk.answer("3/8").json()["correct"]
    assert desk.answer("5/6", variant=sibling("similar_item")).json()["correct"]
    assert desk.answer("5/4", variant=sibling("harder_item")).json()["correct"]


def test_an_answer_moves_its_skill(desk: Desk) -> None:
    said = desk.answer("3/8").json()
    row = known()
    assert row.p_known == pytest.approx(DEFAULT.update(DEFAULT.p_known, True))
    assert (row.answers, row.right, row.run, row.mastered_at) == (1, 1, 1, None)
    assert said["expected_p"] == pytest.approx(DEFAULT.predict(DEFAULT.p_known))


def test_a_lesson_without_skill_rows_makes_them_as_it_needs_them(
    desk: Desk, lesson: Lesson
) -> None:
    Skill.objects.all().delete()
    desk.answer("3/8")
    row = Skill.objects.get()
    assert (row.course_key, row.name) == (lesson.course_key, "equivalence")


def test_three_right_in_a_row_finish_a_skill_and_set_its_first_review(
    desk: Desk, clock: Clock
) -> None:
    three_right(desk)
    row = known()
    assert row.p_known >= 0.95
    assert (row.run, row.mastered_at) == (3, NOON)
    assert row.due_at == NOON + 2 * DAY


def test_a_sure_belief_alone_does_not_finish_a_skill(desk: Desk, lesson: Lesson) -> None:
    key = Step.objects.get(slug="shaded-part").skill
    Skill.objects.filter(key=key).update(parameters={"p_known": 0.94})
    desk.answer("3/8")
    row = known()
    assert row.p_known > 0.95
    assert row.mastered_at is None


def test_only_the_first_answer_to_an_item_counts(desk: Desk) -> None:
    first = desk.answer("3/5").json()
    again = desk.answer("3/8").json()
    assert first["expected_p"] is not None
    assert again["expected_p"] is None
    row = known()
    assert (row.answers, row.right, row.run) == (1, 0, 0)


def test_an_item_met_again_after_a_day_counts_again(desk: Desk, clock: Clock) -> None:
    desk.answer("3/5")
    clock.passes(timedelta(hours=23))
    desk.answer("3/8")
    assert known().answers == 1
    clock.passes(timedelta(hours=25))
    desk.answer("3/8")
    assert known().answers == 2


def test_right_with_a_hint_is_not_yet_known(desk: Desk) -> None:
    desk.answer("3/8", hints=1)
    row = known()
    assert (row.answers, row.right, row.run) == (1, 0, 0)
    assert row.p_known == pytest.approx(DEFAULT.update(DEFAULT.p_known, False))


def test_an_answer_that_had_been_shown_says_nothing(desk: Desk) -> None:
    said = desk.answer("3/8", revealed=True).json()
    assert said["expected_p"] is None
    row = known()
    assert (row.answers, row.p_known) == (0, DEFAULT.p_known)


@pytest.mark.parametrize(("kind", "answer"), [("easier_item", "1/4"), ("prerequisite_item", "5")])
def test_a_smaller_item_only_leads_to_the_step(desk: Desk, kind: str, answer: str) -> None:
    said = desk.answer(answer, variant=sibling(kind)).json()
    assert said["correct"]
    assert said["expected_p"] is None
    assert of() is None
    mastery.recompute("fractions")
    assert of() is None


def test_a_form_posted_twice_moves_it_once(desk: Desk) -> None:
    attempt = str(uuid4())
    first, second = (desk.answer("3/8", attempt=attempt).json() for _ in range(2))
    assert first == second
    assert known().answers == 1


def test_what_cannot_be_read_moves_nothing(desk: Desk) -> None:
    desk.answer("three eighths")
    assert of() is None


def test_parameters_that_make_no_model_leave_the_lesson_going(
    desk: Desk, lesson: Lesson, caplog: pytest.LogCaptureFixture
) -> None:
    key = Step.objects.get(slug="shaded-part").skill
    Skill.objects.filter(key=key).update(parameters={"p_slip": 7})
    assert desk.answer("3/8").json()["correct"]
    assert known().p_known == pytest.approx(DEFAULT.update(DEFAULT.p_known, True))
    assert f"skill {Skill.objects.get(key=key).pk} make no model: BadInput" in caplog.text


@pytest.mark.parametrize("field", [{"hints": -1}, {"hints": 21}, {"hints": "no"}, {"revealed": 3}])
def test_bad_fields_are_refused(desk: Desk, field: dict[str, object]) -> None:
    answer = desk.answer("3/8", **field)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")
    assert not Attempt.objects.exists()


# --- reviews ------------------------------------------------------------------------------------


def test_a_due_review_that_went_well_is_due_later_and_told_to_experiments(
    desk: Desk, clock: Clock
) -> None:
    three_right(desk)
    clock.passes(2 * DAY)
    desk.answer("3/8")
    row = known()
    assert row.due_at is not None
    assert row.due_at > clock.now + 2 * DAY
    told = DelayedItem.objects.get()
    assert (told.skill, told.item, told.correct) == (row.skill.key, "shaded-part", True)
    assert told.delay_s == 2 * 86_400


@pytest.mark.parametrize("fields", [{"answer": "3/5"}, {"hints": 1}, {"revealed": True}])
def test_what_was_gone_at_a_review_comes_back_tomorrow(
    desk: Desk, clock: Clock, fields: dict[str, object]
) -> None:
    three_right(desk)
    clock.passes(2 * DAY)
    desk.answer(str(fields.pop("answer", "3/8")), **fields)
    row = known()
    assert row.due_at == clock.now + DAY
    assert row.run == 0
    assert row.mastered_at == NOON
    assert not DelayedItem.objects.get().correct


def test_a_slow_review_comes_back_sooner_than_a_quick_one(desk: Desk, clock: Clock) -> None:
    three_right(desk)
    clock.passes(2 * DAY)
    usual_s = Step.objects.get(slug="shaded-part").expected_s
    assert usual_s is not None
    desk.answer("3/8", took_s=usual_s * 2.5)
    slow = known().due_at
    mastery.recompute("fractions")
    assert known().due_at == slow
    Attempt.objects.filter(took_s__gt=usual_s).update(took_s=usual_s)
    mastery.recompute("fractions")
    assert slow is not None
    assert (known().due_at or slow) > slow


def test_more_practice_on_the_same_day_is_no_review(desk: Desk, clock: Clock) -> None:
    three_right(desk)
    due = known().due_at
    clock.passes(timedelta(minutes=5))
    other = Step.objects.filter(skill=known().skill.key).exclude(slug="shaded-part").first()
    assert other is not None
    desk.answer(other.answer, step=other.slug)
    assert known().answers == 4
    assert known().due_at == due
    assert not DelayedItem.objects.exists()


def test_a_clock_that_jumps_breaks_nothing(desk: Desk, clock: Clock, ada: User) -> None:
    clock.passes(3650 * DAY)
    desk.client.force_login(ada)
    three_right(desk)
    clock.now = NOON  # somebody has mended it
    other = Step.objects.filter(skill=known().skill.key).exclude(slug="shaded-part").first()
    assert other is not None
    assert desk.answer(other.answer, step=other.slug).status_code == 200
    row = known()
    assert row.due_at is not None
    assert NOON < row.due_at < NOON + 180 * DAY
    assert DelayedItem.objects.get().delay_s == 0


def test_a_host_whose_course_the_plugin_does_not_know_teaches_on(
    desk: Desk, clock: Clock, lesson: Lesson
) -> None:
    Lesson.objects.filter(pk=lesson.pk).update(course_key="elsewhere")
    three_right(desk)
    clock.passes(2 * DAY)
    assert desk.answer("3/8").status_code == 200
    assert not DelayedItem.objects.exists()


# --- again from the answers that are kept -------------------------------------------------------


def fields(row: Mastery) -> dict[str, object]:
    names = ("p_known", "answers", "right", "run", "mastered_at", "card", "due_at")
    return {name: getattr(row, name) for name in names}


def test_traced_anew_it_is_what_it_was(desk: Desk, clock: Clock, ada: User) -> None:
    three_right(desk)
    desk.answer("3/8")
    clock.passes(2 * DAY)
    desk.answer("3/5")
    desk.answer("1/4", variant=sibling("easier_item"))
    before = fields(known())
    Mastery.objects.filter(learner=ada).update(p_known=0.5, answers=99, card={}, due_at=None)
    assert mastery.recompute("fractions") == 1
    assert fields(known()) == before
    assert DelayedItem.objects.count() == 1  # what was told is not told again


def test_new_parameters_change_what_is_believed(desk: Desk) -> None:
    desk.answer("3/8")
    skill = known().skill
    skill.parameters = {"p_guess": 0.05}
    skill.save()
    before = known().p_known
    mastery.recompute("fractions", [skill.key])
    assert known().p_known > before


def test_what_no_answer_speaks_for_goes(desk: Desk) -> None:
    desk.answer("3/8")
    Attempt.objects.all().delete()
    assert mastery.recompute("fractions") == 0
    assert not Mastery.objects.exists()
    assert mastery.recompute("no-such-course") == 0
