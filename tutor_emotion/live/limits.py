"""How much a socket may say."""

from __future__ import annotations

COMPLAINTS_PER_S = 5
PATIENCE = 10


class RateLimit:
    """A token bucket of one second. Past ``PATIENCE`` seconds of refusals it is ``exhausted``."""

    def __init__(self, per_s: float) -> None:
        self.per_s = per_s
        self._tokens = per_s
        self._complaints = float(COMPLAINTS_PER_S)
        self._at_s = 0.0
        self._refused = 0

    @property
    def exhausted(self) -> bool:
        """Whether the sender goes on far beyond the limit, so that the socket should close."""
        return self._refused > self.per_s * PATIENCE

    def allows(self, now_s: float) -> bool:
        """Take one token; False when there is none."""
        passed = max(0.0, now_s - self._at_s)
        self._at_s = now_s
        self._tokens = min(self.per_s, self._tokens + passed * self.per_s)
        complaints = self._complaints + passed * COMPLAINTS_PER_S
        self._complaints = min(complaints, float(COMPLAINTS_PER_S))
        if self._tokens < 1:
            self._refused += 1
            return False
        self._tokens -= 1
        return True

    def may_complain(self) -> bool:
        """Whether an error may be answered: a flood of faults does not get a flood of answers."""
        if self._complaints < 1:
            return False
        self._complaints -= 1
        return True
