"""The same figures for each subject and each group, and how far these are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.metrics import Floats

GAP_FLAGGED = 0.10
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of one subject or group. ``coverage``: the share that is answered.
    ``positive_rate``: the share answered as one of the classes that count as positive,
    ``false_positive_rate``: the same among those that are none (None: there are none)."""

    n: int
    accuracy: float
    uar: float
    coverage: float
    positive_rate: float
    false_positive_rate: float | None


def slices(
    names: Sequence[str],
    p: Floats,
    answers: Answers,
    kept: NDArray[np.bool_],
    positives: frozenset[str],
) -> dict[str, Slice]:
    """The figures of each name; empty where no input has one."""
    if not any(names):
        return {}
    of = np.array([name or UNKNOWN for name in names])
    positive = np.isin(np.array(answers.classes), list(positives))
    said, is_so = positive[p.argmax(1)], positive[answers.truth]
    found = {}
    for name in sorted(set(of)):
        rows = of == name
        none = rows & ~is_so
        found[str(name)] = Slice(
            n=int(rows.sum()),
            accuracy=metrics.accuracy(p[rows], answers.truth[rows]),
            uar=metrics.uar(p[rows], answers.truth[rows]),
            coverage=float(kept[rows].mean()),
            positive_rate=float(said[rows].mean()),
            false_positive_rate=float(said[none].mean()) if none.any() else None,
        )
    return found


def gaps(of: Mapping[str, Slice]) -> dict[str, Any] | None:
    """The largest difference of each figure between two of them; None below two. ``flagged`` names
    the figures that differ by more than 0.10. Who is unknown is no group."""
    known = {name: one for name, one in of.items() if name != UNKNOWN}
    if len(known) < 2:
        return None
    found: dict[str, float] = {}
    for name in ("accuracy", "uar", "coverage", "positive_rate", "false_positive_rate"):
        values = [v for v in (getattr(one, name) for one in known.values()) if v is not None]
        if len(values) > 1:
            found[name] = max(values) - min(values)
    return {
        **found,
        "flagged": [name for name, gap in found.items() if gap > GAP_FLAGGED],
        "smallest_n": min(one.n for one in known.values()),
    }
