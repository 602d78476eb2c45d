"""Typed messages go the way of a Window: seconds to live, one batch, back to who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import redis
from channels.layers import get_channel_layer

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, TextMessage, Window
from tutor_emotion.inference import queue
from tutor_emotion.inference.loading import load_text_reader
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

SAID = (TextMessage(1.0, "where does the four come from 🤔"), TextMessage(2.0, "seven"))


class Reader:
    """Finds a meaning in every question and remembers its batches."""

    version = "text/test"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def read(self, messages: Sequence[TextMessage]) -> list[Reading | None]:
        self.batches.append(len(messages))
        return [self._one(m) if m.text.startswith("where") else None for m in messages]

    def _one(self, m: TextMessage) -> Reading:
        return Reading("text", m.at_s, m.at_s, {"means_confused": 0.9}, 1.0, 1, self.version)


def typed(*messages: TextMessage, seq: int = -1) -> Window:
    return Window(seq, 0.0, 2.0, (), (), "off", "off", messages=messages)


def make(reader: Reader | None) -> Worker:
    return Worker(ScriptedRunner({"browDownLeft": 0.4}), slots(), 8, reader)


def slots() -> Slots:
    return Slots(get_settings().REDIS_URL)


async def test_a_message_comes_out_as_it_went_in(valkey: redis.Redis) -> None:
    await queue.put("slot", "channel", typed(*SAID))
    (waiting,) = slots().take(8)
    assert waiting.window.messages == SAID
    assert waiting.window.usable


async def test_messages_of_all_learners_are_one_batch(valkey: redis.Redis) -> None:
    layer = get_channel_layer()
    channels = [await layer.new_channel() for _ in range(3)]
    await queue.put("slot-0", channels[0], typed(*SAID))
    await queue.put("slot-1", channels[1], window(seq=4))
    await queue.put("slot-2", channels[2], replace(window(seq=5), messages=SAID[:1]))
    reader = Reader()
    assert await asyncio.to_thread(make(reader).run_waiting) == 3
    assert reader.batches == [3]
    found = []
    for channel in channels:
        message = await asyncio.wait_for(layer.receive(channel), 3)
        found.append([(row["modality"], row["end_s"]) for row in message["readings"]])
    assert found == [[("text", 1.0)], [("face", 5.0)], [("face", 6.0), ("text", 1.0)]]


async def test_a_worker_without_an_encoder_reads_none(valkey: redis.Redis) -> None:
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, typed(*SAID))
    await asyncio.to_thread(make(None).run_waiting)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
    assert message["readings"] == []
    assert load_text_reader(get_settings()) is None


async def test_the_heartbeat_says_who_reads_text(
    valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ASK_AGAIN_S", 0.0)
    assert not await queue.reads_text()
    await asyncio.to_thread(slots().beat, "a", "compact/1", 5.0)
    assert not await queue.reads_text()
    await asyncio.to_thread(lambda: slots().beat("b", "compact/1", 0.3, reads_text=True))
    assert await queue.reads_text()
    await asyncio.sleep(0.4)
    assert not await queue.reads_text()


async def test_what_a_message_says_is_gone_in_seconds(
    valkey: redis.Redis, settings: object
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"WINDOW_TTL_S": 0.2}  # type: ignore[attr-defined]
    await queue.put("slot", "channel", typed(*SAID))
    assert any(b"four" in (valkey.get(key) or b"") for key in valkey.keys("te:window:*"))
    await asyncio.sleep(0.3)
    assert valkey.keys("te:window:*") == []
