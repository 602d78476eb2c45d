"""How much arrived in the last second, for aiortc's estimate of what a learner's line carries."""

from __future__ import annotations

from collections import deque

WINDOW_MS = 1000


class Throughput:
    """In the place of aiortc's ``RateCounter``, and of the same answers.

    It holds what arrived, and not a place for each millisecond: a packet costs the same after an
    hour of silence, or after a clock that was set, as after a moment.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._arrived: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self._begun_ms: int | None = None

    def add(self, value: int, now_ms: int) -> None:
        """``value``: bytes. A clock that went back begins again."""
        if self._arrived and now_ms < self._arrived[-1][0]:
            self.reset()
        if self._begun_ms is None:
            self._begun_ms = now_ms
        self._forget(now_ms)
        self._arrived.append((now_ms, value))
        self._bytes += value

    def rate(self, now_ms: int) -> int | None:
        """Bits a second; None where nothing arrived in the window, or it has only begun."""
        self._forget(now_ms)
        if self._begun_ms is None or not self._arrived or now_ms <= self._begun_ms:
            return None
        return round(8000 * self._bytes / (now_ms - self._begun_ms + 1))

    def _forget(self, now_ms: int) -> None:
        oldest_ms = now_ms - WINDOW_MS + 1
        if self._begun_ms is not None:
            self._begun_ms = max(self._begun_ms, oldest_ms)
        while self._arrived and self._arrived[0][0] < oldest_ms:
            self._bytes -= self._arrived.popleft()[1]
