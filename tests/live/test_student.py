"""The learner's socket: it works, its edges, what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import DatabaseError

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion import api, privacy, services, signals
from tutor_emotion.live import gate, push, student
from tutor_emotion.models import Course, Policy, Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("valkey"),
]
db = database_sync_to_async
STEP = {"step": "s1", "skill": "halves"}


@pytest.fixture
async def course() -> Course:
    return await db(people.course)(offer_every_s=30)


@pytest.fixture
async def session(course: Course, ada: User) -> Session:
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


async def three_misses(socket: LearnerSocket) -> None:
    await socket.send("step_shown", **STEP)
    for answer in ("1", "2", "2"):
        await socket.send("answer", **STEP, correct=False, took_s=20, answer=answer)


# --- it works -------------------------------------------------------------------------------------


async def test_welcome_says_what_may_be_used(session: Session, ada: User) -> None:
    socket = LearnerSocket(session.pk, ada)
    welcome = await socket.open()
    assert welcome["type"] == "welcome"
    assert welcome["allowed"] == ["face", "interaction", "self_report", "text", "voice"]
    assert welcome["resumed"] is False
    await socket.close()


async def test_three_misses_become_a_signal_a_row_and_a_django_signal(
    socket: LearnerSocket, session: Session
) -> None:
    heard: list[tuple[object, str]] = []

    def receiver(**kwargs: Any) -> None:
        heard.append((kwargs["session"].pk, kwargs["record"].kind))

    signals.affect_signal.connect(receiver)
    try:
        await three_misses(socket)
        await socket.send("ping", sent_s=1.0)
        await socket.until("pong")
    finally:
        signals.affect_signal.disconnect(receiver)
    kinds = await db(lambda: [s.kind for s in session.signals.all()])()
    assert "unresolved" in kinds
    assert (session.pk, "unresolved") in heard


async def test_a_receiver_that_fails_does_not_end_the_session(socket: LearnerSocket) -> None:
    def receiver(**_: Any) -> None:
        raise RuntimeError("a host's bug")

    signals.affect_signal.connect(receiver)
    try:
        await three_misses(socket)
        await socket.send("ping", sent_s=2.0)
        assert (await socket.until("pong"))["sent_s"] == 2.0
    finally:
        signals.affect_signal.disconnect(receiver)


async def test_the_host_reports_from_its_server(socket: LearnerSocket, session: Session) -> None:
    await socket.send("step_shown", **STEP)
    for _ in range(3):
        await api.areport(
            str(session.pk), {"type": "answer", **STEP, "correct": False, "took_s": 9}
        )
    await asyncio.sleep(0.3)
    assert await db(session.signals.count)() > 0


async def test_a_learner_comes_back_and_goes_on(session: Session, ada: User) -> None:
    first = LearnerSocket(session.pk, ada)
    await first.open()
    await three_misses(first)
    await first.send("ping", sent_s=1.0)
    await first.until("pong")
    await first.close()
    ended = await db(Session.objects.get)(pk=session.pk)
    assert ended.ended_at is not None
    second = LearnerSocket(session.pk, ada)
    assert (await second.open())["resumed"] is True
    live = student.SESSIONS._live[str(session.pk)]
    assert live.row().reasons
    assert (await db(Session.objects.get)(pk=session.pk)).ended_at is None
    await second.close()


async def test_the_belief_is_forgotten_after_the_grace(
    session: Session, ada: User, settings: Any
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"SESSION_GRACE_S": 0.1}
    first = LearnerSocket(session.pk, ada)
    await first.open()
    await first.close()
    await asyncio.sleep(0.3)
    second = LearnerSocket(session.pk, ada)
    assert (await second.open())["resumed"] is False
    await second.close()


async def test_a_teacher_hears_of_the_learner(socket: LearnerSocket, course: Course) -> None:
    from channels.layers import get_channel_layer

    channel = await get_channel_layer().new_channel()
    await push.ask_rows(course.key, channel)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    (item,) = message["rows"]
    assert (item["row"]["name"], item["row"]["need"]) == ("ada", "fine")


# --- its edges ------------------------------------------------------------------------------------


async def test_a_second_tab_takes_over(socket: LearnerSocket, session: Session, ada: User) -> None:
    second = LearnerSocket(session.pk, ada)
    assert (await second.open())["resumed"] is True
    error = await socket.until("error")
    assert (error["code"], error["fatal"]) == ("session_replaced", True)
    assert await socket.until("close") == {"type": "close", "code": 4409}
    await second.send("ping", sent_s=3.0)
    assert (await second.until("pong"))["sent_s"] == 3.0
    await second.close()


async def test_a_revoked_consent_acts_at_once(
    socket: LearnerSocket, course: Course, ada: User
) -> None:
    version = privacy.CONSENT_TEXT_VERSION
    await db(services.record_consents)(course, ada.pk, {"text": False}, version)
    await push.consent_changed(await db(services.open_session_ids)(course.pk, ada.pk))
    status = await socket.until("status", seconds=1)
    assert "text" not in status["in_use"]
    await socket.send("text", text="I don't get it")
    assert (await socket.until("error"))["code"] == "not_consented"


async def test_what_is_taken_back_ends_before_the_rows_are_read(
    socket: LearnerSocket, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(gate, "ask", away)
    await push.consent_changed([str(session.pk)], ["text"])
    status = await socket.until("status", seconds=1)
    assert "text" not in status["allowed"]
    await socket.send("text", text="I don't get it")
    assert (await socket.until("error"))["code"] == "not_consented"


async def test_pausing_the_course_acts_at_once(socket: LearnerSocket, course: Course) -> None:
    await db(Policy.objects.filter(course=course).update)(paused=True)
    await push.policy_changed(course.key)
    assert (await socket.until("status", seconds=1))["in_use"] == []
    await socket.send("rtc_offer", sdp="v=0", modalities=["face"])
    assert (await socket.until("error"))["code"] == "course_paused"


# --- what it refuses ------------------------------------------------------------------------------


async def test_a_stranger_is_not_let_in(session: Session) -> None:
    socket = LearnerSocket(session.pk, None)
    assert (await socket.open())["code"] == "not_signed_in"
    assert (await socket.next())["code"] == 4401


@pytest.mark.parametrize("whose", ["bens", "nobodys"])
async def test_somebody_elses_session_looks_like_none(session: Session, whose: str) -> None:
    ben = await db(people.person)("ben")
    session_id = session.pk if whose == "bens" else "00000000-0000-0000-0000-000000000000"
    socket = LearnerSocket(session_id, ben)
    assert (await socket.open())["code"] == "unknown_session"
    assert (await socket.next())["code"] == 4404


async def test_a_full_process_asks_to_come_back(
    session: Session, ada: User, course: Course, settings: Any
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MAX_SESSIONS": 1}
    first = LearnerSocket((await db(people.session)(course, ada)).pk, ada)
    await first.open()
    second = LearnerSocket(session.pk, ada)
    error = await second.open()
    assert (error["code"], error["retry"], error["fatal"]) == ("server_full", True, False)
    assert (await second.next())["code"] == 1013
    await first.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_message"),
        ("null", "bad_message"),
        ('{"type": "no_such"}', "bad_message"),
        ('{"type": "answer", "step": "s"}', "bad_message"),
        ('{"type": "idle", "idle_s": NaN}', "bad_message"),
        ('{"type": "idle", "idle_s": -1}', "bad_message"),
        ('{"type": "idle", "idle_s": 1, "more": 1}', "bad_message"),
        ('{"type": "text", "text": "' + "x" * 70_000 + '"}', "message_too_large"),
        ("[" * 50_000, "bad_message"),
        (
            '{"type": "rtc_offer", "sdp": "' + "x" * 40_000 + '", "modalities": ["face"]}',
            "bad_message",
        ),
        ('{"type": "rtc_offer", "sdp": "nonsense", "modalities": ["face"]}', "bad_sdp"),
        ('{"type": "rtc_offer", "sdp": "v=0", "modalities": ["text"]}', "bad_message"),
    ],
)
async def test_bad_messages_get_a_code_and_the_lesson_goes_on(
    socket: LearnerSocket, text: str, code: str
) -> None:
    await socket.raw(text)
    error = await socket.until("error")
    assert (error["code"], error["fatal"]) == (code, False)
    await socket.send("ping", sent_s=5.0)
    assert (await socket.until("pong"))["sent_s"] == 5.0


async def test_bytes_are_no_message(socket: LearnerSocket) -> None:
    await socket.wire.send_to(bytes_data=b"\x00\x01")
    assert (await socket.until("error"))["code"] == "bad_message"


async def test_a_flood_is_refused_and_then_closed(socket: LearnerSocket) -> None:
    for _ in range(700):
        await socket.send("ping", sent_s=0.0)
    error = await socket.until("error")
    assert error["code"] == "too_many_messages"
    closed = await socket.until("close", seconds=10)
    assert closed["code"] == 4429


async def test_an_offer_without_consent_is_refused(course: Course, ada: User) -> None:
    session = await db(people.session)(course, ada)
    socket = LearnerSocket(session.pk, ada)
    assert (await socket.open())["allowed"] == []
    await socket.send("rtc_offer", sdp="v=0", modalities=["face"])
    assert (await socket.until("error"))["code"] == "not_consented"
    await socket.close()


async def test_the_law_refuses_an_offer_whatever_was_consented(
    session: Session, ada: User, settings: Any
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_institution"}
    socket = LearnerSocket(session.pk, ada)
    assert "face" not in (await socket.open())["allowed"]
    for modality in ("face", "voice"):
        await socket.send("rtc_offer", sdp="v=0", modalities=[modality])
        assert (await socket.until("error"))["code"] == "forbidden_by_law"
    await socket.close()
