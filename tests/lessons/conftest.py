"""The fractions lesson as everybody gets it, and a learner in front of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.people import course, person
from tutor_emotion.lessons.content import COURSES, read_course
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import Lesson, Step


@pytest.fixture
def lesson(db: None) -> Lesson:
    course("fractions")
    load(read_course(COURSES / "fractions"))
    return Lesson.objects.get(slug="fractions-1")


@pytest.fixture
def ada(db: None) -> User:
    return person("ada")


class Clock:
    """The server's clock, as Django tells it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)

    def passes(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def browser(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


ABCD = [{"key": key, "text": f"${number}/4$"} for key, number in zip("abcd", range(4), strict=True)]
KINDS: dict[str, dict[str, object]] = {
    "write-it": {"answer_kind": "expression", "answer": "2x + 6", "form": "expanded"},
    "solve-it": {"answer_kind": "expression", "answer": "x = 4", "form": "simplest"},
    "choose": {"answer_kind": "several", "answer": "a c", "choices": ABCD},
    "sort": {"answer_kind": "order", "answer": "a b c d", "choices": ABCD},
    "say-it": {"answer_kind": "text", "answer": "denominator"},
}


@pytest.fixture
def kinds(db: None) -> Lesson:
    """A lesson with the kinds of answers that the fractions do without."""
    course("kinds")
    row = Lesson.objects.create(slug="kinds", course_key="kinds", title="All kinds")
    for order, (slug, fields) in enumerate(KINDS.items()):
        Step.objects.create(
            lesson=row, order=order, slug=slug, title=f"Title of {slug}", prompt="?", **fields
        )
    return row


class Desk:
    """A learner's page, as far as the server sees it."""

    def __init__(self, client: Client, url: str = "/lessons/fractions-1/") -> None:
        self.client = client
        self.url = url

    def next(self, **wish: object):  # type: ignore[no-untyped-def]
        return self.client.get(f"{self.url}next/", wish)

    def answer(self, answer: str, step: str = "shaded-part", **fields: object):  # type: ignore[no-untyped-def]
        body = {"attempt": str(uuid4()), "step": step, "answer": answer, "took_s": 3.5, **fields}
        return self.client.post(f"{self.url}answer/", body, content_type="application/json")


@pytest.fixture
def desk(browser: Client, lesson: Lesson) -> Desk:
    return Desk(browser)


@pytest.fixture
def desk_of_kinds(browser: Client, kinds: Lesson) -> Desk:
    return Desk(browser, "/lessons/kinds/")
