"""Pods through a day: asked for when they are needed, there when they have started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.simulate.growth.day import STEP_S, Series

# An autoscaler's looks, and how long a fall must last before anything is taken away.
LOOK_S, CALM_S = 30, 300
HEADROOM = 1.15


@dataclass(frozen=True, slots=True)
class Scaled:
    """``pods`` in each step; ``unserved_s`` are learner-seconds for which there was no place."""

    pods: NDArray[np.int64]
    unserved_s: float

    @property
    def pod_h(self) -> float:
        return float(self.pods.sum()) * STEP_S / 3600

    @property
    def most(self) -> int:
        return int(self.pods.max())


def scale(asked: Series, each: float, start_s: float, least: int = 1) -> Scaled:
    """An autoscaler's day.

    Args:
        asked: learners in each step.
        each: learners that one pod takes.
        start_s: seconds from the wish for a pod to its first learner.
        least: pods that are always there.
    """
    wanted = np.maximum(least, np.ceil(HEADROOM * asked / each)).astype(np.int64)
    looks, calm = max(1, LOOK_S // STEP_S), max(1, CALM_S // STEP_S)
    lag = max(0, round(start_s / STEP_S))
    pods = np.empty_like(wanted)
    ordered = np.empty_like(wanted)
    now = least
    for step in range(wanted.size):
        if step % looks == 0:
            # Up at once, down only to the most that was wanted lately.
            now = max(
                int(wanted[step]), min(now, int(wanted[max(0, step - calm) : step + 1].max()))
            )
        ordered[step] = now
        before = ordered[step - lag] if step >= lag else least
        # A pod that was let go is gone at once; one that was ordered comes later.
        pods[step] = min(now, before) if step else least
    missing = np.maximum(0.0, asked - pods * each)
    return Scaled(pods, float(missing.sum()) * STEP_S)
