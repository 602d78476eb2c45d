"""A process that is about to end: it takes nobody, asks who is here to move, and waits."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import AsyncClient

from tests import people
from tests.live.sockets import LearnerSocket, open_socket
from tutor_emotion import services
from tutor_emotion.live import door, draining, sessions
from tutor_emotion.live.draining import Drain
from tutor_emotion.models import Course, Session
from tutor_emotion.views import health

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async


@pytest.fixture
async def session(ada: User) -> Session:
    course = await db(people.course)()
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


@pytest.fixture
def drain(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Drain:
    """This test's own process, which waits two seconds and hurries with its asking."""
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"DRAIN_S": 2, "DRAIN_SPREAD_S": 0.2}
    own = Drain()
    for module in (draining, door, health):
        monkeypatch.setattr(module, "DRAIN", own)
    return own


class Person:
    """A socket that leaves ``takes_s`` after it is asked to; or never."""

    def __init__(self, drain: Drain, takes_s: float | None = 0.0) -> None:
        self.drain = drain
        self.takes_s = takes_s
        self.asked_s: list[float] = []
        drain.enter(self)

    async def move(self) -> None:
        self.asked_s.append(time.monotonic())
        if self.takes_s is not None:
            asyncio.get_running_loop().call_later(self.takes_s, self.drain.left, self)


async def drained(drain: Drain) -> float:
    """Seconds until it is over."""
    begun, over = time.monotonic(), asyncio.Event()
    drain.begin(over.set)
    await asyncio.wait_for(over.wait(), 5)
    return time.monotonic() - begun


# --- it works -------------------------------------------------------------------------------------


async def test_a_learner_is_asked_to_move_and_learns_on_meanwhile(
    drain: Drain, session: Session, ada: User
) -> None:
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    assert drain.here == 1
    drain.begin()
    assert (await socket.until("move"))["type"] == "move"
    await socket.send("ping", sent_s=1.0)
    assert (await socket.until("pong"))["sent_s"] == 1.0
    await socket.close()
    assert drain.here == 0


async def test_a_teacher_is_asked_too(drain: Drain) -> None:
    from channels.routing import URLRouter

    from tutor_emotion.routing import websocket_urlpatterns

    teacher = await db(people.person)("tea")
    course: Course = await db(people.course)()
    await db(course.teachers.add)(teacher)
    path = f"/ws/tutor-emotion/classroom/{course.key}/"
    async with open_socket(URLRouter(websocket_urlpatterns), path, teacher) as socket:
        assert (await socket.hear())["type"] == "classroom"
        drain.begin()
        assert (await socket.hear())["type"] == "move"


async def test_it_is_over_when_the_last_one_is_gone(drain: Drain) -> None:
    Person(drain)
    Person(drain, takes_s=0.5)
    assert 0.5 <= await drained(drain) < 1.5


async def test_a_browser_that_reads_nothing_holds_up_nobody(
    drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "ASK_LIMIT_S", 0.2)

    class Deaf(Person):
        async def move(self) -> None:
            await asyncio.sleep(60)

    Deaf(drain, takes_s=None)
    behind = Person(drain)
    assert await drained(drain) < 3.0
    assert behind.asked_s


async def test_who_moved_is_taken_elsewhere_and_the_session_goes_on(
    drain: Drain, session: Session, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next socket is opened before the first is left; the session's row never ends."""
    first = LearnerSocket(session.pk, ada)
    await first.open()
    drain.begin()
    await first.until("move")
    monkeypatch.setattr(door, "DRAIN", Drain())  # the other process
    second = LearnerSocket(session.pk, ada)
    assert (await second.open())["type"] == "welcome"
    assert (await first.until("error"))["code"] == "session_replaced"
    await first.close()
    assert (await db(Session.objects.get)(pk=session.pk)).ended_at is None
    await second.close()


# --- its edges ------------------------------------------------------------------------------------


async def test_nobody_is_asked_twice_and_not_all_at_once(drain: Drain) -> None:
    people = [Person(drain, takes_s=1.0) for _ in range(4)]
    await drained(drain)
    asked = [person.asked_s for person in people]
    assert [len(times) for times in asked] == [1, 1, 1, 1]
    assert asked[3][0] - asked[0][0] >= 0.14  # three gaps of a twentieth of a second


async def test_who_does_not_go_is_not_waited_for_beyond_the_limit(drain: Drain) -> None:
    Person(drain, takes_s=None)
    assert 2.0 <= await drained(drain) < 3.0
    assert drain.here == 1


async def test_a_session_that_is_not_written_yet_is_waited_for(
    drain: Drain, session: Session, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its socket is gone, and the database away for a moment."""
    really_leave, until_s = services.leave_session, time.monotonic() + 60.0

    def away(*args: Any) -> bool:
        if time.monotonic() < until_s:
            raise OperationalError("the database is away")
        return really_leave(*args)

    monkeypatch.setattr(services, "leave_session", away)
    monkeypatch.setattr(sessions, "WRITE_AGAIN_S", 0.05)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await socket.close()
    assert drain.here == 0
    until_s = time.monotonic() + 0.5
    assert 0.4 <= await drained(drain) < 2.0
    assert (await db(Session.objects.get)(pk=session.pk)).ended_at is not None


async def test_an_empty_process_is_drained_at_once_and_again_later(drain: Drain) -> None:
    assert await drained(drain) < 0.5
    assert await drained(drain) < 0.5


async def test_readiness_says_so(drain: Drain) -> None:
    client = AsyncClient()
    before = (await client.get("/readyz")).json()
    assert (before["draining"], before["sockets"]) == (False, 0)
    Person(drain, takes_s=None)
    drain.begin()
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    said = answer.json()
    assert (said["ready"], said["draining"], said["sockets"]) == (False, True, 1)
    assert (said["database"], said["queue"]) == (True, True)


# --- what it refuses ------------------------------------------------------------------------------


async def test_nobody_new_is_taken_and_the_browser_comes_again(
    drain: Drain, session: Session, ada: User
) -> None:
    drain.begin()
    socket = LearnerSocket(session.pk, ada)
    said = await socket.open()
    assert (said["code"], said["retry"], said["fatal"]) == ("draining", True, False)
    closed = await socket.next()
    assert closed == {"type": "close", "code": 1013}, "below 4000: the browser comes again"
    await socket.close()
