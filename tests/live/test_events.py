"""What a learner did is kept for the teacher's timeline, without a word of it, and not for long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async as db
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.live.sockets import LearnerSocket
from tutor_emotion import privacy, services
from tutor_emotion.core.types import Answer, Event, SelfReport, StepShown, TextMessage
from tutor_emotion.live import push
from tutor_emotion.models import Course, EventRecord, Policy, Session
from tutor_emotion.services import events as event_verbs

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = {"step": "eq-1", "skill": "linear"}
ANSWER = {**SHOWN, "correct": False, "took_s": 12.5, "answer": "13"}


@pytest.fixture
def course() -> Course:
    return Course.objects.create(key="algebra", title="Algebra")


@pytest.fixture
def ada() -> Any:
    return get_user_model().objects.create_user("ada")


@pytest.fixture
def session(course: Course, ada: Any) -> Session:
    agree(course, ada, interaction=True, text=True, self_report=True)
    return Session.objects.create(course=course, lesson="equations", learner=ada)


def agree(course: Course, learner: Any, **choices: bool) -> None:
    services.record_consents(course, learner.pk, choices, privacy.CONSENT_TEXT_VERSION)  # type: ignore[arg-type]


def kinds(session: Session) -> list[str]:
    return list(EventRecord.objects.filter(session=session).values_list("kind", flat=True))


async def visit(session: Session, learner: Any, *messages: tuple[str, dict[str, Any]]) -> None:
    socket = LearnerSocket(session.pk, learner)
    await socket.open()
    for type_, fields in messages:
        await socket.send(type_, **fields)
    await socket.send("ping", sent_s=1.0)
    await socket.until("pong")  # all before it were taken
    await socket.close()


# --- it works -----------------------------------------------------------------------------------


async def test_what_was_done_is_kept_in_its_order_and_a_message_is_not(
    session: Session, ada: Any
) -> None:
    await visit(
        session,
        ada,
        ("step_shown", SHOWN),
        ("text", {"text": "i do not get it"}),
        ("answer", ANSWER),
        ("self_report", {"feeling": "stuck"}),
    )
    assert await db(kinds)(session) == ["StepShown", "Answer", "SelfReport"]
    answer = await db(EventRecord.objects.get)(kind="Answer")
    assert (answer.step, answer.correct, answer.took_s) == ("eq-1", False, 12.5)
    data = await db(lambda: answer.data)()
    assert "13" not in data.values()
    assert data["answer"]


def test_the_engine_takes_them_again_as_they_were(session: Session) -> None:
    given: list[Event] = [
        StepShown(1.0, "eq-1", "linear", 0.3, 40.0),
        Answer(9.0, "eq-1", "linear", correct=False, took_s=8.0, answer="13", expected_p=0.6),
        Answer(20.0, "eq-1", "linear", correct=False, took_s=11.0, answer="13"),
        SelfReport(21.0, "confused"),
    ]
    assert services.record_events(str(session.pk), given) == 4
    again = services.events_of(EventRecord.objects.all())
    assert again[0] == given[0]
    assert again[3] == given[3]
    first, second = again[1], again[2]
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert first.answer == second.answer != "13"  # the same answer again can still be seen
    assert (first.expected_p, first.at_s) == (0.6, 9.0)


# --- its edges ----------------------------------------------------------------------------------


async def test_nothing_is_kept_of_who_did_not_agree(course: Course, ada: Any) -> None:
    await db(agree)(course, ada, self_report=True)
    session = await db(Session.objects.create)(course=course, lesson="equations", learner=ada)
    await visit(
        session,
        ada,
        ("visibility", {"hidden": True}),
        ("activity", {"busy": "typing"}),
        ("answer", ANSWER),
        ("self_report", {"feeling": "fine"}),
    )
    assert await db(kinds)(session) == ["SelfReport"]


@pytest.mark.parametrize(
    ("taken_back", "left"),
    [
        ("interaction", ["SelfReport"]),
        ("self_report", ["StepShown"]),
        ("text", ["StepShown", "SelfReport"]),
    ],
)
def test_a_consent_that_is_taken_back_takes_its_events_along(
    session: Session, course: Course, ada: Any, taken_back: str, left: list[str]
) -> None:
    services.record_events(
        str(session.pk), [StepShown(1.0, "eq-1", "linear"), SelfReport(2.0, "fine")]
    )
    agree(course, ada, **{taken_back: False})
    assert kinds(session) == left


async def test_what_waits_to_be_written_goes_with_the_consent_too(
    session: Session, course: Course, ada: Any
) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.send("step_shown", **SHOWN)
    await socket.send("self_report", feeling="fine")
    await socket.send("ping", sent_s=1.0)
    await socket.until("pong")
    await db(agree)(course, ada, interaction=False)
    await push.consent_changed([str(session.pk)])
    await socket.until("status")  # the gate was asked again
    await socket.close()
    assert await db(kinds)(session) == ["SelfReport"]


def test_they_go_when_the_policy_keeps_them_no_longer(session: Session, course: Course) -> None:
    Policy.objects.create(course=course, keep_events_days=8)
    services.record_events(str(session.pk), [StepShown(1.0, "eq-1", "linear")])
    assert services.prune_events(course.pk) == 0  # it still runs
    for days, gone in ((7, 0), (9, 1)):
        Session.objects.update(ended_at=timezone.now() - timedelta(days=days))
        assert services.prune_events(course.pk) == gone


async def test_a_course_that_keeps_nothing_forgets_with_the_session(
    session: Session, course: Course, ada: Any
) -> None:
    await db(Policy.objects.create)(course=course, keep_events_days=0)
    await visit(session, ada, ("step_shown", SHOWN))
    assert await db(kinds)(session) == []


async def test_who_leaves_looks_for_what_is_too_old_once_an_hour(
    session: Session, course: Course, ada: Any, valkey: redis.Redis
) -> None:
    await db(Policy.objects.create)(course=course, keep_events_days=8)

    async def old_ones_go() -> bool:
        made = await db(Session.objects.create)(course=course, lesson="equations", learner=ada)
        await db(services.record_events)(str(made.pk), [StepShown(1.0, "eq-1", "linear")])
        ended_at = timezone.now() - timedelta(days=9)
        await db(Session.objects.filter(pk=made.pk).update)(ended_at=ended_at)
        await visit(session, ada)
        return await db(kinds)(made) == []

    assert [await old_ones_go(), await old_ones_go()] == [True, False]
    (mark,) = valkey.keys("*pruned:*")
    assert 3500 < valkey.ttl(mark) <= 3600
    valkey.delete(mark)
    assert await old_ones_go()


def test_without_valkey_it_is_the_nights(settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    assert not services.prune_is_due(1)


# --- what it refuses ----------------------------------------------------------------------------


def test_a_page_that_floods_stops_at_the_limit(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_verbs, "EVENTS_A_SESSION", 3)
    shown = [StepShown(float(i), "eq-1", "linear") for i in range(6)]
    kept = [services.record_events(str(session.pk), shown[i : i + 2]) for i in (0, 2, 4)]
    assert kept == [2, 1, 0]


def test_typed_text_is_never_written_whoever_asks(session: Session) -> None:
    assert services.record_events(str(session.pk), [TextMessage(1.0, "help me")]) == 0
    assert not EventRecord.objects.exists()


def test_rows_of_an_unknown_kind_are_passed_over(session: Session) -> None:
    EventRecord.objects.create(session=session, kind="Gone", at_s=1.0)
    assert services.events_of(EventRecord.objects.all()) == []
