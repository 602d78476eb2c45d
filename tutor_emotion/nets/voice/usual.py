"""How a speaker usually sounds: running statistics that travel with the utterance.

The Runner keeps nothing of anybody: what it learned of a speaker goes out with the Reading
(``Reading.learned``) and comes back with that speaker's next utterance (``Utterance.usual``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FORMAT = 1.0
CAP = 60  # utterances; from then on the oldest fade, so that a new microphone is soon usual
SPREAD_AFTER = 8.0  # utterances after which the speaker's own spread weighs as the population's
Z_LIMIT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """``count`` utterances heard (at most CAP), the ``mean`` and the ``variance`` (d,) of each
    number."""

    count: int
    mean: Floats
    variance: Floats

    @classmethod
    def empty(cls, size: int) -> Usual:
        return cls(0, np.zeros(size), np.zeros(size))

    @classmethod
    def from_floats(cls, floats: Sequence[float], size: int) -> Usual:
        """What ``to_floats`` gave; anything else (another format or length, NaN) is as nothing."""
        try:
            values = np.asarray(floats, dtype=np.float64)
        except (TypeError, ValueError):
            return cls.empty(size)
        if values.shape != (2 + 2 * size,) or not np.isfinite(values).all():
            return cls.empty(size)
        count, mean, variance = values[1], values[2 : 2 + size], values[2 + size :]
        if values[0] != FORMAT or count not in range(CAP + 1) or (variance < 0).any():
            return cls.empty(size)
        return cls(int(count), mean, variance)

    def to_floats(self) -> tuple[float, ...]:
        """(2 + 2 d,): format, count, means, variances."""
        return (FORMAT, float(self.count), *self.mean.tolist(), *self.variance.tolist())

    def after(self, values: Floats) -> Usual:
        """With one more utterance, whose ``values`` (d,) are all finite."""
        count = min(self.count + 1, CAP)
        off = values - self.mean
        variance = (1 - 1 / count) * (self.variance + off**2 / count)
        return Usual(count, self.mean + off / count, variance)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """What stands in for a speaker not heard yet, and is weighed against what was heard.

    ``mean`` (d,) of speakers, ``spread`` (d,) the standard deviation within one, ``weight`` (d,)
    how many utterances the population's mean is worth (variance within over between speakers).
    """

    mean: Floats
    spread: Floats
    weight: Floats

    def expected(self, usual: Usual) -> Floats:
        """(d,) what this speaker's next utterance will be, on average."""
        n = usual.count
        mean: Floats = (n * usual.mean + self.weight * self.mean) / (n + self.weight)
        return mean


def against_usual(values: Floats, usual: Usual, population: Population) -> Floats:
    """(d + 1,): each value in standard deviations from the speaker's usual, shrunk to the
    population's while few utterances were heard; last, how many that were (log). NaN becomes 0."""
    n = usual.count
    variance = n * usual.variance + SPREAD_AFTER * population.spread**2
    z = (values - population.expected(usual)) / np.sqrt(variance / (n + SPREAD_AFTER))
    z = np.nan_to_num(np.clip(z, -Z_LIMIT, Z_LIMIT), nan=0.0)
    return np.append(z, np.log1p(n) / 4)
