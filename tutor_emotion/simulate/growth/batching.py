"""A GPU worker, batch by batch: how many learners one keeps up with.

As the real one does: whatever waits when the last batch ends is the next batch, up to a limit. How
long a batch takes on a GPU was never measured here; it is an assumption with a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tutor_emotion.simulate.growth.figures import Figures

MEASURED_S, WARM_S = 30.0, 5.0
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of any batch and of each Window in it, and the most Windows in one."""

    call_s: float
    window_s: float
    batch: int

    @classmethod
    def of(cls, figures: Figures) -> Speed:
        call_s, window_s = figures["gpu.call_ms"] / 1000, figures["gpu.window_ms"] / 1000
        return cls(call_s, window_s, max(1, int(figures["gpu.batch"])))


@dataclass(frozen=True, slots=True)
class Queue:
    """Seconds from a Window's arrival to the end of its batch, the mean batch, the busy share."""

    p50_s: float
    p95_s: float
    mean_batch: float
    busy: float


def run(learners: int, windows_s: float, speed: Speed, seed: int) -> Queue:
    """One worker and so many learners, each with a Window ``windows_s`` times a second."""
    random = np.random.default_rng(seed)
    span_s = WARM_S + MEASURED_S
    count = max(1, round(span_s * windows_s))
    phase = random.random((learners, 1))
    # Each learner's own second hand, a little uneven.
    at = (np.arange(count) + phase) / windows_s + random.normal(0.0, 0.01, (learners, count))
    arrivals = np.sort(at.ravel())
    ended = np.empty_like(arrivals)
    done, free, busy, batches = 0, 0.0, 0.0, 0
    while done < arrivals.size:
        start = max(free, float(arrivals[done]))
        waiting = int(np.searchsorted(arrivals, start, side="right")) - done
        taken = min(speed.batch, max(1, waiting))
        took = speed.call_s + taken * speed.window_s
        free = start + took
        ended[done : done + taken] = free
        done, busy, batches = done + taken, busy + took, batches + 1
    late = (ended - arrivals)[arrivals > WARM_S]
    p50, p95 = np.percentile(late, [50, 95]) if late.size else (0.0, 0.0)
    return Queue(
        float(p50), float(p95), arrivals.size / batches, min(1.0, busy / max(free, span_s))
    )


def most_learners(figures: Figures, seed: int) -> int:
    """The most learners of one worker that are read in time; at least one, so that money is finite.

    By halving: the delay only rises with the learners.
    """
    return _most(Speed.of(figures), figures["windows"], figures["gpu.late_ms"] / 1000, seed)


@lru_cache(maxsize=256)
def _most(speed: Speed, windows_s: float, limit_s: float, seed: int) -> int:
    low, high = 1, max(2, _ceiling(speed, windows_s))
    while high - low > max(1, low // 100):
        middle = (low + high) // 2
        if run(middle, windows_s, speed, seed).p95_s <= limit_s:
            low = middle
        else:
            high = middle
    return low


def _ceiling(speed: Speed, windows_s: float) -> int:
    """Where a worker that only ever runs full batches would be busy all the time."""
    took_s = speed.call_s + speed.batch * speed.window_s
    if windows_s <= 0 or took_s <= 0:
        return MOST
    return min(MOST, int(speed.batch / took_s / windows_s) + 2)
