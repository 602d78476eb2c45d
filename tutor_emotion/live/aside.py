"""What a session does that may fail, or take long, without holding up its lesson."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any

from tutor_emotion import faults
from tutor_emotion.live.door import AWAY, part_of
from tutor_emotion.live.hand import end_soon
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
MOMENT_S = 0.25

Tasks = set[asyncio.Task[None]]


class Aside:
    """What asks the database takes as long as that is away: neither the next Window nor what its
    learner does meanwhile waits for that."""

    def __init__(self) -> None:
        self._tasks: Tasks = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    async def soon(self, work: Coroutine[Any, Any, Any]) -> None:
        """Wait for it, but a moment only; then it goes on by itself."""
        await asyncio.wait({begun(safely(work), self._tasks)}, timeout=MOMENT_S)

    async def end(self) -> None:
        """Let what is under way come to its end, within seconds."""
        await end_soon(self._tasks)


def begun(work: Coroutine[Any, Any, None], among: Tasks) -> asyncio.Task[None]:
    """It runs, and is one of them until it ends."""
    task = asyncio.get_running_loop().create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)
    return task


async def safely(work: Awaitable[Any]) -> None:
    """The lesson goes on when the database or the broker is away for a moment."""
    try:
        await work
    except AWAY as error:
        metrics.STEPS_LOST.labels(part=part_of(error)).inc()
        log.warning("session step lost: %s", type(error).__name__)
    except Exception as error:  # noqa: BLE001 one step, not the hand that guards the sensors
        faults.note(log, "a step of a session", error)
