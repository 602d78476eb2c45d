"""*Why this?*: the one Window before a raised signal, kept for seconds for a learner who asks.

Off unless ``REASON_WINDOW_S`` says otherwise. Then the newest Window that went to the worker
stands in this process's memory until the next one replaces it; when a signal is raised it stays, at
most so long; when its learner asks, it goes to the worker once more and is gone from here. What
comes back are names of claims that measures bear out, of modalities that are still allowed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from tutor_emotion.conf import get_settings
from tutor_emotion.core.claims import KINDS
from tutor_emotion.core.types import Modality, Window
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue


class Asked:
    """Of one socket. ``clock`` is the session's, ``reply_to`` its channel."""

    def __init__(self, reply_to: str, clock: Callable[[], float]) -> None:
        self._reply_to = reply_to
        self._clock = clock
        self._slot = secrets.token_urlsafe(18)
        self._newest: Window | None = None
        self._held: Window | None = None
        self._until_s = 0.0
        self._under_way: dict[int, int] = {}  # the Window's number → the Adaptation asked about
        self._sent = False

    def saw(self, window: Window) -> None:
        """This Window goes to the worker now."""
        if get_settings().REASON_WINDOW_S and (window.crops or window.utterances):
            self._newest = window

    def raised(self) -> None:
        """A signal was raised: of what was last seen, somebody may want to know why."""
        if self._newest is not None:
            self._held = self._newest
            self._until_s = self._clock() + get_settings().REASON_WINDOW_S

    def tick(self) -> None:
        """Let go of what has waited long enough."""
        if self._held is not None and self._clock() > self._until_s:
            self._held = None

    async def ask(self, adaptation: int) -> bool:
        """Let the worker think about the Window that is held; False where there is none."""
        self.tick()
        window, self._held = self._held, None
        if window is None:
            return False
        self._under_way = {window.seq: adaptation}
        self._sent = True
        try:
            await queue.put(self._slot, self._reply_to, window, queue.ASKED)
        except Unavailable:
            self._under_way.clear()
            return False
        if not self._under_way:  # taken back while it was on its way
            await self._drop()
            return False
        queue.doorbell.ring()
        return True

    def answered(
        self, seq: int, claims: Iterable[str], allowed: frozenset[Modality]
    ) -> tuple[int, list[str]] | None:
        """The Adaptation and what is said of it; None where nobody waits for it, or nothing is."""
        adaptation = self._under_way.pop(seq, None)
        if adaptation is None:
            return None
        known = [name for name in claims if name in KINDS and KINDS[name].modality in allowed]
        return (adaptation, known) if known else None

    async def forget(self) -> None:
        """Paused, stopped, or a consent taken back: nothing is kept, and no answer is wanted."""
        self._newest = self._held = None
        self._under_way.clear()
        if self._sent:
            self._sent = False
            await self._drop()

    async def _drop(self) -> None:
        try:
            await queue.drop(self._slot)
        except Unavailable:
            return  # the slot dies by its own seconds
