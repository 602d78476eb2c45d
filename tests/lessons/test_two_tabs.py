"""Two tabs, one learner: real threads, real transactions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.people import course, person
from tutor_emotion.lessons.content import COURSES, read_course
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import Attempt, Lesson, Mastery, Variant
from tutor_emotion.lessons.services import AnswerGiven, mark_answer

TABS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fractions() -> Lesson:
    course("fractions")
    load(read_course(COURSES / "fractions"))
    return Lesson.objects.get(slug="fractions-1")


@pytest.fixture
def ada() -> User:
    return person("ada")


def at_once(jobs: list[Callable[[], object]]) -> None:
    """All of them begin at the same moment, each on a connection of its own."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=20)
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(run, job) for job in jobs]:
            done.result(timeout=60)


def answering(lesson: Lesson, ada: User, attempt: UUID, variant: Variant | None) -> object:
    step = "shaded-part"
    answer = variant.answer if variant else lesson.steps.get(slug=step).answer
    given = AnswerGiven(attempt, step, variant.pk if variant else None, answer, took_s=1.0)
    return mark_answer(ada.pk, lesson, given)


def test_one_answer_sent_many_times_moves_the_belief_once(fractions: Lesson, ada: User) -> None:
    attempt = uuid4()
    at_once([lambda: answering(fractions, ada, attempt, None)] * TABS)
    assert Attempt.objects.count() == 1
    assert (Mastery.objects.get().answers, Mastery.objects.get().run) == (1, 1)


def test_the_same_item_answered_in_many_tabs_counts_once(fractions: Lesson, ada: User) -> None:
    at_once([lambda: answering(fractions, ada, uuid4(), None)] * TABS)
    assert Attempt.objects.count() == TABS
    assert Mastery.objects.get().answers == 1


def test_no_answer_of_another_item_is_lost(fractions: Lesson, ada: User) -> None:
    siblings = Variant.objects.filter(
        step__slug="shaded-part", kind__in=("similar_item", "harder_item")
    )
    items = [None, *siblings]
    at_once(
        [lambda item=item: answering(fractions, ada, uuid4(), item) for item in items]  # type: ignore[misc]
    )
    row = Mastery.objects.get()
    assert (row.answers, row.run) == (3, 3)
    assert row.mastered_at is not None
