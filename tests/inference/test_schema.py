"""A worker and a web process of two versions: each says so with a code, and the lesson goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
import redis
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from tests import people
from tests.inference.windows import window
from tests.live.sockets import LearnerSocket
from tutor_emotion import faults
from tutor_emotion.conf import get_settings
from tutor_emotion.faults import Fault
from tutor_emotion.inference import queue, schema
from tutor_emotion.inference.packing import pack_window
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.schema import SchemaMismatch, schema_of
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.live import push
from tutor_emotion.telemetry import metrics

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fault]]:
    """What is kept for the operator; nothing was told of before."""
    monkeypatch.setattr(schema, "_told_at_s", {})
    found: list[Fault] = []
    faults.hearers.append(found.append)
    yield found
    faults.hearers.remove(found.append)


def counted(metric: Any, **labels: str) -> float:
    return float(metric.labels(**labels)._value.get())


async def put_old(valkey: redis.Redis, slot: str, channel: str, **changed: Any) -> None:
    """A Window as a web process of another version writes it."""
    await queue.put(slot, channel, window(seq=7))
    row = msgpack.unpackb(valkey.get(f"te:window:{slot}"))
    row |= changed
    kept = {key: value for key, value in row.items() if value is not None}
    valkey.set(f"te:window:{slot}", msgpack.packb(kept), px=5000)


# --- it works -------------------------------------------------------------------------------------


async def test_what_is_written_and_pushed_names_its_schema(valkey: redis.Redis) -> None:
    assert msgpack.unpackb(pack_window("x", window()))["schema"] == schema.SCHEMA
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(seq=3))
    worker = Worker(ScriptedRunner({"yaw_deg": 1.0}), Slots(get_settings().REDIS_URL), 8)
    assert await asyncio.to_thread(worker.run_waiting) == 1
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    assert (message["schema"], message["seq"], len(message["readings"])) == (schema.SCHEMA, 3, 1)


# --- its edges ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "older"),
    [(None, "web processes are"), (schema.SCHEMA - 1, "web processes are"),
     (schema.SCHEMA + 1, "worker is")],
)  # fmt: skip
async def test_a_window_of_another_version_is_answered_and_costs_nobody_else(
    valkey: redis.Redis, heard: list[Fault], caplog: pytest.LogCaptureFixture,
    theirs: int | None, older: str,
) -> None:  # fmt: skip
    layer = get_channel_layer()
    theirs_channel, ours_channel = await layer.new_channel(), await layer.new_channel()
    before = counted(metrics.WINDOWS_UNREADABLE, why="schema")
    # What else is in it may be anything: only the envelope stays.
    await put_old(valkey, "old", theirs_channel, schema=theirs, crops=None, novel={"x": [1]})
    await queue.put("new", ours_channel, window(seq=8))
    worker = Worker(ScriptedRunner({"yaw_deg": 1.0}), Slots(get_settings().REDIS_URL), 8)
    assert await asyncio.to_thread(worker.run_waiting) == 1
    answer = await asyncio.wait_for(layer.receive(theirs_channel), 3)
    assert (answer["schema"], answer["seq"], answer["readings"]) == (schema.SCHEMA, 7, [])
    assert len((await asyncio.wait_for(layer.receive(ours_channel), 3))["readings"]) == 1
    (fault,) = [f for f in heard if f.code == "schema_mismatch"]
    assert f"The {older} older" in fault.hint
    assert "schema_mismatch" in caplog.text
    assert counted(metrics.WINDOWS_UNREADABLE, why="schema") == before + 1


async def test_it_is_told_once_a_minute_and_counted_each_time(
    valkey: redis.Redis, heard: list[Fault]
) -> None:
    before = counted(metrics.WINDOWS_UNREADABLE, why="schema")
    worker = Worker(ScriptedRunner(), Slots(get_settings().REDIS_URL), 2)
    for number in range(5):
        await put_old(valkey, f"old-{number}", "nobody", schema=99)
    # More than a batch of them: what waits behind is reached all the same.
    await queue.put("new", "nobody", window())
    assert await asyncio.to_thread(worker.run_waiting) == 1
    assert len(heard) == 1
    assert counted(metrics.WINDOWS_UNREADABLE, why="schema") == before + 5


@pytest.mark.parametrize("theirs", [None, schema.SCHEMA + 1, "1", True])
async def test_readings_of_another_version_are_not_believed_and_the_lesson_goes_on(
    valkey: redis.Redis, heard: list[Fault], theirs: Any
) -> None:
    ada = await sync_to_async(people.person)()
    row = await sync_to_async(people.session)(await sync_to_async(people.course)(), ada)
    socket = LearnerSocket(row.pk, ada)
    await socket.open()
    before = counted(metrics.READINGS, what="schema")
    message = {"type": "session.readings", "seq": 0, "readings": [{"of": "another shape"}]}
    if theirs is not None:
        message["schema"] = theirs
    await get_channel_layer().group_send(push.session_group(str(row.pk)), message)
    await socket.send("ping", sent_s=1.0)
    while (told := await socket.next(5))["type"] != "pong":
        assert told["type"] != "error"
    end = time.monotonic() + 3
    while counted(metrics.READINGS, what="schema") == before and time.monotonic() < end:
        await asyncio.sleep(0.02)
    assert counted(metrics.READINGS, what="schema") == before + 1
    assert [f.code for f in heard] == ["schema_mismatch"]
    await socket.send("ping", sent_s=2.0)
    while (told := await socket.next(5))["type"] != "pong":
        assert told["type"] != "error"
    await socket.close()


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [None, "2", 2.0, True, [], {}])
def test_what_names_no_version_is_of_none(said: Any) -> None:
    assert schema_of(said) == 0


def test_the_hint_names_the_side_that_is_older() -> None:
    newer, older = schema.SCHEMA + 1, schema.SCHEMA - 1
    assert "web processes are older" in SchemaMismatch("a Window", older).hint
    assert "worker is older" in SchemaMismatch("a Window", newer).hint
    assert "worker is older" in SchemaMismatch("Readings", older).hint
    assert "web processes are older" in SchemaMismatch("Readings", newer).hint
    assert SchemaMismatch("Readings", 0).code == "schema_mismatch"
