"""Who is rung for: GPUs first, processors where one waits, and nobody where nobody would hear."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
import redis
from celery import Celery

from tests.clock import Clock
from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.inference import doorbell, queue
from tutor_emotion.inference.doorbell import Doorbell
from tutor_emotion.inference.slots import Slots

Rung = list[str]


@pytest.fixture
def slots(valkey: redis.Redis) -> Slots:
    return Slots(get_settings().REDIS_URL)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Rung:
    """The queues that are rung."""
    heard: Rung = []
    monkeypatch.setattr(doorbell, "send", heard.append)
    return heard


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch, rung: Rung) -> Doorbell:
    made = Doorbell(queue.waited_s)
    monkeypatch.setattr(queue, "doorbell", made)
    return made


async def window_comes(bell: Doorbell, slot: str = "slot-a") -> None:
    await queue.put(slot, "channel-a", window())
    bell.ring()
    while bell.ringing():
        await asyncio.sleep(0.001)


async def until(true: Callable[[], object], limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_a_doorbell_without_a_broker_is_only_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr(doorbell, "current_app", nobody)
    doorbell.send("tutor_emotion")


async def test_where_no_worker_is_alive_it_is_rung_now_and_then(
    slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rung = Clock(), []
    bell = Doorbell(queue.waited_s, clock)
    monkeypatch.setattr(queue, "doorbell", bell)
    monkeypatch.setattr(doorbell, "send", lambda _: rung.append(clock.now_s))
    begun_s = clock.now_s
    for _ in range(12):
        clock.now_s += 1.0
        await window_comes(bell)
    assert [s - begun_s for s in rung] == [1.0, 6.0, 11.0]
    slots.beat("host-1", "compact/1", alive_s=5)
    for _ in range(2):
        clock.now_s += 1.0
        await window_comes(bell)
    assert [s - begun_s for s in rung[3:]] == [13.0, 14.0]


def test_a_ring_of_a_loop_that_was_closed_keeps_nobody_from_ringing(
    bell: Doorbell, monkeypatch: pytest.MonkeyPatch, rung: Rung
) -> None:
    go = threading.Event()
    monkeypatch.setattr(doorbell, "send", lambda _: go.wait(5))

    async def ring_twice() -> None:
        bell.ring()
        bell.ring()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(ring_twice())
    loop.close()
    monkeypatch.setattr(doorbell, "send", rung.append)
    go.set()

    async def ring() -> None:
        bell.ring()
        await until(lambda: rung)

    asyncio.run(ring())


async def test_workers_on_gpus_are_rung_while_one_lives(
    slots: Slots, bell: Doorbell, rung: Rung
) -> None:
    gpus, processors = get_settings().GPU_QUEUE, get_settings().QUEUE
    slots.beat("host-1", "compact/1", alive_s=5)
    await window_comes(bell)
    slots.beat("host-2", "compact/1", alive_s=5, on_gpu=True)
    await window_comes(bell)
    slots.goodbye("host-2", "compact/1")
    await window_comes(bell)
    slots.beat("host-3", "compact/1", alive_s=-1, on_gpu=True)
    await window_comes(bell)
    assert rung == [processors, gpus, processors, processors]


async def test_processors_are_asked_for_the_last_window_of_all_too(
    slots: Slots, bell: Doorbell, rung: Rung
) -> None:
    """Nobody rings after it: the bell looks by itself whether it was taken."""
    gpus, processors = get_settings().GPU_QUEUE, get_settings().QUEUE
    slots.beat("host-1", "compact/1", alive_s=9)
    slots.beat("host-2", "compact/1", alive_s=9, on_gpu=True)
    began_s = time.monotonic()
    await window_comes(bell)
    await until(lambda: rung == [gpus, processors])
    assert time.monotonic() - began_s >= get_settings().SPILL_S
    slots.take(8)
    await window_comes(bell)
    slots.take(8)
    await until(lambda: bell._spilling is not None and bell._spilling.done())
    assert rung == [gpus, processors, gpus], "what was taken spills nowhere"


async def test_a_window_that_came_while_another_was_looked_after_is_looked_after(
    slots: Slots, bell: Doorbell, rung: Rung
) -> None:
    slots.beat("host-1", "compact/1", alive_s=9)
    slots.beat("host-2", "compact/1", alive_s=9, on_gpu=True)
    await window_comes(bell)
    await asyncio.sleep(get_settings().SPILL_S / 2)
    slots.take(8)
    await window_comes(bell, "slot-b")
    await until(lambda: get_settings().QUEUE in rung)


async def test_where_all_workers_are_on_gpus_no_other_queue_is_rung(
    slots: Slots, bell: Doorbell, rung: Rung
) -> None:
    """A ring that nobody hears would stay in Redis."""
    slots.beat("host-2", "compact/1", alive_s=9, on_gpu=True)
    await window_comes(bell)
    await asyncio.sleep(get_settings().SPILL_S + 0.1)
    await window_comes(bell)
    assert rung == [get_settings().GPU_QUEUE] * 2
