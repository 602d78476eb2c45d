"""Typed messages for a worker's sentence encoder: where one is alive, and the words said nothing.

They go the way of a Window, in a slot of their own: random name, seconds to live, three at most,
and no more than ``MAX_CHARACTERS`` of each. What alarms never waits for this.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, TextMessage, Window
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue

MAX_MESSAGES = 3
MAX_CHARACTERS = 500


class Typed:
    """One learner's messages that wait for their meaning. Its Windows have numbers below 0."""

    def __init__(self, reply_to: str, clock: Callable[[], float]) -> None:
        self._reply_to = reply_to
        self._clock = clock
        self._slot = secrets.token_urlsafe(18)
        self._waiting: tuple[TextMessage, ...] = ()
        self._sent = False
        self._seq = 0
        self._forgotten = 0

    async def ask(self, message: TextMessage) -> None:
        """Let a message wait for a worker that can read it; without one, nothing happens."""
        forgotten = self._forgotten
        if not await queue.reads_text() or self._forgotten != forgotten:
            return
        short = TextMessage(message.at_s, message.text[:MAX_CHARACTERS])
        self._waiting = (*self._fresh(), short)[-MAX_MESSAGES:]
        self._seq -= 1
        start_s, end_s = self._waiting[0].at_s, message.at_s
        window = Window(self._seq, start_s, end_s, (), (), "off", "off", messages=self._waiting)
        try:
            self._sent = True
            await queue.put(self._slot, self._reply_to, window)
        except Unavailable:
            self._waiting = ()
            return
        if self._forgotten != forgotten:  # taken back while it was on its way
            await self._drop()
            return
        queue.doorbell.ring()

    def arrived(self, items: Iterable[Mapping[str, Any]]) -> list[Reading]:
        """Readings of messages that still wait, each once; of others nothing."""
        waiting = {message.at_s for message in self._fresh()}
        readings = [Reading(**item) for item in items]
        wanted = [r for r in readings if r.modality == "text" and r.end_s in waiting]
        read = {r.end_s for r in wanted}
        self._waiting = tuple(m for m in self._waiting if m.at_s not in read)
        return wanted

    async def forget(self) -> None:
        """Let go of all that waits: paused, taken back, or the end."""
        self._forgotten += 1
        self._waiting = ()
        if self._sent:
            self._sent = False
            await self._drop()

    def _fresh(self) -> tuple[TextMessage, ...]:
        oldest_s = self._clock() - get_settings().UTTERANCE_MAX_AGE_S
        return tuple(message for message in self._waiting if message.at_s >= oldest_s)

    async def _drop(self) -> None:
        try:
            await queue.drop(self._slot)
        except Unavailable:
            return  # the slot dies by its own seconds
