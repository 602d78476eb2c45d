"""Answers when the world moves under them: nothing is lost, nothing counts twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from tests.lessons.conftest import ABCD, Desk
from tutor_emotion.lessons.models import Attempt, Lesson, Step
from tutor_emotion.lessons.presenting import shown_choices, version


def item_of(desk: Desk, slug: str) -> dict[str, Any]:
    steps = desk.client.get(f"{desk.url}content.json").json()["steps"]
    return next(step["item"] for step in steps if step["slug"] == slug)


@pytest.mark.parametrize(
    ("step", "wrong", "verdict", "right"),
    [
        ("write-it", "2(x + 3)", "not_expanded", "6 + 2X"),
        ("solve-it", "2x = 8", "not_simplest", "4 = x"),
        ("choose", "a", "incomplete", "c a"),
        ("sort", "b a c d", "wrong", "a b c d"),
        ("say-it", "top", "wrong", " Denominator."),
    ],
)
def test_each_kind_is_answered(
    desk_of_kinds: Desk, step: str, wrong: str, verdict: str, right: str
) -> None:
    first = desk_of_kinds.answer(wrong, step=step).json()
    assert (first["verdict"], first["counted"], first["solved"]) == (verdict, True, [])
    assert first["feedback"]
    second = desk_of_kinds.answer(right, step=step).json()
    assert second["solved"] == [step]
    assert Attempt.objects.count() == 2


def test_what_cannot_be_marked_says_why_and_does_not_count(desk_of_kinds: Desk) -> None:
    said = [
        desk_of_kinds.answer(answer, step="solve-it").json()
        for answer in ("x = ", "4", "y = 4", "x = 9^9^9^9", "x = √2", "x = 1/0", "x" * 2000)
    ]
    assert [one["verdict"] for one in said] == [
        "unreadable",
        "not_equation",
        "other_letters",
        "bad_exponent",
        "inexact_root",
        "zero_bottom",
        "too_long",
    ]
    assert len({one["feedback"] for one in said}) == 7
    assert not any(one["counted"] for one in said)
    assert not Attempt.objects.exists()


def test_what_is_to_be_sorted_is_never_shown_sorted(desk_of_kinds: Desk) -> None:
    step = Step.objects.get(slug="sort")
    for answer in ("a b c d", " ".join(c["key"] for c in shown_choices(step))):
        step.answer = answer
        assert [c["key"] for c in shown_choices(step)] != answer.split()
    shown = item_of(desk_of_kinds, "sort")["choices"]
    assert sorted(c["key"] for c in shown) == ["a", "b", "c", "d"]
    assert {c["label"] for c in shown} == {"0/4", "1/4", "2/4", "3/4"}


# --- a step that is edited or gone ----------------------------------------------------------------


def test_an_edited_step_is_shown_anew_before_it_is_marked(desk_of_kinds: Desk) -> None:
    seen = item_of(desk_of_kinds, "say-it")["version"]
    Step.objects.filter(slug="say-it").update(prompt="Another question", answer="top")
    refused = desk_of_kinds.answer("denominator", step="say-it", version=seen)
    assert (refused.status_code, refused.json()["code"]) == (409, "step_changed")
    assert not Attempt.objects.exists()
    now = item_of(desk_of_kinds, "say-it")["version"]
    assert desk_of_kinds.answer("top", step="say-it", version=now).json()["correct"]


def test_a_corrected_answer_changes_nothing_that_was_shown(desk_of_kinds: Desk) -> None:
    seen = item_of(desk_of_kinds, "say-it")["version"]
    Step.objects.filter(slug="say-it").update(answer="bottom number")
    assert desk_of_kinds.answer("Bottom number", step="say-it", version=seen).json()["correct"]


def test_an_answer_that_was_counted_stays_counted_after_an_edit(desk_of_kinds: Desk) -> None:
    seen, attempt = item_of(desk_of_kinds, "say-it")["version"], str(uuid4())
    desk_of_kinds.answer("top", step="say-it", version=seen, attempt=attempt)
    Step.objects.filter(slug="say-it").update(prompt="Another question")
    again = desk_of_kinds.answer("top", step="say-it", version=seen, attempt=attempt)
    assert again.json()["verdict"] == "wrong"
    assert Attempt.objects.count() == 1


def test_a_step_that_is_gone_is_said_to_be(desk_of_kinds: Desk) -> None:
    Step.objects.filter(slug="say-it").delete()
    refused = desk_of_kinds.answer("top", step="say-it")
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_step")


# --- clocks, repeats and tabs ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("took_s", "kept"),
    [
        ("-4", 0.0),
        ("-1e308", 0.0),
        ("1e308", 86_400.0),
        ("1" + "0" * 400, 86_400.0),
        ("NaN", 0.0),
        ("Infinity", 86_400.0),
        ("-Infinity", 0.0),
        ("4.5", 4.5),
    ],
)
def test_a_clock_that_jumps_costs_its_time_and_not_the_answer(
    desk_of_kinds: Desk, took_s: str, kept: float
) -> None:
    body = json.dumps({"attempt": str(uuid4()), "step": "say-it", "answer": "top"})
    body = body[:-1] + f', "took_s": {took_s}}}'
    response = desk_of_kinds.client.post(
        f"{desk_of_kinds.url}answer/", body, content_type="application/json"
    )
    assert response.json()["verdict"] == "wrong"
    assert Attempt.objects.get().took_s == kept


def at_once(count: int, work: Callable[[int], object]) -> list[Any]:
    """The work in ``count`` threads; each closes its own connection to the database."""

    def one(number: int) -> object:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_a_form_posted_eight_times_at_once_counts_once(kinds: Lesson, ada: User) -> None:
    attempt = str(uuid4())

    def post(_: int) -> int:
        client = Client()
        client.force_login(ada)
        desk = Desk(client, "/lessons/kinds/")
        return desk.answer("top", step="say-it", attempt=attempt).status_code

    assert at_once(8, post) == [200] * 8
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_answer_the_same_step_at_once(kinds: Lesson, ada: User) -> None:
    def answer(number: int) -> Any:
        client = Client()
        client.force_login(ada)
        desk = Desk(client, "/lessons/kinds/")
        return desk.answer(["top", "denominator"][number], step="say-it").json()

    first, second = at_once(2, answer)
    assert (first["verdict"], second["verdict"]) == ("wrong", "right")
    assert second["solved"] == ["say-it"]
    assert Attempt.objects.count() == 2
    client = Client()
    client.force_login(ada)
    late = Desk(client, "/lessons/kinds/").answer("top", step="say-it").json()
    assert (late["verdict"], late["solved"]) == ("wrong", ["say-it"])


def test_an_answer_of_1_mb(desk_of_kinds: Desk) -> None:
    refused = desk_of_kinds.answer("x" * 1_000_000, step="write-it")
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    form = {"answer": "x" * 1_000_000, "attempt": str(uuid4())}
    page = desk_of_kinds.client.post(f"{desk_of_kinds.url}steps/write-it/", form)
    assert "too long" in page.content.decode()
    assert len(page.content) < 30_000
    assert not Attempt.objects.exists()


# --- the form without a script --------------------------------------------------------------------


class Form:
    def __init__(self, client: Client, step: str) -> None:
        self.client, self.url = client, f"/lessons/kinds/steps/{step}/"
        self.seen = version(Step.objects.get(slug=step))

    def post(self, *answers: str, **fields: str) -> str:
        body = {"attempt": str(uuid4()), "version": self.seen, "answer": list(answers), **fields}
        response = self.client.post(self.url, body, follow=True)
        assert response.status_code == 200
        return str(response.content.decode())


@pytest.mark.parametrize(
    ("step", "wrong", "kept", "right"),
    [
        ("write-it", ["2(x + 3)"], ['value="2(x + 3)"'], ["2x + 6"]),
        ("solve-it", ["2x"], ['value="2x"'], ["x=4"]),
        ("choose", ["a", "b"], ['value="a" checked', 'value="b" checked'], ["a", "c"]),
        (
            "sort",
            ["b", "a", "c", "c"],
            ['value="b" selected', 'value="a" selected', 'value="c" selected'],
            ["a", "b", "c", "d"],
        ),
        ("say-it", ['<b>"top"</b>'], ["&lt;b&gt;&quot;top&quot;&lt;/b&gt;"], ["denominator"]),
    ],
)
def test_without_a_script_each_kind_works_and_keeps_what_was_written(
    browser: Client, kinds: Lesson, step: str, wrong: list[str], kept: list[str], right: list[str]
) -> None:
    form = Form(browser, step)
    html = form.post(*wrong)
    assert f"Title of {step}" in html
    for words in kept:
        assert words in html
    assert "Next step" in form.post(*right)
    assert Attempt.objects.filter(correct=True).count() == 1


def test_the_form_of_an_edited_step_keeps_what_was_written(browser: Client, kinds: Lesson) -> None:
    form = Form(browser, "say-it")
    Step.objects.filter(slug="say-it").update(prompt="Another *question*")
    html = form.post("denominator")
    assert "has just been changed" in html
    assert "Another <em>question</em>" in html
    assert 'value="denominator"' in html
    assert not Attempt.objects.exists()


def test_the_form_of_a_step_that_is_gone_leads_to_the_next_one(
    browser: Client, kinds: Lesson
) -> None:
    form = Form(browser, "say-it")
    Step.objects.filter(slug="say-it").delete()
    html = form.post("denominator")
    assert "not in the lesson any more" in html
    assert "You had written: denominator" in html
    assert "Title of write-it" in html


def test_a_form_that_was_reloaded_is_the_step_again(browser: Client, kinds: Lesson) -> None:
    response = browser.get("/lessons/kinds/steps/say-it/", follow=True)
    assert "Title of say-it" in response.content.decode()
    assert response.redirect_chain[0][0].endswith("/lessons/kinds/?step=say-it#lesson-step")


def test_nobody_chooses_what_is_not_there(browser: Client, kinds: Lesson) -> None:
    html = Form(browser, "choose").post(*["a"] * 500)
    assert "Title of choose" in html
    assert len(ABCD) == html.count('type="checkbox"')
    assert not Attempt.objects.exists()
