"""Whether groups of learners are served alike: one measure by group, and the widest gap.

The unit is the learner: ten offers to one learner are no ten pieces of evidence about a group. So
a group's figure is a ratio of sums (offers called wrong, of offers made), and its error is how far
it moves when each learner in turn is left out (the delete-one jackknife, Tukey 1958), which holds
for unequal learners and, if anything, errs to the careful side where they are few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tutor_emotion.core.effect import CONFIDENCE, t_quantile

LIMIT = 0.10  # reference: affect.md §8(e), group gaps in coverage and precision
LEAST_SHOWN = 5  # fewer learners than this are nobody's to read about
LEAST_COMPARED = 8  # fewer, and the interval holds less often than it says (tests/core measures it)


@dataclass(frozen=True, slots=True)
class Part:
    """One learner's part in a measure: ``hits`` of ``n`` offers, or within ``n`` hours."""

    hits: float
    n: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """A group's figure: all hits over all ``n``. ``error`` is its standard error.

    ``learners`` are those who have any ``n`` at all; None where it cannot be told.
    """

    learners: int
    n: float
    value: float | None
    error: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """The widest gap of a measure: between the groups ``lowest`` and ``highest``.

    ``gap`` is the difference of two shares; of two rates it is relative: how much of the highest
    the lowest lacks, 0 to 1. A rate has no natural end, so a fixed difference would mean much where
    there are two an hour and nothing where there are ten. ``low`` and ``high`` bound it with
    CONFIDENCE for all pairs of groups at once, since the widest was looked for (Bonferroni).
    """

    lowest: str
    highest: str
    gap: float
    low: float | None
    high: float | None

    @property
    def over(self) -> bool:
        """Whether it is an alarm."""
        return self.gap > LIMIT

    @property
    def sure(self) -> bool:
        """Whether chance alone would hardly make such a gap."""
        return self.low is not None and self.low > 0


def ratio(parts: Sequence[Part]) -> Ratio:
    """One part a learner; those without any ``n`` say nothing, and are left out."""
    told = [part for part in parts if part.n > 0]
    hits, n, learners = sum(p.hits for p in told), sum(p.n for p in told), len(told)
    if not told:
        return Ratio(0, 0.0, None, None)
    value = hits / n
    if learners < 2:
        return Ratio(learners, n, value, None)
    without = [(hits - p.hits) / (n - p.n) for p in told]
    spread = sum((one - value) ** 2 for one in without)
    return Ratio(learners, n, value, math.sqrt(spread * (learners - 1) / learners))


def interval(found: Ratio, *, share: bool) -> tuple[float, float] | None:
    """The bounds of one group's figure with CONFIDENCE; None where no variety tells of them."""
    if found.value is None or not found.error:
        return None
    reach = t_quantile((1 + CONFIDENCE) / 2, found.learners - 1) * found.error
    high = found.value + reach
    return max(0.0, found.value - reach), min(1.0, high) if share else high


def widest_gap(groups: Mapping[str, Ratio], *, relative: bool) -> Gap | None:
    """The gap between the lowest and the highest group; None where fewer than two can be compared.

    Groups with fewer than LEAST_COMPARED learners in this measure are left out.
    """
    told = {
        name: found
        for name, found in groups.items()
        if found.learners >= LEAST_COMPARED and found.value is not None
    }
    if len(told) < 2:
        return None
    order = sorted(told, key=lambda name: (told[name].value, name))
    lowest, highest = told[order[0]], told[order[-1]]
    pairs = sum(1 for _ in combinations(told, 2))
    gap, error = _relative(lowest, highest) if relative else _absolute(lowest, highest)
    if not error:
        return Gap(order[0], order[-1], gap, None, None)
    t = t_quantile(1 - (1 - CONFIDENCE) / (2 * pairs), _freedom(lowest, highest))
    return Gap(order[0], order[-1], gap, gap - t * error, gap + t * error)


def _absolute(lowest: Ratio, highest: Ratio) -> tuple[float, float]:
    gap = (highest.value or 0.0) - (lowest.value or 0.0)
    return gap, math.hypot(lowest.error or 0.0, highest.error or 0.0)


def _relative(lowest: Ratio, highest: Ratio) -> tuple[float, float]:
    """1 − lowest / highest, and its error by the delta method."""
    low, high = lowest.value or 0.0, highest.value or 0.0
    if high == 0:
        return 0.0, 0.0
    error = math.hypot(lowest.error or 0.0, low / high * (highest.error or 0.0)) / high
    return 1 - low / high, error


def _freedom(one: Ratio, other: Ratio) -> float:
    """Satterthwaite's degrees of freedom of the two groups' learners together."""
    parts = [((r.error or 0.0) ** 2, r.learners - 1) for r in (one, other)]
    return sum(v for v, _ in parts) ** 2 / sum(v**2 / freedom for v, freedom in parts)
