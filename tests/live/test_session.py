"""A session that meets bad luck: lost messages, two processes, faults half-way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import redis
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from pydantic import BaseModel

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion import api, privacy, services
from tutor_emotion.core.types import Adaptation, FaceCrop, Reading, Window
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.inference import queue
from tutor_emotion.live import push, student
from tutor_emotion.live import session as sessions
from tutor_emotion.live import sessions as live_sessions
from tutor_emotion.live.sensors import Sensors
from tutor_emotion.live.session import LiveSession
from tutor_emotion.live.sessions import Sessions
from tutor_emotion.media.status import PeerStatus
from tutor_emotion.models import Consent, Course, Policy, Session
from tutor_emotion.protocol import AnswerMessage, Numbered, SelfReportMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async


@pytest.fixture
async def course() -> Course:
    return await db(people.course)()


@pytest.fixture
async def session(course: Course, ada: User) -> Session:
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


@pytest.fixture
async def socket(session: Session, ada: User) -> AsyncIterator[LearnerSocket]:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    yield socket
    if not socket.wire.future.done():
        await socket.close()


async def enter(here: Sessions, row: Session) -> LiveSession:
    async def send(_: BaseModel) -> None:
        return None

    fresh = await db(Session.objects.select_related("course", "learner").get)(pk=row.pk)
    live = here.take(fresh, "specific.nobody", send)
    await live.begin()
    return live


# --- what it counts ---------------------------------------------------------------------------


async def test_each_second_counts_as_one_in_which_enough_was_known_or_not(
    session: Session,
) -> None:
    here = Sessions()
    live = await enter(here, session)
    await live._tick()
    assert live.belief.windows["belief:unknown"] == 1
    await live.report(SelfReportMessage(feeling="stuck"))
    await live._tick()
    assert live.belief.windows["belief:known"] == 1
    await live.pause(True)
    await live._tick()  # neither: nothing is listened to
    await here.leave(live)
    row = await db(Session.objects.get)(pk=session.pk)
    assert row.windows["belief:unknown"] == row.windows["belief:known"] == 1


async def test_who_agreed_to_nothing_is_not_counted_as_unknown(course: Course, ada: User) -> None:
    row = await db(people.session)(course, ada)
    live = await enter(Sessions(), row)
    await live._tick()
    assert not any(live.belief.windows[f"belief:{word}"] for word in ("known", "unknown"))


# --- two processes ----------------------------------------------------------------------------


async def test_a_socket_that_was_taken_over_elsewhere_does_not_end_the_session(
    session: Session, course: Course, ada: User
) -> None:
    here, there = Sessions(), Sessions()
    old = await enter(here, session)
    old.belief.estimates, old.belief.windows["face:ok"] = 3, 2
    new = await enter(there, session)
    await here.leave(old)
    row = await db(Session.objects.get)(pk=session.pk)
    assert row.ended_at is None  # or a revoked consent would not be told to it
    assert await db(services.open_session_ids)(course.pk, ada.pk) == [str(session.pk)]
    assert here._waiting == {}
    new.belief.estimates, new.belief.windows["face:ok"] = 4, 5
    await there.leave(new)
    row = await db(Session.objects.get)(pk=session.pk)
    assert row.ended_at is not None
    assert (row.estimates, row.windows) == (7, {"face:ok": 7})


async def test_who_comes_back_while_the_last_socket_is_written_down_keeps_all(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Sessions()
    old = await enter(here, session)
    old.belief.estimates = 3
    came: list[LiveSession] = []
    really_leave = services.leave_session

    def slow(*args: Any) -> bool:
        if not came:
            came.append(async_to_sync(enter)(here, session))
            came[0].belief.estimates += 1
        return really_leave(*args)

    monkeypatch.setattr(services, "leave_session", slow)
    await here.leave(old)
    (new,) = came
    assert new.resumed
    assert here._live == {new.id: new}
    assert not new.surrendered
    await here.leave(new)
    row = await db(Session.objects.get)(pk=session.pk)
    assert row.ended_at is not None
    assert row.estimates == 4


async def test_two_sockets_that_leave_together_count_once(session: Session) -> None:
    here = Sessions()
    old = await enter(here, session)
    new = await enter(here, session)
    new.belief.estimates, new.belief.windows["face:ok"] = 3, 2
    await asyncio.gather(old.write_counts(), new.write_counts())
    row = await db(Session.objects.get)(pk=session.pk)
    assert (row.estimates, row.windows) == (3, {"face:ok": 2})


async def test_adaptations_are_numbered_on_where_another_process_stopped(
    session: Session,
) -> None:
    shown = Adaptation(1, "hint", "offer", 10.0, 70.0, None, "offer.hint")
    await db(services.record_adaptation)(str(session.pk), shown)
    live = await enter(Sessions(), session)
    assert live.belief.state.pacing.next_id == 2


# --- a database that is away while somebody leaves ---------------------------------------------


class Database:
    """``leave_session``, refused for as long as ``error`` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = OperationalError("the database is away")
        self.tried = 0
        self._real = services.leave_session
        monkeypatch.setattr(services, "leave_session", self.leave_session)
        monkeypatch.setattr(live_sessions, "WRITE_AGAIN_S", 0.05)

    def leave_session(self, *args: Any) -> bool:
        self.tried += 1
        if self.error is not None:
            raise self.error
        return self._real(*args)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    return Database(monkeypatch)


@pytest.fixture
def no_grace(settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"SESSION_GRACE_S": 0.01}


async def until(done: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.01)


async def row_of(session: Session) -> Session:
    found: Session = await db(Session.objects.get)(pk=session.pk)
    return found


@pytest.mark.usefixtures("no_grace")
async def test_what_waits_is_written_after_a_leave_and_beyond_the_grace(
    session: Session, database: Database
) -> None:
    here = Sessions()
    live = await enter(here, session)
    live.belief.estimates = 3
    await here.leave(live)
    await until(lambda: database.tried > 2)
    assert here._waiting, "who comes back goes on in the same belief"
    assert (await row_of(session)).ended_at is None
    database.error = None
    await until(lambda: not here._unwritten)
    row = await row_of(session)
    assert row.ended_at is not None
    assert row.estimates == 3
    assert here._waiting == {}


async def test_an_outbox_that_waits_is_tried_again(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.error = None
    here, written = Sessions(), list[str]()

    def away_once() -> None:
        if not written:
            written.append("refused")
            raise OperationalError("the database is locked")
        written.append("written")

    live = await enter(here, session)
    live.belief.outbox.add(away_once)
    await here.leave(live)
    await until(lambda: not here._unwritten)
    assert written == ["refused", "written"]
    assert (await row_of(session)).ended_at is not None


@pytest.mark.parametrize("error", [IntegrityError("no such row"), ValueError("a bug of ours")])
async def test_what_can_never_be_written_keeps_no_session_open(
    session: Session, database: Database, error: Exception
) -> None:
    database.error = None

    def never() -> None:
        raise error

    here = Sessions()
    live = await enter(here, session)
    live.belief.outbox.add(never)
    await here.leave(live)
    await until(lambda: not here._unwritten)
    assert (await row_of(session)).ended_at is not None


async def test_who_comes_back_writes_for_the_one_that_left(
    session: Session, database: Database
) -> None:
    here = Sessions()
    old = await enter(here, session)
    old.belief.estimates = 3
    await here.leave(old)
    new = await enter(here, session)
    assert new.belief is old.belief
    await until(lambda: not here._unwritten)
    tried, database.error = database.tried, None
    await here.leave(new)
    row = await row_of(session)
    assert (database.tried, row.estimates) == (tried + 1, 3)
    assert row.ended_at is not None


async def test_who_cannot_even_enter_leaves_for_the_one_before(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is loaded again and closed while the database is away."""
    here = Sessions()
    old = await enter(here, session)
    old.belief.estimates = 3
    await here.leave(old)
    with monkeypatch.context() as patch:
        patch.setattr(services, "enter_session", database.leave_session)
        with pytest.raises(OperationalError):
            await enter(here, session)
    (new,) = here._live.values()
    await here.leave(new)
    database.error = None
    await until(lambda: not here._unwritten)
    row = await row_of(session)
    assert row.ended_at is not None
    assert row.estimates == 3


@pytest.mark.usefixtures("no_grace")
async def test_a_database_that_never_comes_back_holds_nobody_for_ever(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sessions, "WRITE_FOR_S", 0.3)
    here = Sessions()
    await here.leave(await enter(here, session))
    assert here._unwritten
    await until(lambda: not here._unwritten)
    assert here._waiting == {}


async def test_more_than_a_process_can_hold_are_tried_once(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sessions, "MOST_UNWRITTEN", 0)
    here = Sessions()
    await here.leave(await enter(here, session))
    assert here._unwritten == set()
    assert database.tried == 1


# --- lost messages ------------------------------------------------------------------------------


async def test_a_revoked_consent_is_noticed_though_nobody_was_told(
    session: Session, course: Course, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "GATE_AGAIN_S", 0.1)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    version = privacy.CONSENT_TEXT_VERSION
    await db(services.record_consents)(course, ada.pk, {"text": False}, version)
    status = await socket.until("status", seconds=4)
    assert "text" not in status["in_use"]
    await socket.close()


async def test_a_policy_that_cannot_be_does_not_keep_a_pause_from_being_heard(
    socket: LearnerSocket, course: Course
) -> None:
    await db(Policy.objects.filter(course=course).update)(strong_on=0.1, paused=True)
    await push.policy_changed(course.key)
    assert (await socket.until("status", seconds=2))["in_use"] == []


async def test_a_teacher_is_on_it_until_it_is_over(session: Session) -> None:
    live = await enter(Sessions(), session)
    live._seen = live.row().model_copy(update={"need": "struggle"})
    live.acknowledge("Grace")
    await live._tick()
    assert (live.row().need, live.row().acknowledged_by) == ("fine", "")
    live.acknowledge("Grace")  # before anything is wrong
    await live._tick()
    assert live.row().acknowledged_by == "Grace"


# --- the host's own reports -----------------------------------------------------------------------


async def test_only_events_can_be_reported(session: Session) -> None:
    with pytest.raises(BadInput, match="not an event"):
        await api.areport(str(session.pk), {"type": "media_stop"})
    with pytest.raises(BadInput, match="bad_message"):
        await api.areport(str(session.pk), {"type": "no_such"})


async def test_a_report_without_a_broker_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(push, "_to_group", away)
    with pytest.raises(Unavailable, match="messages_away"):
        await api.areport(str(session.pk), {"type": "idle", "idle_s": 3.0})


# --- consent --------------------------------------------------------------------------------------


def test_two_forms_at_once_leave_one_live_consent() -> None:
    ada, course = people.person(), people.course()

    def yes(_: int) -> None:
        try:
            people.consent(course, ada, "face")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(yes, range(2)))
    live = Consent.objects.filter(learner=ada, modality="face", revoked_at=None)
    assert live.count() == 1


def test_sessions_are_told_only_once_the_consent_is_written(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    ada, course = people.person(), people.course()
    people.consent(course, ada)
    people.session(course, ada)
    inside: list[bool] = []

    async def told(_: list[str], taken_back: list[str]) -> None:
        assert taken_back == ["face"]
        inside.append(await db(lambda: connection.in_atomic_block)())

    monkeypatch.setattr(push, "consent_changed", told)
    client.force_login(ada)
    body = {
        "token": people.token(course, ada),
        "text_version": privacy.CONSENT_TEXT_VERSION,
        "modalities": {"face": False},
    }
    with transaction.atomic():  # as ATOMIC_REQUESTS does
        response = client.post("/tutor-emotion/consents/", body, content_type="application/json")
        assert response.status_code == 200
        assert inside == []
    assert inside == [False]


async def test_what_a_face_taught_goes_with_its_consent(
    session: Session, course: Course, ada: User
) -> None:
    live = await enter(Sessions(), session)
    known = live.belief.state.baseline
    live.belief.state = replace(
        live.belief.state,
        baseline=known.learn({"brow_lowered": 0.6}, n=1.0, limit=90.0, kappa=10.0),
    )
    await db(Policy.objects.filter(course=course).update)(paused=True)
    await live.reload_policy()
    assert live.belief.state.baseline.n("brow_lowered") == 1.0  # a pause is no change of mind
    await db(Policy.objects.filter(course=course).update)(paused=False)
    version = privacy.CONSENT_TEXT_VERSION
    await db(services.record_consents)(course, ada.pk, {"face": False}, version)
    await live.reload_policy()
    assert live.belief.state.baseline == known


# --- faults half-way ------------------------------------------------------------------------------


async def test_a_handler_that_fails_leaves_no_session_behind(
    socket: LearnerSocket, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(privacy, "rules", broken)
    live = student.SESSIONS._live[str(session.pk)]
    await socket.send("rtc_offer", sdp="v=0", modalities=["face"])
    assert (await socket.until("error"))["code"] == "internal"
    assert (await socket.until("close"))["code"] == 1011
    assert student.SESSIONS._live == {}
    assert live._tasks == set()


async def test_a_database_that_does_not_answer_holds_up_neither_windows_nor_answers(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sessions ask it in one thread: one write that waits for a lock keeps that for seconds."""
    here = Sessions()
    live = await enter(here, session)
    ticks: list[float] = []
    really_tick = live.sensors.tick

    async def tick() -> Any:
        ticks.append(time.monotonic())
        return await really_tick()

    monkeypatch.setattr(live.sensors, "tick", tick)
    free = threading.Event()
    holding = asyncio.create_task(db(free.wait)(30.0))
    began = time.monotonic()
    live._gate_due_s = 0.0
    for number in range(1, 4):
        answer = AnswerMessage(step="s", skill="k", correct=False, took_s=2.0, answer="3")
        await live.numbered(Numbered(number=number, event=answer))
        await live.report(SelfReportMessage(feeling="stuck"))
        await live.reload_policy()
        await live._second()
    assert len(ticks) == 3
    assert time.monotonic() - began < 6.0
    assert live.belief.kept == 0
    free.set()
    await holding
    end = time.monotonic() + 10
    while live._aside.busy and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert not live._aside.busy
    live._events_due_s = 0.0
    await live._second()
    assert live.belief.kept == 3
    await here.leave(live)


async def test_a_database_that_is_away_gets_a_code_and_the_lesson_goes_on(
    socket: LearnerSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(privacy, "rules", away)
    await socket.send("rtc_offer", sdp="v=0", modalities=["face"])
    error = await socket.until("error")
    assert (error["code"], error["retry"], error["fatal"]) == ("messages_away", True, False)
    await socket.send("ping", sent_s=1.0)
    await socket.until("pong")


async def test_the_second_hand_outlives_a_second_that_failed(
    socket: LearnerSocket, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(1)
        raise ZeroDivisionError

    live = student.SESSIONS._live[str(session.pk)]
    monkeypatch.setattr(live.sensors, "tick", tick)
    await asyncio.sleep(2.3)
    assert len(ticks) >= 2


# --- a Window on its way -------------------------------------------------------------------------


class SeeingPeer:
    """A peer with a picture in each Window, as far as Sensors can tell."""

    status = PeerStatus("live", frozenset({"face"}))
    speaking = False

    def cut(self, now_s: float) -> Window:
        crop = FaceCrop(now_s, now_s, np.zeros((8, 8, 3), np.uint8), 0.4, 0.0, 1.0)
        return Window(0, now_s - 1, now_s, (crop,), (), "ok", "off", 1)

    def pause(self, paused: bool) -> None:
        return None

    def drop(self, modality: str) -> None:
        return None

    async def close(self) -> None:
        return None


async def test_a_window_of_which_nothing_was_read_has_no_time_of_its_estimate() -> None:
    sensors = Sensors("specific.nobody", lambda: 5.0, lambda _: None)
    sensors._peer = SeeingPeer()  # type: ignore[assignment]
    await sensors.tick()
    readings, report = sensors.arrived(0, [])
    assert readings == []
    assert report is not None
    assert report.estimated_at_s is None


async def test_a_peer_is_closed_though_the_queue_is_slow_or_its_closing_is_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[float] = []

    class ClosingPeer(SeeingPeer):
        async def close(self) -> None:
            closed.append(time.monotonic())

    async def slow(_: str) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(queue, "drop", slow)
    sensors = Sensors("specific.nobody", lambda: 5.0, lambda _: None)
    sensors._peer = ClosingPeer()  # type: ignore[assignment]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sensors.close(), 0.2)
    assert len(closed) == 1
    assert not sensors.active


async def test_asking_the_gate_again_costs_no_window() -> None:
    sensors = Sensors("specific.nobody", lambda: 5.0, lambda _: None)
    sensors._peer = SeeingPeer()  # type: ignore[assignment]
    await sensors.tick()
    await sensors.restrict(frozenset({"face", "voice"}))
    _, report = sensors.arrived(0, [])
    assert report is not None
    await sensors.restrict(frozenset({"face"}))
    await sensors.tick()
    await sensors.restrict(frozenset({"face"}))
    _, report = sensors.arrived(1, [])
    assert report is not None


@pytest.mark.parametrize(("n_valid", "word"), [(0, "no_face"), (1, "ok")])
async def test_what_the_mesh_does_not_take_for_a_face_is_none(n_valid: int, word: str) -> None:
    sensors = Sensors("specific.nobody", lambda: 5.0, lambda _: None)
    sensors._peer = SeeingPeer()  # type: ignore[assignment]
    await sensors.tick()
    reading = Reading("face", 4.0, 5.0, {}, 0.0, n_valid, "compact/1")
    _, report = sensors.arrived(0, [asdict(reading)])
    assert report is not None
    assert report.face == word
    assert +sensors.windows == {f"face:{word}": 1, "voice:off": 1}


@pytest.mark.parametrize(
    "stop",
    [
        lambda sensors: sensors.pause(True),
        lambda sensors: sensors.restrict(frozenset({"voice"})),
        lambda sensors: sensors.close(),
    ],
    ids=["pause", "revoke", "stop"],
)
@pytest.mark.parametrize("broker", ["there", "away"])
async def test_a_window_that_was_on_its_way_does_not_wait_after_the_end(
    valkey: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[[Sensors], Awaitable[None]],
    broker: str,
) -> None:
    sensors = Sensors("specific.nobody", lambda: 5.0, lambda _: None)
    sensors._peer = SeeingPeer()  # type: ignore[assignment]
    really_put = queue.put

    async def put(*args: Any) -> None:
        await stop(sensors)
        if broker == "away":
            raise Unavailable("queue_unavailable", "The inference queue is away.")
        await really_put(*args)

    monkeypatch.setattr(queue, "put", put)
    await sensors.tick()
    assert valkey.keys("te:*") == []
