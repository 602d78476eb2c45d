"""Two real Celery workers, one of the GPUs' queue: asked first, and done without where it died."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis

from tests.inference.windows import window
from tutor_emotion.beats import ALIVE_S
from tutor_emotion.conf import get_settings
from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan, _celery
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.inference import queue

ROOT = Path(__file__).resolve().parents[2]
SPILL_S = 1.0  # a busy machine's worker is late by less
READ = "tutor_emotion_batch_windows_sum"  # Windows, over all batches
pytestmark = pytest.mark.timeout(240)


@dataclass
class Worker:
    """A process, and the port at which it says what it has read."""

    child: Child
    port: int

    def start(self) -> None:
        env = os.environ | {
            "TUTOR_EMOTION_RUNNER": "scripted",
            "TUTOR_EMOTION_METRICS_PORT": str(self.port),
        }
        self.child.start(env, ROOT)

    def read(self) -> int:
        """Windows since it started; 0 before it answers."""
        try:
            text = httpx.get(f"http://127.0.0.1:{self.port}/metrics").text
        except httpx.HTTPError:
            return 0
        return sum(int(float(n)) for n in re.findall(rf"^{READ} (\S+)$", text, re.MULTILINE))

    def signal(self, number: int) -> None:
        assert self.child.process is not None
        psutil.Process(self.child.process.pid).send_signal(number)


@pytest.fixture
def workers(valkey: redis.Redis, tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    """Of GPU_QUEUE and of QUEUE; on processors both."""
    here = get_settings()
    plan = Plan("127.0.0.1", free_port(), ROOT, tmp_path, os.environ["REDIS_URL"])
    names = (here.GPU_QUEUE, here.QUEUE)
    pair = [Worker(_celery(name, name, plan), free_port()) for name in names]
    for worker in pair:
        worker.start()
    try:
        until(lambda: valkey.zcard(queue.WORKERS) >= 2, 90)
        assert valkey.zcard(queue.GPU_WORKERS) == 1
        yield pair[0], pair[1]
    finally:
        for worker in pair:
            worker.child.kill()
            worker.child.wait(10)


def until(true: Callable[[], object], limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


async def test_gpus_are_asked_first_and_processors_where_they_are_away(
    workers: tuple[Worker, Worker], settings: Any
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"SPILL_S": SPILL_S}
    gpu, processor = workers
    numbers = count()

    async def ask_until(true: Callable[[], object], limit_s: float) -> float:
        """Windows ten times a second, as twelve learners would have them; how long it took."""
        began = time.monotonic()
        while not await asyncio.to_thread(true):
            assert time.monotonic() - began < limit_s, (gpu.child.tail(), processor.child.tail())
            await queue.put(f"slot-{next(numbers) % 12}", "nobody", window())
            queue.doorbell.ring()
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def the_gpu_reads_alone() -> None:
        await ask_until(lambda: gpu.read() >= 1, 60)
        before, theirs = processor.read(), gpu.read()
        await ask_until(lambda: gpu.read() >= theirs + 20, 20)
        assert processor.read() == before

    await the_gpu_reads_alone()
    assert "a worker of GPU_QUEUE has no GPU" in gpu.child.log.read_text()

    before = processor.read()
    gpu.signal(signal.SIGSTOP)  # it lives, as far as anybody knows
    took_s = await ask_until(lambda: processor.read() >= before + 5, ALIVE_S)
    assert took_s > SPILL_S
    assert queue.doorbell.queue == get_settings().GPU_QUEUE

    gpu.child.kill()
    gpu.child.wait(10)
    await ask_until(lambda: queue.doorbell.queue == get_settings().QUEUE, ALIVE_S + 3)
    before = processor.read()
    await ask_until(lambda: processor.read() >= before + 10, 10)

    gpu.start()
    await ask_until(lambda: queue.doorbell.queue == get_settings().GPU_QUEUE, 60)
    await the_gpu_reads_alone()
