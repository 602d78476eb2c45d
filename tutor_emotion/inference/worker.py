"""The worker: one Runner, one persistent event loop for pushing, Windows in batches.

One process a GPU with ``--pool=solo``: CUDA does not survive a fork. The loop lives as long as the
process, because a bridge for each call would open a new connection each time (3.3 ms against 0.4).
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from functools import cache
from itertools import islice
from typing import Any

import redis
from celery import current_app

from tutor_emotion import core_dumps, faults, lately
from tutor_emotion.beats import ALIVE_S, BEAT_S
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference import schema
from tutor_emotion.inference.fitting import Fitting
from tutor_emotion.inference.lawful import LastDoor
from tutor_emotion.inference.loading import (
    activated,
    load_measurer,
    load_runner,
    load_shadow,
    load_text_reader,
)
from tutor_emotion.inference.packing import Refused, Waiting
from tutor_emotion.inference.reasons import Reasons
from tutor_emotion.inference.renewal import Renewal
from tutor_emotion.inference.runner import Reasoner, Runner, TextReader
from tutor_emotion.inference.shadow import Shadow
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.thinning import Thinning
from tutor_emotion.live import push
from tutor_emotion.telemetry import exposition, metrics, traces

log = logging.getLogger(__name__)
PUSH_LIMIT_S = 5.0
HUNG = 70  # the exit code of a worker that found its own Runner hanging


class Worker:
    """Takes waiting Windows, runs them as one batch, pushes the Readings."""

    def __init__(
        self,
        runner: Runner,
        slots: Slots,
        max_batch: int,
        text_reader: TextReader | None = None,
        *,
        shadow: Shadow | None = None,
        measurer: Runner | None = None,
        on_gpu: bool = False,
    ) -> None:
        """``measurer`` bounds the reasons of a Runner that gives some; without it none is given.
        ``on_gpu``: it serves GPU_QUEUE, and is asked before others."""
        self.runner = runner
        self.on_gpu = on_gpu
        self.text_reader = text_reader
        self.shadow = shadow
        self.slots = slots
        self.max_batch = max_batch
        self.fitting = Fitting(max_batch)
        self.thinning = Thinning()
        self._busy_since_s: float | None = None
        self.door = LastDoor()
        self.reasons: Reasons | None = None
        if measurer is not None and isinstance(runner, Reasoner):
            self.reasons = Reasons(runner, measurer, slots, LastDoor().pass_on, self._tell)
        self.name = lately.process_name()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="push", daemon=True).start()
        self._ended = threading.Event()
        self._beats = threading.Thread(target=self._beat, name="beat", daemon=True)
        self._beats.start()

    def use(self, runner: Runner) -> None:
        """Run the next batch with this one; the heartbeat names it from now on."""
        self.runner = runner
        exposition.build("worker", runner.version)

    def run_waiting(self) -> int:
        """Run everything that waits; how many Windows that was."""
        done = 0
        while True:
            refused: list[Refused] = []
            batch = self.slots.take(self.max_batch, refuse=refused.append)
            self._refuse(refused)
            if batch:
                self._busy_since_s = time.monotonic()
                self._run(batch)
                self._busy_since_s = None
            done += len(batch)
            if len(batch) + len(refused) < self.max_batch:
                break
        metrics.DOORBELLS.labels(what="answered" if done else "empty").inc()
        if self.reasons is not None:
            self.reasons.look()
        return done

    def _run(self, batch: Sequence[Waiting]) -> None:
        windows = self.thinning.thin([self.door.pass_on(waiting.window) for waiting in batch])
        try:
            metrics.BATCH_WINDOWS.observe(len(windows))
            spent = metrics.INFERENCE_SECONDS.time()
            with spent, self.thinning.timed(windows), _traced(batch) as read:
                results = self._read(windows)
        except Exception as fault:  # noqa: BLE001 a Runner's edge, whose words may be what it saw
            metrics.WORKER_ERRORS.labels(error=type(fault).__name__).inc()
            faults.note(log, "a batch of Windows", fault)
            return
        futures = [
            self._submit(
                push.readings(w.reply_to, w.window.seq, [_as_data(r) for r in readings], trace)
            )
            for w, readings, trace in zip(batch, results, read, strict=True)
        ]
        if self.shadow is not None:
            self.shadow.offer(self.runner.version, windows, results)
        done, late = wait(futures, PUSH_LIMIT_S)
        for future in late:
            future.cancel()
        names = [type(error).__name__ for future in done if (error := future.exception())]
        for name in [*names, *(["too_late"] if late else [])]:
            metrics.PUSH_FAILED.labels(error=name).inc()
            log.warning("readings were not delivered: %s", name)

    def _refuse(self, refused: Sequence[Refused]) -> None:
        """Answer with no Readings, of our schema: so the other side learns of it and goes on."""
        for one in refused:
            schema.tell(one.error)
        told = [self._submit(push.readings(one.reply_to, one.seq, [])) for one in refused]
        for late in wait(told, PUSH_LIMIT_S).not_done:
            late.cancel()

    def _read(self, windows: Sequence[Window]) -> list[list[Reading]]:
        results: list[list[Reading]] = self.fitting.run(self.runner.run, windows, [])
        messages = self._read_messages(windows)
        return [[*readings, *read] for readings, read in zip(results, messages, strict=True)]

    def _read_messages(self, windows: Sequence[Window]) -> list[list[Reading]]:
        """The Readings of each Window's messages, all messages as one batch."""
        messages = [message for window in windows for message in window.messages]
        if self.text_reader is None or not messages:
            return [[] for _ in windows]
        read = iter(self.fitting.run(self.text_reader.read, messages, None))
        return [
            [r for r in islice(read, len(window.messages)) if r is not None] for window in windows
        ]

    def goodbye(self) -> None:
        """This process ends in order: nobody waits for it, nor misses it."""
        self._ended.set()
        self._beats.join(1.0)
        with suppress(OSError, redis.RedisError):
            self.slots.goodbye(self.name, self.runner.version)

    def _tell(self, asked: Waiting, claims: Sequence[str], model: str) -> None:
        told = self._submit(push.reason(asked.reply_to, asked.window.seq, claims, model))
        if wait([told], PUSH_LIMIT_S).not_done or told.exception():
            told.cancel()
            log.warning("a reason was not delivered")

    def _submit(self, coroutine: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(_timed(coroutine), self._loop)

    def _beat(self) -> None:
        while not self._ended.is_set():
            self._end_if_hung()
            try:
                self.slots.beat(
                    self.name,
                    self.runner.version,
                    ALIVE_S,
                    reads_text=self.text_reader is not None,
                    on_gpu=self.on_gpu,
                )
            except (OSError, redis.RedisError) as error:
                log.warning("no heartbeat: %s", type(error).__name__)
            self._ended.wait(BEAT_S)

    def _end_if_hung(self) -> None:
        """A thread that hangs in a net cannot be ended, and nobody would see it from outside: the
        process ends, and whoever started it starts another."""
        since_s, limit_s = self._busy_since_s, get_settings().BATCH_LIMIT_S
        if since_s is None or time.monotonic() - since_s <= limit_s:
            return
        log.critical("one batch takes longer than %g s (BATCH_LIMIT_S): this worker ends", limit_s)
        logging.shutdown()
        os._exit(HUNG)


@contextmanager
def _traced(batch: Sequence[Waiting]) -> Iterator[list[str]]:
    """A batch is read once and is a span of each of its Windows that is traced; their contexts."""
    with ExitStack() as spans:
        contexts = []
        for waiting in batch:
            spans.enter_context(traces.span_of("worker.read", waiting.trace, batch=len(batch)))
            contexts.append(traces.here() if waiting.trace else "")
        yield contexts


async def _timed(pushing: Coroutine[Any, Any, None]) -> None:
    with metrics.PUSH_SECONDS.time():
        await pushing


def _as_data(reading: Reading) -> dict[str, Any]:
    return asdict(reading)


_lock = threading.Lock()


def current() -> Worker:
    """This process's worker; made on first use, after any fork."""
    with _lock:
        return _make()


def goodbye() -> None:
    """Say that this process's worker ends, if it was ever made."""
    if _make.cache_info().currsize:
        _make().goodbye()


@cache
def _make() -> Worker:
    core_dumps.forbid()
    settings = get_settings()
    started = time.monotonic()
    seen = activated(settings)
    runner, text_reader = load_runner(settings), load_text_reader(settings)
    worker = Worker(
        runner,
        Slots(settings.REDIS_URL),
        settings.MAX_BATCH,
        text_reader,
        shadow=load_shadow(settings),
        measurer=load_measurer(settings),
        on_gpu=settings.GPU_QUEUE in current_app.amqp.queues.consume_from,
    )
    Renewal(
        load=lambda: load_runner(settings),
        mark=lambda: activated(settings),
        put=worker.use,
        seen=seen,
    ).start()
    exposition.build("worker", runner.version)
    log.info("runner %s ready in %.1f s", worker.runner.version, time.monotonic() - started)
    return worker
