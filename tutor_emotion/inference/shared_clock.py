"""One clock for all processes of a site: Valkey's, told on by each one's own monotonic clock.

The clocks of two machines differ, and one of them may jump: an utterance that a web process marked
must not be a minute old to the worker, nor a worker dead to a web process whose clock is ahead.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FAR_S = 60.0  # no mark is made for longer than that: what is further ahead was made before a jump


class SharedClock:
    """``heard`` each time that Valkey said its ``TIME``; ``now`` between."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead_s: float | None = None

    @property
    def known(self) -> bool:
        return self._ahead_s is not None

    def heard(self, said: tuple[int, int]) -> float:
        """Valkey's answer to ``TIME``, as unix seconds."""
        now_s = said[0] + said[1] / 1e6
        self._ahead_s = now_s - self._monotonic()
        return now_s

    def now(self) -> float:
        """Valkey's unix seconds, as far as we know. Call ``heard`` first."""
        assert self._ahead_s is not None
        return self._monotonic() + self._ahead_s
