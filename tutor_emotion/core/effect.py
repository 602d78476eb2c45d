"""Two groups compared by their means: the difference, how sure it is, and whether it can be told.

Units are what was assigned as a whole (learners, or classes): answers of one learner are no
independent evidence, and neither are learners of one class that was assigned together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

CONFIDENCE = 0.95
POWER = 0.80
# Fewer than this in a group, and no interval is worth showing: with a spread of .3, the usual one
# of a learner's share of right answers, 12 against 12 would only show differences above .36.
LEAST_UNITS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """One arm: how many units, their mean and standard deviation (None where it cannot be told)."""

    units: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """``other`` minus ``reference``. None where there are too few to say.

    ``low`` and ``high`` bound the difference with CONFIDENCE (Welch's interval). ``detectable`` is
    the least true difference that so many units would show with POWER.
    """

    reference: Group
    other: Group
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: float | None = None

    @property
    def too_few(self) -> bool:
        return self.difference is None

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


def group(values: Sequence[float]) -> Group:
    """One value a unit."""
    if not values:
        return Group(0, None, None)
    sd = math.sqrt(variance(values)) if len(values) > 1 else None
    return Group(len(values), fmean(values), sd)


def compare(
    reference: Sequence[float], other: Sequence[float], *, least_units: int = LEAST_UNITS
) -> Effect:
    """The difference of two groups' means, with one value a unit.

    Welch (1947), degrees of freedom by Satterthwaite; no spread at all in both groups gives no
    interval, since so little variety says nothing about other learners.
    """
    a, b = group(reference), group(other)
    if min(a.units, b.units) < max(2, least_units):
        return Effect(a, b)
    assert a.mean is not None
    assert b.mean is not None
    parts = [(g.sd or 0.0) ** 2 / g.units for g in (a, b)]
    error = math.sqrt(sum(parts))
    if error == 0:
        return Effect(a, b)
    freedom = error**4 / sum(p**2 / (g.units - 1) for p, g in zip(parts, (a, b), strict=True))
    difference = b.mean - a.mean
    reach = t_quantile((1 + CONFIDENCE) / 2, freedom) * error
    detectable = (t_quantile((1 + CONFIDENCE) / 2, freedom) + t_quantile(POWER, freedom)) * error
    return Effect(a, b, difference, difference - reach, difference + reach, detectable)


def t_quantile(p: float, freedom: float) -> float:
    """Student's t at ``p``, by its expansion around the normal (Abramowitz and Stegun 26.7.5).

    Off by less than 1e-3 from 10 degrees of freedom on, for p up to .975.
    """
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom ** (i + 1) for i, term in enumerate(terms))
