"""A session's second hand: one step each second, and an end that always comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

HOP_S = 1.0
PATIENCE_S = 2.0


class Hand:
    """``step`` is awaited each second, never twice at once; it must not raise."""

    def __init__(self, step: Callable[[], Awaitable[None]]) -> None:
        self._step = step
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Set it going; the first step comes after a second."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """No step begins any more. One that runs may come to its end, within ``PATIENCE_S``.

        A cancellation alone would not do: it can be swallowed on its way (a call in asgiref's
        thread, a wait that ends at the same moment), and whoever waits for its end waits for ever.
        """
        self._over.set()
        await end_soon({self._task} if self._task is not None else set())

    async def _run(self) -> None:
        due_s = time.monotonic() + HOP_S
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), max(0.0, due_s - time.monotonic()))
                return
            due_s = max(due_s + HOP_S, time.monotonic())
            await self._step()


async def end_soon(tasks: set[asyncio.Task[None]], *, let_s: float = PATIENCE_S) -> None:
    """Let them run on for ``let_s``, then cancel what is left; waits ``PATIENCE_S`` for that."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=let_s)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=PATIENCE_S)
