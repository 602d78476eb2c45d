"""Erasing somebody who is at it right now."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from tests import people
from tests.filled import our_models
from tests.live.sockets import LearnerSocket
from tutor_emotion.live import student
from tutor_emotion.live.erasing import erase
from tutor_emotion.models import Course, ErasureRecord, Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("valkey"),
]
db = database_sync_to_async
STEP = {"step": "s1", "skill": "halves"}


@pytest.fixture
async def session(ada: User) -> Session:
    course = await db(people.course)(offer_every_s=30)
    await db(people.consent)(course, ada)
    return await db(people.session)(course, ada)


async def miss(socket: LearnerSocket, times: int) -> None:
    for number in range(times):
        await socket.send("answer", **STEP, correct=False, took_s=20, answer=str(number))


def left(user_id: int) -> dict[str, int]:
    found = {}
    for model in our_models():
        for field in model._meta.fields:
            if field.is_relation and field.related_model is User:
                n = model._base_manager.filter(**{field.name: user_id}).count()
                found |= {model._meta.label: n} if n else {}
    return found


async def closed(socket: LearnerSocket) -> list[dict[str, Any]]:
    """What came until the socket closed, and that."""
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["type"] != "close":
        heard.append(await socket.wire.receive(5.0))
    return heard


async def test_the_lesson_that_is_open_ends(
    socket: LearnerSocket, session: Session, ada: User
) -> None:
    await socket.send("step_shown", **STEP)
    await miss(socket, 4)
    await db(erase)(ada)
    heard = await closed(socket)
    assert heard[-1] == {"type": "close", "code": 4404}
    assert heard[-2]["code"] == "unknown_session"
    assert await db(left)(ada.pk) == {}


async def test_what_was_on_its_way_is_not_written_any_more(
    socket: LearnerSocket, session: Session, ada: User
) -> None:
    """Answers before, during and after; a second later there is still nothing."""
    await socket.send("step_shown", **STEP)
    await miss(socket, 3)
    erasing = asyncio.create_task(db(erase)(ada))
    await miss(socket, 10)
    await erasing
    await closed(socket)
    await asyncio.sleep(2.5)  # longer than events wait to be written
    assert await db(left)(ada.pk) == {}
    assert await db(ErasureRecord.objects.count)() == 1


async def test_nobody_elses_lesson_ends(socket: LearnerSocket, session: Session) -> None:
    ben = await db(people.person)("ben")
    course = await db(Course.objects.get)()
    await db(people.consent)(course, ben)
    other = LearnerSocket((await db(people.session)(course, ben)).pk, ben)
    await other.open()
    await db(erase)(ben)
    await closed(other)
    await socket.send("step_shown", **STEP)
    assert await db(Session.objects.filter(pk=session.pk, ended_at=None).exists)()
    assert str(session.pk) in student.SESSIONS._live


async def test_nothing_of_them_stays_in_valkey(
    socket: LearnerSocket, session: Session, ada: User, valkey: redis.Redis
) -> None:
    """Neither under a name of theirs nor as what is kept there, but for what is minutes old."""
    await miss(socket, 3)
    await db(erase)(ada)
    await closed(socket)
    for key in await asyncio.to_thread(lambda: list(valkey.scan_iter())):
        assert str(session.pk).encode() not in key
        seconds = await asyncio.to_thread(valkey.ttl, key)
        assert 0 <= seconds <= 3600, f"{key!r} has no end"


async def test_without_the_broker_the_rows_go_all_the_same(
    ada: User, session: Session, settings: Any
) -> None:
    layer = settings.CHANNEL_LAYERS["default"]
    away = {**layer, "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]}}
    settings.CHANNEL_LAYERS = {"default": away}
    assert (await db(erase)(ada)).counts
    assert await db(left)(ada.pk) == {}
