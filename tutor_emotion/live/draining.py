"""A web process that is about to end takes nobody new, and asks who is here to move.

``SIGUSR1`` begins that and goes on running (what asks for it ends us later); ``SIGTERM`` begins it
too, and ends the process as its server would, once everybody is gone and written down, or
``DRAIN_S`` is over. A second ``SIGTERM`` waits for nothing. Learners are asked one after the other,
so that the processes they move to are not met by all of them at once.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Protocol

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
LOOK_EVERY_S = 0.05
ASK_LIMIT_S = 1.0


class Movable(Protocol):
    """A socket whose browser can be asked to come back elsewhere."""

    async def move(self) -> None: ...


class Drain:
    """Who is here, and whether they are asked to leave. One for each process."""

    def __init__(self) -> None:
        self.begun = False
        self._here: dict[Movable, bool] = {}  # whether they were asked
        self._writes: set[asyncio.Task[None]] = set()
        self._run: asyncio.Task[None] | None = None

    @property
    def here(self) -> int:
        """How many sockets are open."""
        return len(self._here)

    def enter(self, door: Movable) -> None:
        """Raises Unavailable, ``draining``: the browser comes again, to another process."""
        if self.begun:
            said = "This server is about to end."
            raise Unavailable("draining", said, hint="Connect again: another one takes you.")
        self._here[door] = False

    def left(self, door: Movable) -> None:
        self._here.pop(door, None)

    def waits_for(self, task: asyncio.Task[None]) -> None:
        """This, too, may come to its end: it writes down what else would go with the process."""
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    def begin(self, then: Callable[[], None] | None = None) -> None:
        """Refuse from now on, and ask everybody to move; on the event loop. ``then`` is called
        when they are gone, or when the limit is over."""
        self.begun = True
        metrics.DRAINING.set(1)
        if self._run is None:
            self._run = asyncio.get_running_loop().create_task(self._empty())
        if then is not None:
            self._run.add_done_callback(lambda _: then())

    async def _empty(self) -> None:
        settings = get_settings()
        begun_s = time.monotonic()
        end_s = begun_s + settings.DRAIN_S
        log.info("draining: %d sockets are asked to move", len(self._here))
        gap_s = min(settings.DRAIN_SPREAD_S, settings.DRAIN_S) / max(1, self.here)
        while (self._here or self._writes) and time.monotonic() < end_s:
            door = next((door for door, asked in self._here.items() if not asked), None)
            if door is None:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            self._here[door] = True
            with suppress(TimeoutError):  # a browser that reads nothing must not hold up the others
                await asyncio.wait_for(door.move(), ASK_LIMIT_S)
            await asyncio.sleep(gap_s)
        log.info(
            "drained in %.1f s; %d sockets and %d unwritten sessions are left",
            time.monotonic() - begun_s,
            len(self._here),
            len(self._writes),
        )


DRAIN = Drain()
# What a process does right before its server ends it, in order of their adding; each is short.
LAST_WORDS: list[Callable[[], None]] = []


class Drains:
    """An ASGI application whose process drains on a signal: ``application = Drains(application)``.

    The handlers are set at the first request, since a server sets its own while it starts; what the
    server would do on SIGTERM is done afterwards.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self._listens = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self._listens:
            self._listen()
        await self.application(scope, receive, send)

    def _listen(self) -> None:
        self._listens = True
        if threading.current_thread() is not threading.main_thread():
            return  # a test's server, in a thread: signals are not its own
        loop = asyncio.get_running_loop()
        ends = signal.getsignal(signal.SIGTERM)

        def end(number: int, frame: FrameType | None) -> None:
            for say in LAST_WORDS:
                say()
            if callable(ends):
                ends(number, frame)
            else:
                signal.signal(number, ends)
                signal.raise_signal(number)

        def on_term(number: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGTERM, ends)  # a second one waits for nothing
            if not get_settings().DRAIN_S:
                end(number, frame)
                return
            loop.call_soon_threadsafe(DRAIN.begin, lambda: end(number, None))

        signal.signal(signal.SIGTERM, on_term)
        signal.signal(signal.SIGUSR1, lambda *_: loop.call_soon_threadsafe(DRAIN.begin))
