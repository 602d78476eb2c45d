"""What was done, noticed and decided is written once: sent again, written again, or waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async as db
from django.contrib.auth.models import User
from django.db import OperationalError
from pydantic import BaseModel

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion import services, signals
from tutor_emotion.core.types import Adaptation, AffectSignal, Idle, Visibility
from tutor_emotion.live import outbox
from tutor_emotion.live.outbox import Outbox
from tutor_emotion.live.session import LiveSession
from tutor_emotion.live.sessions import Sessions
from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, EventRecord, Session
from tutor_emotion.protocol import Kept, Numbered

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = {"type": "answer", "step": "eq-1", "skill": "linear", "correct": False, "took_s": 5.0}


@pytest.fixture
async def session(ada: User) -> Session:
    course = await db(people.course)()
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


def numbers(session: Session) -> list[int | None]:
    return list(EventRecord.objects.filter(session=session).values_list("number", flat=True))


async def tell(socket: LearnerSocket, number: int, event: dict[str, Any] = ANSWER) -> None:
    await socket.send("numbered", number=number, event=event)


# --- events ---------------------------------------------------------------------------------------


async def test_events_are_told_to_be_kept_once_they_are_written(
    session: Session, socket: LearnerSocket
) -> None:
    for number in (1, 2, 3):
        await tell(socket, number)
    assert (await socket.until("kept", 8))["number"] == 3
    assert await db(numbers)(session) == [1, 2, 3]


async def test_an_event_that_is_sent_again_is_heard_once_and_told_again(
    session: Session, socket: LearnerSocket
) -> None:
    for number in (1, 2, 2, 1):
        await tell(socket, number)
    await socket.until("kept", 8)
    await tell(socket, 2)  # its page has not heard that it is kept
    assert (await socket.until("kept", 8))["number"] == 2
    assert await db(numbers)(session) == [1, 2]


async def test_another_process_does_not_write_down_again_what_the_first_one_had(
    session: Session, ada: User, socket: LearnerSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor_emotion.live import student
    from tutor_emotion.live.sessions import Sessions

    for number in (1, 2):
        await tell(socket, number)
    await socket.until("kept", 8)
    monkeypatch.setattr(student, "SESSIONS", Sessions())  # it knows of no session
    other = LearnerSocket(session.pk, ada)
    await other.open()
    for number in (2, 3):
        await tell(other, number)
    assert (await other.until("kept", 8))["number"] == 3
    assert sorted(n or 0 for n in await db(numbers)(session)) == [1, 2, 3]
    await other.close()


async def test_what_is_refused_for_good_is_not_waited_for(ada: User) -> None:
    course = await db(people.course)()
    await db(people.consent)(course, ada, "self_report")
    session = await db(people.session)(course, ada)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    await tell(socket, 1)
    assert (await socket.until("error"))["code"] == "not_consented"
    assert (await socket.until("kept", 8))["number"] == 1
    assert await db(numbers)(session) == []
    await socket.close()


@pytest.mark.parametrize(
    "broken",
    [
        {"number": 0, "event": ANSWER},
        {"number": 1},
        {"number": "1", "event": ANSWER},
        {"number": 1, "event": {"type": "ping", "sent_s": 1.0}},
        {"number": 1, "event": {"type": "numbered", "number": 2, "event": ANSWER}},
    ],
)
async def test_a_numbered_event_is_checked_like_any_other(
    socket: LearnerSocket, broken: dict[str, Any]
) -> None:
    await socket.send("numbered", **broken)
    assert (await socket.until("error"))["code"] == "bad_message"


def test_what_has_no_number_is_known_again_by_its_kind_and_time(session: Session) -> None:
    first = [Idle(4.0, 30.0), Visibility(4.0, True), Visibility(5.0, False)]
    assert services.record_events(str(session.pk), first) == 3
    again = [*first, Visibility(6.0, True)]  # the thread wrote on, though nobody waited any more
    assert services.record_events(str(session.pk), again, unsure=True) == 1
    assert EventRecord.objects.count() == 4


def test_two_events_of_one_time_are_two_where_nothing_was_given_again(session: Session) -> None:
    both = [Idle(4.0, 30.0)]  # a clock that began anew may come to the same time
    assert services.record_events(str(session.pk), both) == 1
    assert services.record_events(str(session.pk), both) == 1


async def test_kept_is_not_told_before_what_another_socket_writes_is_written(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page reconnects while its old socket waits for the database, which then refuses."""
    here, real = Sessions(), services.record_events
    old, _ = await enter(here, session)
    await old.numbered(Numbered.model_validate({"type": "numbered", "number": 1, "event": ANSWER}))
    new, said = await enter(here, session)
    begun, go_on = threading.Event(), threading.Event()

    def away_once(*args: Any, **named: Any) -> int:
        if begun.is_set():
            return real(*args, **named)
        begun.set()
        go_on.wait(5)
        raise OperationalError("the database is away")

    monkeypatch.setattr(services, "record_events", away_once)
    writes = [asyncio.create_task(old.writing.events())]
    assert await asyncio.to_thread(begun.wait, 5)
    writes.append(asyncio.create_task(new.writing.events()))
    await asyncio.sleep(0.1)
    assert said == []
    go_on.set()
    refused, written = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(refused, OperationalError)
    assert written is None
    assert said == [Kept(number=1)]
    assert await db(numbers)(session) == [1]


async def enter(here: Sessions, row: Session) -> tuple[LiveSession, list[BaseModel]]:
    """A session whose hand does not go, and what it says."""
    said: list[BaseModel] = []

    async def send(message: BaseModel) -> None:
        said.append(message)

    fresh = await db(Session.objects.select_related("course", "learner").get)(pk=row.pk)
    live = here.take(fresh, "specific.nobody", send)
    await live.begin()
    return live, said


# --- signals --------------------------------------------------------------------------------------


def signal_now() -> AffectSignal:
    return AffectSignal("unresolved", "raised", 12.0, 3.0, 0.8, 0.6, (), skill="linear")


async def test_a_signal_whose_commit_nobody_heard_of_is_there_once_and_told(
    session: Session,
) -> None:
    told: list[object] = []
    key = uuid4()

    def hear(record: object, **_: object) -> None:
        told.append(record)

    signals.affect_signal.connect(hear)
    try:
        for _ in range(2):
            await db(services.record_signal)(str(session.pk), signal_now(), key)
    finally:
        signals.affect_signal.disconnect(hear)
    assert await AffectSignalRecord.objects.acount() == 1
    assert len(told) == 2  # the first telling is lost with the commit that broke off


# --- Adaptations ----------------------------------------------------------------------------------


HINT = Adaptation(3, "hint", "offer", 10.0, 70.0, None, "offer.hint")


def test_another_adaptation_of_the_same_number_gets_its_own(session: Session) -> None:
    """A process wrote its third late: another one had counted on from the rows meanwhile."""
    late = replace(HINT, kind="slow_down", at_s=8.0)
    there = services.record_adaptation(str(session.pk), HINT)
    given = [services.record_adaptation(str(session.pk), late, free_from=6) for _ in range(2)]
    assert [row.number for row in given] == [6, 6], "as it was, where nobody heard of the commit"
    again = services.record_adaptation(str(session.pk), HINT)
    assert (again.pk, again.number) == (there.pk, 3)
    next_ = services.record_adaptation(str(session.pk), replace(HINT, at_s=30.0))
    assert next_.number == 7
    assert AdaptationRecord.objects.count() == 3


# --- the outbox -----------------------------------------------------------------------------------


class Database:
    """Away for the first ``away`` writes."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.written: list[str] = []

    def write(self, what: str) -> Callable[[], None]:
        def write() -> None:
            if self.away > 0:
                self.away -= 1
                raise OperationalError("database is locked")
            self.written.append(what)

        return write


async def nothing(_: outbox.Entry, __: Any) -> None:
    return None


async def test_what_cannot_be_written_waits_and_goes_in_its_order() -> None:
    database, box = Database(away=2), Outbox()
    for what in "abc":
        box.add(database.write(what))
    assert [await box.flush(nothing) for _ in range(3)] == [False, False, True]
    assert database.written == ["a", "b", "c"]


async def test_what_can_never_be_written_holds_up_nothing() -> None:
    database, box = Database(away=0), Outbox()

    def erased() -> None:
        raise ValueError("its session is gone")

    box.add(erased)
    box.add(database.write("b"))
    with pytest.raises(ValueError, match="gone"):
        await box.flush(nothing)
    assert await box.flush(nothing)
    assert database.written == ["b"]


async def test_two_who_write_take_turns() -> None:
    database, box = Database(away=0), Outbox()
    for what in "abc":
        box.add(database.write(what))
    await asyncio.gather(box.flush(nothing), box.flush(nothing))
    assert database.written == ["a", "b", "c"]


async def test_an_outcome_given_while_the_database_is_away_is_written_when_it_is_back(
    session: Session, socket: LearnerSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away_until = services.record_outcome, time.monotonic() + 1.5
    written: list[int] = []

    def record(session_id: str, outcome: Any) -> None:
        if time.monotonic() < away_until:
            raise OperationalError("the database is away")
        written.append(outcome.adaptation)
        real(session_id, outcome)

    monkeypatch.setattr(services, "record_outcome", record)
    event = {"type": "outcome", "adaptation": 7, "outcome": "dismissed"}
    await tell(socket, 1, event)
    assert (await socket.until("kept", 10))["number"] == 1
    assert written == [7]
