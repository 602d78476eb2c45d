"""Many learners of one configuration as columns: small to send, quick to resample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.simulate.school.judging import Counts, Judged

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """``sums``: (learners, len(names)). ``mastered_s``: (learners,), inf where not within the time.
    ``delays_s`` with the learner ``whose`` it is. ``seen`` as in Judged, summed over learners."""

    names: tuple[str, ...]
    sums: Floats
    mastered_s: Floats
    delays_s: Floats
    whose: NDArray[np.int64]
    seen: dict[str, Counts]

    def __len__(self) -> int:
        return len(self.sums)

    def each(self, name: str) -> Floats:
        """One count of every learner."""
        column: Floats = self.sums[:, self.names.index(name)]
        return column

    def total(self, name: str) -> float:
        return float(self.each(name).sum())


def gathered(judged: Sequence[Judged]) -> Cohort:
    """At least one learner, in their order."""
    names = tuple(judged[0].counts)
    ends = [np.inf if j.mastered_s is None else j.mastered_s for j in judged]
    return Cohort(
        names,
        np.array([[j.counts[name] for name in names] for j in judged], float),
        np.array(ends, float),
        np.array([d for j in judged for d in j.delays_s], float),
        np.repeat(np.arange(len(judged)), [len(j.delays_s) for j in judged]),
        {
            name: sum((j.seen[name] for j in judged[1:]), seen)
            for name, seen in judged[0].seen.items()
        },
    )


def joined(parts: Sequence[Cohort]) -> Cohort:
    """The learners of all parts, one after the other."""
    first = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return Cohort(
        parts[0].names,
        np.concatenate([part.sums for part in parts]),
        np.concatenate([part.mastered_s for part in parts]),
        np.concatenate([part.delays_s for part in parts]),
        np.concatenate([part.whose + at for part, at in zip(parts, first, strict=True)]),
        {
            name: sum((part.seen[name] for part in parts[1:]), seen)
            for name, seen in parts[0].seen.items()
        },
    )
