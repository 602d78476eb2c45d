"""Clocks that differ, or jump, cost no utterance and no worker."""

from __future__ import annotations

import asyncio
import time

import pytest
import redis

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.inference import queue
from tutor_emotion.inference.queue import WORKERS
from tutor_emotion.inference.shared_clock import SharedClock
from tutor_emotion.inference.slots import Slots

HOUR_S = 3600.0


@pytest.fixture
def slots(valkey: redis.Redis) -> Slots:
    return Slots(get_settings().REDIS_URL)


def test_between_two_answers_the_own_monotonic_clock_counts() -> None:
    own = [100.0]
    clock = SharedClock(lambda: own[0])
    assert not clock.known
    assert clock.heard((1_700_000_000, 500_000)) == 1_700_000_000.5
    own[0] += 2.0
    assert clock.now() == 1_700_000_002.5


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
async def test_a_wall_clock_that_jumps_costs_no_utterance(
    slots: Slots, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    await queue.put("slot-a", "channel-a", window(utterances=1))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump_s)
    (waiting,) = await asyncio.to_thread(slots.take, 1)
    assert len(waiting.window.utterances) == 1
    await queue.put("slot-a", "channel-a", window(seq=1, utterances=1))
    (waiting,) = await asyncio.to_thread(slots.take, 1)
    assert len(waiting.window.utterances) == 1


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
def test_a_wall_clock_that_jumps_neither_kills_a_worker_nor_wakes_a_dead_one(
    slots: Slots, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    slots.beat("host-1", "living/1", alive_s=5)
    slots.beat("host-2", "dead/1", alive_s=-1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump_s)
    alive = queue.workers()
    assert "living/1" in alive
    assert "dead/1" not in alive


def test_what_was_said_before_valkey_s_own_clock_jumped_back_is_not_believed(
    slots: Slots, valkey: redis.Redis
) -> None:
    valkey.zadd(WORKERS, {"host-1|of-the-future/1": time.time() + HOUR_S})
    assert "of-the-future/1" not in queue.workers()
