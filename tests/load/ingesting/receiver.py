"""One web process's receiving, measured from inside: ``python -m …receiver KIND CORE``.

``stock``: aiortc as it comes. Each track is read with ``recv()``, five pictures a second become RGB
of at most 320x240, all sound becomes 16 kHz mono; both are then thrown away.
``ours``: Peers as a session has them; a Window a second is cut, packed and put into Valkey. The
nets are stood in for by ones that cost nothing, since the stock receiver has none.
``whole``: the same with the nets.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import time
from typing import Any, Protocol

import django
import psutil

from tests.load.ingesting.children import Answers, pin, serve

LAG_EVERY_S = 0.01


class Received(Protocol):
    """All learners of this process."""

    async def answer(self, offers: list[str]) -> list[str]: ...

    async def close(self) -> None: ...

    def counts(self) -> dict[str, int]: ...


class Lag:
    """How late the event loop wakes, in seconds, every hundredth of one."""

    def __init__(self) -> None:
        self.late_s: list[float] = []
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while True:
            due_s = time.perf_counter() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.late_s.append(max(0.0, time.perf_counter() - due_s))

    def end(self) -> dict[str, float]:
        self._task.cancel()
        ordered = sorted(self.late_s)
        at = {"p50": 0.5, "p99": 0.99}
        return {n: round(1000 * ordered[int(q * (len(ordered) - 1))], 2) for n, q in at.items()}


class Measured:
    def __init__(self, received: Received, split: Any) -> None:
        self._received = received
        self._split = split
        self._process = psutil.Process()

    async def answer(self, offers: list[str]) -> list[str]:
        return await self._received.answer(offers)

    async def begin(self) -> None:
        gc.collect()
        self._split.clear()
        self._lag = Lag()
        self._counts = self._received.counts()
        self._begun = time.monotonic(), time.process_time(), time.thread_time()

    async def end(self) -> dict[str, Any]:
        now = time.monotonic(), time.process_time(), time.thread_time()
        wall_s, cpu_s, loop_s = (a - b for a, b in zip(now, self._begun, strict=True))
        counts = self._received.counts()
        return {
            "wall_s": wall_s,
            "cpu_s": cpu_s,
            "loop_s": loop_s,
            "lag_ms": self._lag.end(),
            "counts": {name: count - self._counts[name] for name, count in counts.items()},
            "split_s": dict(self._split),
            "threads": self._process.num_threads(),
        }

    async def totals(self) -> dict[str, int]:
        return self._received.counts()

    async def memory(self) -> float:
        """Megabytes that this process holds."""
        gc.collect()
        return self._process.memory_info().rss / 1e6

    async def close(self) -> None:
        await self._received.close()
        gc.collect()


def main() -> None:
    kind, core = sys.argv[1:]
    pin(core)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    logging.getLogger("aioice").setLevel(logging.WARNING)  # as in production
    from tests.load.ingesting import ours, stock

    def make() -> Answers:
        split: dict[str, float] = {}
        received: Received = stock.Stock() if kind == "stock" else ours.Ours(kind == "whole", split)
        measured = Measured(received, split)
        names = ("answer", "begin", "end", "totals", "memory", "close")
        return {name: getattr(measured, name) for name in names}

    serve(make)


if __name__ == "__main__":
    main()
