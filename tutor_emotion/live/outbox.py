"""What a session has to write down, in order and each once, also when the database is away.

What was written may have been, although nobody said so: the connection may break in the commit. So
each write is one that does no harm a second time, by its key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from tutor_emotion.core.types import Adaptation

log = logging.getLogger(__name__)
LATER = (OperationalError, InterfaceError)  # away, locked or full: the same may work in a moment
MOST = 500  # some hours of one learner; the oldest give way


@dataclass(frozen=True, slots=True)
class Entry:
    """``write`` is synchronous; ``adaptation`` is told to the learner once it is written."""

    write: Callable[[], Any]
    adaptation: Adaptation | None = None


@dataclass
class Outbox:
    """Outlives a socket, as the belief does that it belongs to."""

    waiting: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _told: bool = False

    @property
    def busy(self) -> bool:
        return self._turn.locked()

    def add(self, write: Callable[[], Any], adaptation: Adaptation | None = None) -> None:
        self.waiting.append(Entry(write, adaptation))

    async def flush(self, written: Callable[[Entry, Any], Awaitable[None]]) -> bool:
        """Write what waits, in its order. False: the rest has to wait on.

        ``written`` is told each entry, and what its ``write`` returned.
        What can never be written (its session was erased) is left out, and its error raised.
        """
        async with self._turn:
            while self.waiting:
                entry = self.waiting[0]
                try:
                    made = await database_sync_to_async(entry.write)()
                except LATER as error:
                    self._tell(error)
                    return False
                except Exception:
                    self._done(entry)
                    raise
                self._done(entry)
                await written(entry, made)
            self._told = False
            return True

    def _done(self, entry: Entry) -> None:
        # Not popleft: where it was full meanwhile, the first is another one now.
        if self.waiting and self.waiting[0] is entry:
            self.waiting.popleft()

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            log.warning("what a session noticed waits for the database: %s", type(error).__name__)
