"""Answers by JSON: marked, counted once, and refused with a code."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.lessons.conftest import Desk
from tests.people import person
from tutor_emotion.lessons.models import Attempt, Lesson, LessonAdaptation, Step, Variant
from tutor_emotion.lessons.services import ATTEMPTS_IN_MINUTE


def variant(kind: str, step: str = "shaded-part") -> int:
    if kind == "prerequisite_item":
        return Variant.objects.get(of_skill__key=Step.objects.get(slug=step).skill).pk
    return Variant.objects.get(step__slug=step, kind=kind, order=0).pk


def test_a_right_answer_solves_the_step(desk: Desk) -> None:
    answer = desk.answer("6/16").json()
    assert answer["correct"]
    assert answer["solved"] == ["shaded-part"]
    assert answer["next"]["step"] == "other-pieces"
    assert answer["normalised"] == "3/8"


def test_a_wrong_answer_hears_about_this_very_mistake(desk: Desk) -> None:
    answer = desk.answer("3/5").json()
    assert (answer["correct"], answer["verdict"], answer["solved"]) == (False, "wrong", [])
    assert "5 white ones" in answer["feedback"]


def test_what_cannot_be_read_does_not_count(desk: Desk) -> None:
    assert desk.answer("three eighths").json()["verdict"] == "unreadable"
    assert desk.answer("1" * 5_000).json()["verdict"] == "too_long"
    assert not Attempt.objects.exists()


def test_a_form_posted_twice_counts_once(desk: Desk) -> None:
    attempt = str(uuid4())
    first, second = (desk.answer("3/8", attempt=attempt).json() for _ in range(2))
    assert first == second
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "answer", "solves"),
    [
        ("similar_item", "5/6", True),
        ("harder_item", "5/4", True),
        ("easier_item", "1/4", False),
        ("prerequisite_item", "5", False),
    ],
)
def test_siblings_are_marked_by_their_own_answer(
    desk: Desk, kind: str, answer: str, solves: bool
) -> None:
    marked = desk.answer(answer, variant=variant(kind)).json()
    assert marked["correct"]
    assert marked["solved"] == (["shaded-part"] if solves else [])


def test_the_last_step_has_no_next(desk: Desk, lesson: Lesson) -> None:
    answers = {step.slug: step.answer for step in lesson.steps.all()}
    for slug, answer in answers.items():
        marked = desk.answer(answer, step=slug).json()
        assert marked["correct"], slug
    assert marked["next"]["step"] is None
    assert marked["solved"] == list(answers)


def test_words_are_in_the_pages_language(desk: Desk) -> None:
    desk.client.cookies["django_language"] = "de"
    assert "lässt sich noch nicht lesen" in desk.answer("drei").json()["feedback"]


def test_one_learners_attempts_are_not_anothers(desk: Desk) -> None:
    attempt = str(uuid4())
    desk.answer("3/8", attempt=attempt)
    desk.client.force_login(person("ben"))
    assert desk.answer("3/5", attempt=attempt).json()["verdict"] == "wrong"
    assert desk.answer("3/5").json()["solved"] == []
    assert Attempt.objects.count() == 3


# --- the content ----------------------------------------------------------------------------------


def test_content_is_small_and_known_again(desk: Desk) -> None:
    url = f"{desk.url}content.json"
    whole = desk.client.get(url)
    assert len(whole.json()["steps"]) == 12
    assert desk.client.get(url, headers={"if-none-match": whole["ETag"]}).status_code == 304
    packed = desk.client.get(url, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < 20_000


# --- refusals -------------------------------------------------------------------------------------


def refused(response: object) -> tuple[int, str]:
    return response.status_code, response.json()["code"]  # type: ignore[attr-defined]


def test_a_stranger_is_refused(lesson: Lesson, client: Client) -> None:
    desk = Desk(client)
    assert refused(desk.answer("3/8")) == (401, "not_signed_in")
    assert refused(client.get(f"{desk.url}content.json")) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"step": "nowhere"}, (404, "unknown_step")),
        ({"variant": 999_999}, (404, "unknown_variant")),
        ({"variant": -1}, (400, "bad_body")),
        ({"attempt": "again"}, (400, "bad_body")),
        ({"took_s": "soon"}, (400, "bad_body")),
        ({"correct": True}, (400, "bad_body")),
        ({"answer": None}, (400, "bad_body")),
        ({"answer": "1" * 1_000_000}, (413, "body_too_large")),
    ],
)
def test_wrong_shapes_are_refused(
    desk: Desk, fields: dict[str, object], expected: tuple[int, str]
) -> None:
    body = {"answer": "3/8", **fields}
    assert refused(desk.answer(**body)) == expected  # type: ignore[arg-type]
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "[" * 3000])
def test_nonsense_is_refused(desk: Desk, body: str) -> None:
    response = desk.client.post(f"{desk.url}answer/", body, content_type="application/json")
    assert refused(response) == (400, "bad_body")


def test_a_hint_is_no_question(desk: Desk) -> None:
    assert refused(desk.answer("3/8", variant=variant("hint"))) == (404, "unknown_variant")


def test_another_steps_sibling_is_refused(desk: Desk) -> None:
    other = variant("similar_item", "other-pieces")
    assert refused(desk.answer("6", variant=other)) == (404, "unknown_variant")


def test_an_attempt_cannot_become_another(desk: Desk) -> None:
    attempt = str(uuid4())
    desk.answer("3/5", attempt=attempt)
    assert refused(desk.answer("3/8", attempt=attempt)) == (409, "attempt_reused")
    assert not Attempt.objects.filter(correct=True).exists()


def test_haste_is_slowed_down_but_repeats_are_not(desk: Desk) -> None:
    attempt = str(uuid4())
    assert desk.answer("3/5", attempt=attempt).status_code == 200
    for _ in range(ATTEMPTS_IN_MINUTE - 1):
        assert desk.answer("3/5").status_code == 200
    response = desk.answer("3/5")
    assert refused(response) == (429, "too_fast")
    assert response.json()["retry"]
    assert desk.answer("3/5", attempt=attempt).status_code == 200


def test_a_clock_that_was_set_back_makes_nobody_too_fast(desk: Desk) -> None:
    for _ in range(ATTEMPTS_IN_MINUTE):
        assert desk.answer("3/5").status_code == 200
    Attempt.objects.update(created_at=timezone.now() + timedelta(hours=1))
    assert desk.answer("3/5").status_code == 200


def test_an_unknown_lesson(browser: Client) -> None:
    assert refused(Desk(browser, "/lessons/nowhere/").answer("1")) == (404, "unknown_lesson")


def test_another_site_cannot_answer(lesson: Lesson, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert Desk(client).answer("3/8").status_code == 403
    assert not Attempt.objects.exists()


def test_a_get_does_not_answer(desk: Desk) -> None:
    assert desk.client.get(f"{desk.url}answer/").status_code == 405


# --- what was carried out -------------------------------------------------------------------------


def carried_out(desk: Desk, number: int, kind: str = "hint") -> object:
    body = json.dumps({"adaptation": number, "kind": kind, "step": "shaded-part"})
    return desk.client.post(f"{desk.url}carried-out/", body, content_type="application/json")


def test_the_page_says_what_it_has_shown(desk: Desk, lesson: Lesson, ada: User) -> None:
    row = LessonAdaptation.objects.create(
        learner=ada, lesson=lesson, session=uuid4(), number=3, kind="hint", mode="offer"
    )
    assert carried_out(desk, 3).status_code == 204  # type: ignore[attr-defined]
    row.refresh_from_db()
    first = row.carried_out_at
    assert (row.carried_out_as, row.step) == ("hint", "shaded-part")
    carried_out(desk, 3, "worked_step")
    row.refresh_from_db()
    assert (row.carried_out_at, row.carried_out_as) == (first, "hint")


def test_nobody_speaks_for_another_learner(desk: Desk, lesson: Lesson) -> None:
    LessonAdaptation.objects.create(
        learner=person("ben"), lesson=lesson, session=uuid4(), number=3, kind="hint", mode="offer"
    )
    response = carried_out(desk, 3)
    assert refused(response) == (404, "unknown_adaptation")
    assert not LessonAdaptation.objects.filter(carried_out_at__isnull=False).exists()


def test_a_kind_is_a_word(desk: Desk) -> None:
    assert refused(carried_out(desk, 3, "<b>")) == (400, "bad_body")
