"""A doorbell runs whatever waits as one batch, and Readings find their way back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import redis
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from tests.inference.windows import window
from tutor_emotion import services
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference import queue
from tutor_emotion.inference.runner import Runner, ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


class CountingRunner(ScriptedRunner):
    """Remembers how large its batches were."""

    def __init__(self) -> None:
        super().__init__({"browDownLeft": 0.4}, {"rate_hz": 3.0})
        self.batches: list[int] = []

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        self.batches.append(len(windows))
        return super().run(windows)


def make(runner: Runner, max_batch: int = 8) -> Worker:
    return Worker(runner, Slots(get_settings().REDIS_URL), max_batch)


async def test_all_that_waits_is_one_batch(valkey: redis.Redis) -> None:
    layer = get_channel_layer()
    channels = [await layer.new_channel() for _ in range(3)]
    for i, channel in enumerate(channels):
        await queue.put(f"slot-{i}", channel, window(seq=i, utterances=i % 2))
    runner = CountingRunner()
    worker = make(runner)
    assert await asyncio.to_thread(worker.run_waiting) == 3
    assert runner.batches == [3]
    for i, channel in enumerate(channels):
        message = await asyncio.wait_for(layer.receive(channel), 3)
        assert (message["type"], message["seq"]) == ("session.readings", i)
        readings = [Reading(**row) for row in message["readings"]]
        assert [r.modality for r in readings] == ["face", "voice"][: 1 + i % 2]
        assert readings[0].measures == {"browDownLeft": 0.4}


async def test_more_than_a_batch_is_several(valkey: redis.Redis) -> None:
    for i in range(5):
        await queue.put(f"slot-{i}", "nobody", window())
    runner = CountingRunner()
    assert await asyncio.to_thread(make(runner, max_batch=2).run_waiting) == 5
    assert runner.batches == [2, 2, 1]


async def test_a_second_doorbell_finds_nothing(valkey: redis.Redis) -> None:
    await queue.put("slot", "nobody", window())
    worker = make(CountingRunner())
    assert await asyncio.to_thread(worker.run_waiting) == 1
    assert await asyncio.to_thread(worker.run_waiting) == 0


@pytest.mark.parametrize("profile", ["eu_institution", "camera_free", "no_such_profile"])
async def test_what_the_law_forbids_is_not_read_whoever_queued_it(
    valkey: redis.Redis, settings: object, profile: str
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": profile}  # type: ignore[attr-defined]
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(utterances=1))
    await asyncio.to_thread(make(CountingRunner()).run_waiting)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    assert message["readings"] == []


@pytest.mark.parametrize("modality", ["face", ""])
async def test_what_is_switched_off_for_everybody_is_not_read_whoever_queued_it(
    valkey: redis.Redis, modality: str
) -> None:
    await database_sync_to_async(services.switch_off)("an incident", modality=modality)
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(utterances=1))
    await asyncio.to_thread(make(CountingRunner()).run_waiting)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    read = [row["modality"] for row in message["readings"]]
    assert read == (["voice"] if modality else [])


class Indiscreet(ScriptedRunner):
    """Fails with everything that it was given in its words."""

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        raise ValueError(f"cannot read {windows!r} {windows[0].crops[0].pixels.tolist()}")


async def test_a_runner_that_fails_is_told_of_without_what_it_was_given(
    valkey: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(seq=1, utterances=1))
    worker = make(Indiscreet())
    assert await asyncio.to_thread(worker.run_waiting) == 1
    (record,) = [r for r in caplog.records if r.name == "tutor_emotion.inference.worker"]
    assert "a batch of Windows: ValueError at inference/test_worker.py:" in record.getMessage()
    assert record.exc_info is None
    assert len(record.getMessage()) < 400
    # It is one batch that was lost, and not the worker.
    worker.use(ScriptedRunner())
    await queue.put("slot", channel, window(seq=2))
    assert await asyncio.to_thread(worker.run_waiting) == 1


def test_nothing_that_was_seen_or_said_is_in_a_repr() -> None:
    shown = repr(window(seq=7, utterances=2))
    assert "seq=7" in shown
    assert "array" not in shown
    assert "pixels" not in shown
    assert "samples" not in shown
