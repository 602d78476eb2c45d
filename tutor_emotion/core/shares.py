"""A share of some, and how far to trust it."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``."""

    hits: int = 0
    n: int = 0

    @property
    def share(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % by Wilson (1927), which holds for few and for none or all of them, too."""
        if not self.n:
            return None
        p, pull = self.hits / self.n, _Z95**2 / self.n
        middle = (p + pull / 2) / (1 + pull)
        half = _Z95 * math.sqrt(p * (1 - p) / self.n + pull / (4 * self.n)) / (1 + pull)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.n + other.n)
