"""What is usual for this learner: a causal, robust baseline (median and MAD), shrunk to population.

Expected gain is small (about .01 AUC, §6), but it takes the resting face and the habitual voice
out. Only what came before is ever used; whole-session statistics would leak the future.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from tutor_emotion.core.measures import POPULATION, Usual

_MAD_TO_SD = 1.4826  # of a normal distribution
_LEAST_SCALE = 0.3  # [D] of the population's: a still face must not turn noise into evidence
_LEAST_OWN = 3  # [D] samples before a measure without population may be used


@dataclass(frozen=True, slots=True)
class _Learned:
    values: tuple[float, ...]
    n: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """``usual`` is what the estimators are given; ``learned`` is what it was made of."""

    learned: Mapping[str, _Learned] = field(default_factory=dict)
    usual: Mapping[str, Usual] = field(
        default_factory=lambda: {name: u for name, u in POPULATION.items() if u is not None}
    )

    def learn(
        self, measures: Mapping[str, float], *, n: float, limit: float, kappa: float
    ) -> Baseline:
        """With one more sample of each measure, worth ``n``, as long as there are under ``limit``.

        ``n``, ``limit`` and ``kappa`` are in the same unit: valid seconds, items or utterances.
        """
        open_ = {k: v for k, v in measures.items() if self.n(k) < limit}
        if not open_ or n <= 0:
            return self
        learned, usual = dict(self.learned), dict(self.usual)
        for name, value in open_.items():
            before = learned.get(name) or _Learned((), 0.0)
            learned[name] = _Learned((*before.values, value), before.n + n)
            found = _usual(learned[name], POPULATION.get(name), kappa)
            if found is not None:
                usual[name] = found
        return Baseline(learned, usual)

    def without(self, measures: Iterable[str]) -> Baseline:
        """As if these had never been measured."""
        gone = frozenset(measures)
        kept = {name: value for name, value in self.learned.items() if name not in gone}
        fresh = Baseline().usual
        usual = {
            name: fresh.get(name) if name in gone else value for name, value in self.usual.items()
        }
        return Baseline(kept, {name: value for name, value in usual.items() if value is not None})

    def n(self, measure: str) -> float:
        """How much of this measure the baseline has seen, in its unit."""
        known = self.learned.get(measure)
        return known.n if known else 0.0


def _usual(learned: _Learned, population: Usual | None, kappa: float) -> Usual | None:
    centre = median(learned.values)
    scale = _MAD_TO_SD * median(abs(v - centre) for v in learned.values)
    if population is None:
        # ln of a time: a fifth up or down is never out of the ordinary.
        return Usual(centre, max(scale, 0.2)) if len(learned.values) >= _LEAST_OWN else None
    return _shrunk(learned.n, Usual(centre, scale), kappa, population)


def _shrunk(n: float, own: Usual, kappa: float, population: Usual) -> Usual:
    """The mean and spread of a normal with a conjugate prior that is worth ``kappa`` samples.

    Its spread holds the distance between the two centres as well: where they disagree the centre is
    not known well, and a resting face that is unlike most is not read as an expression.
    """
    total = n + kappa
    centre = (n * own.centre + kappa * population.centre) / total
    between = n * kappa / total * (own.centre - population.centre) ** 2
    variance = (n * own.scale**2 + kappa * population.scale**2 + between) / total
    return Usual(centre, max(_LEAST_SCALE * population.scale, math.sqrt(variance)))
