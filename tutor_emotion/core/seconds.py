"""Which of the last seconds something was true of: a bit for each, so a step costs nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seconds:
    """``bits`` has bit i set where second ``upto - i`` is marked; ``size`` seconds are kept."""

    size: int
    upto: int = 0
    bits: int = 0

    def at(self, now_s: float) -> Seconds:
        """Moved on so that its newest second is that of ``now_s``; never backwards."""
        shift = math.floor(now_s) - self.upto
        if shift <= 0:
            return self
        kept = (self.bits << shift) & ((1 << self.size) - 1) if shift < self.size else 0
        return Seconds(self.size, self.upto + shift, kept)

    def mark(self, start_s: float, end_s: float) -> Seconds:
        """With the seconds from ``start_s`` to ``end_s`` marked, as far as they are kept."""
        newest = self.upto - min(self.upto, max(math.floor(start_s), math.ceil(end_s) - 1))
        oldest = min(self.size - 1, self.upto - math.floor(start_s))
        if newest >= self.size or oldest < newest:
            return self
        span = (1 << (oldest - newest + 1)) - 1
        return Seconds(self.size, self.upto, self.bits | (span << newest))

    def count(self, last_s: int | None = None) -> int:
        """How many of the last ``last_s`` seconds (all that are kept) are marked."""
        bits = self.bits if last_s is None else self.bits & ((1 << last_s) - 1)
        return bits.bit_count()
