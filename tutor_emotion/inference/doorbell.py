"""The ring that tells workers that there is work: those on GPUs first, by a queue of their own."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from celery import current_app
from kombu.exceptions import KombuError

from tutor_emotion.conf import get_settings
from tutor_emotion.telemetry import metrics

TASK = "tutor_emotion.run_windows"
EXPIRES_S = 2.0
ASK_AGAIN_S = 5.0  # for a worker, where there was none
_SOON_S = 0.02


class Doorbell:
    """At most one ring of this process is under way.

    Celery's publish blocks (seconds, when the broker is away), so it never runs on the event loop.
    Where no worker is alive it is rung only now and then, and a queue that nobody serves never:
    Redis would keep every ring. ``waited`` says how long the first Window in the line has waited
    (s), None where none does; ``clock`` in seconds.
    """

    def __init__(
        self,
        waited: Callable[[], Awaitable[float | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waited = waited
        self._clock = clock
        self._workers, self._on_gpus = math.inf, 0.0  # nobody knows yet
        self._rung_s = -math.inf
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")
        self._under_way: asyncio.Future[None] | None = None
        self._again = False
        self._spilling: asyncio.Task[None] | None = None

    def hear(self, workers: int, on_gpus: int) -> None:
        """How many lived when the last Window was put, and how many of them serve GPU_QUEUE."""
        self._workers, self._on_gpus = workers, on_gpus

    @property
    def queue(self) -> str:
        """Whose workers are asked first."""
        here = get_settings()
        return here.GPU_QUEUE if self._on_gpus else here.QUEUE

    def ringing(self) -> bool:
        """Whether a ring is under way in this loop; one of a loop that was closed ends never."""
        one = self._under_way
        return one is not None and not one.done() and one.get_loop() is asyncio.get_running_loop()

    def ring(self) -> None:
        if self.ringing():
            self._again = True
            return
        now_s = self._clock()
        if not self._workers and now_s - self._rung_s < ASK_AGAIN_S:
            return
        self._rung_s, self._again = now_s, False
        loop = asyncio.get_running_loop()
        self._under_way = loop.run_in_executor(self._thread, send, self.queue)
        self._under_way.add_done_callback(self._rung)
        may_spill = 0 < self._on_gpus < self._workers
        if may_spill and (self._spilling is None or self._spilling.done()):
            self._spilling = loop.create_task(self._spill())

    def _rung(self, _: asyncio.Future[None]) -> None:
        if self._again:
            self.ring()

    async def _spill(self) -> None:
        """Until no Window waits; or one waits too long for GPUs, and processors are asked."""
        here, waits_s = get_settings(), 0.0
        while waits_s < here.SPILL_S:
            await asyncio.sleep(max(_SOON_S, here.SPILL_S - waits_s))
            waited_s = await self._waited()
            if waited_s is None:
                return
            waits_s = waited_s
        await asyncio.get_running_loop().run_in_executor(self._thread, send, here.QUEUE)


def send(queue: str) -> None:
    """One ring; one that is lost is made up for by the next Window's."""
    # What Kombu knows of a transport comes under a name of its own; the rest comes as it is: also
    # what a broker refuses because it is full.
    broker = current_app.connection_for_write()
    lost = (*broker.connection_errors, *broker.channel_errors, KombuError, OSError)
    try:
        current_app.send_task(
            TASK,
            queue=queue,
            # Told to the broker. Celery's own ``expires`` is a time by this machine's clock, that
            # the worker's is held against: one that is two seconds ahead would hear no ring.
            expiration=EXPIRES_S,
            ignore_result=True,
            retry=False,
        )
    except lost:
        metrics.DOORBELLS.labels(what="lost").inc()
        return
    metrics.DOORBELLS.labels(what="rung").inc()
