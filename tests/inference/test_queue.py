"""The slot: newest wins, utterances are kept, nothing stays."""

from __future__ import annotations

import asyncio
import time

import msgpack
import numpy as np
import pytest
import redis

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue
from tutor_emotion.inference.slots import Slots


@pytest.fixture
def slots(valkey: redis.Redis) -> Slots:
    return Slots(get_settings().REDIS_URL)


async def test_a_window_comes_out_as_it_went_in(slots: Slots) -> None:
    sent = window(seq=7, crops=2, utterances=1)
    await queue.put("slot-a", "channel-a", sent)
    (waiting,) = slots.take(8)
    got = waiting.window
    assert waiting.reply_to == "channel-a"
    assert (got.seq, got.face, got.voice, got.frames_sampled) == (7, "ok", "ok", 5)
    assert [c.media_s for c in got.crops] == [c.media_s for c in sent.crops]
    # JPEG at quality 92: a few grey levels on average, never another picture.
    difference = np.abs(got.crops[0].pixels.astype(int) - sent.crops[0].pixels.astype(int))
    assert difference.mean() < 8
    np.testing.assert_array_equal(got.utterances[0].samples, sent.utterances[0].samples)


async def test_the_newest_frames_win_and_utterances_are_kept(slots: Slots) -> None:
    for seq in range(5):
        await queue.put("slot-a", "channel-a", window(seq=seq, crops=1, utterances=1))
    (waiting,) = slots.take(8)
    assert waiting.window.seq == 4
    assert [u.end_s for u in waiting.window.utterances] == [2.5, 3.5, 4.5]


async def test_each_window_is_taken_once(slots: Slots) -> None:
    for name in "abc":
        await queue.put(f"slot-{name}", f"channel-{name}", window())
    assert [w.reply_to for w in slots.take(2)] == ["channel-a", "channel-b"]
    assert [w.reply_to for w in slots.take(2)] == ["channel-c"]
    assert slots.take(2) == []


async def test_an_old_utterance_is_not_read(slots: Slots, settings: object) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"UTTERANCE_MAX_AGE_S": 0.2}  # type: ignore[attr-defined]
    await queue.put("slot-a", "channel-a", window(utterances=1))
    await asyncio.sleep(0.3)
    await queue.put("slot-a", "channel-a", window(seq=1))
    (waiting,) = slots.take(1)
    assert waiting.window.utterances == ()


async def test_nothing_waits_after_drop(slots: Slots, valkey: redis.Redis) -> None:
    await queue.put("slot-a", "channel-a", window(utterances=2))
    await queue.drop("slot-a")
    assert slots.take(8) == []
    assert valkey.keys("te:*") == []


async def test_everything_dies_by_its_seconds(
    slots: Slots, valkey: redis.Redis, settings: object
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"WINDOW_TTL_S": 0.2}  # type: ignore[attr-defined]
    await queue.put("slot-a", "channel-a", window())
    assert all(valkey.pttl(key) > 0 for key in valkey.keys("te:*"))
    await asyncio.sleep(0.3)
    assert slots.take(8) == []


async def test_a_queue_that_is_away_costs_a_window_not_the_lesson(settings: object) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REDIS_URL": "redis://127.0.0.1:1/0"}  # type: ignore[attr-defined]
    queue._clients.clear()
    started = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        await queue.put("slot-a", "channel-a", window())
    queue._clients.clear()
    assert caught.value.code == "queue_unavailable"
    assert caught.value.retry
    assert time.monotonic() - started < 2.5


async def test_a_slot_of_another_version_costs_its_own_window_only(
    slots: Slots, valkey: redis.Redis
) -> None:
    for name in ("slot-a", "slot-b", "slot-c"):
        await queue.put(name, name, window())
    valkey.set("te:window:slot-a", b"\xc1 not msgpack")
    valkey.set("te:window:slot-b", msgpack.packb({"reply_to": "x", "crops": [], "unknown": 1}))
    assert [waiting.reply_to for waiting in slots.take(8)] == ["slot-c"]


def test_heartbeats_name_the_living(slots: Slots) -> None:
    slots.beat("host-1", "compact/1", alive_s=5)
    slots.beat("host-2", "compact/2", alive_s=-1)
    alive = queue.workers()  # workers of tests before this one beat as well
    assert "compact/1" in alive
    assert "compact/2" not in alive


@pytest.mark.parametrize("what", [3, None, "text", [1], {"reply_to": "x", "crops": [3]}])
async def test_what_is_whole_and_no_window_costs_only_itself(
    slots: Slots, valkey: redis.Redis, what: object
) -> None:
    await queue.put("slot-a", "channel-a", window())
    await queue.put("slot-b", "channel-b", window())
    valkey.set("te:window:slot-a", msgpack.packb(what))
    assert [w.reply_to for w in slots.take(8)] == ["channel-b"]
