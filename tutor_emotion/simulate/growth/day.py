"""A school day, learner by learner: who comes when, stays how long, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.simulate.growth.figures import Figures

STEP_S = 10
STEPS = 24 * 3600 // STEP_S
LESSONS_H = (8.0, 8.9, 10.0, 10.9, 12.0, 12.9, 14.0)
LATE_MIN = 3.0  # sd of how late a class begins
HOME_H, HOME_SPREAD_H = 17.0, 1.5
MOST_MIN = 180.0
# So many visits say how high the peak is, to about a hundredth.
_REFERENCE = 50_000

Series = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Habits:
    """What of the figures makes a day; names as in ``assumptions.toml``."""

    visit_min: float
    visit_spread: float
    at_home: float
    zones: int
    camera: float
    relayed: float

    @classmethod
    def of(cls, figures: Figures) -> Habits:
        return cls(
            figures["learners.visit_min"],
            figures["learners.visit_spread"],
            figures["learners.at_home"],
            max(1, round(figures["learners.zones"])),
            figures["learners.camera"],
            figures["media.relayed"],
        )


@dataclass(frozen=True, slots=True)
class Day:
    """Learners present in each step of ten seconds; ``visits`` began in all."""

    present: Series
    with_camera: Series
    relayed: Series
    arrivals: Series
    visits: int

    @property
    def peak(self) -> int:
        return int(self.present.max())

    @property
    def learner_s(self) -> float:
        return float(self.present.sum()) * STEP_S

    @property
    def camera_s(self) -> float:
        return float(self.with_camera.sum()) * STEP_S


def visits_for(peak: int, habits: Habits, seed: int) -> int:
    """How many visits a day bring about ``peak`` learners at its fullest moment."""
    return max(1, round(peak * _REFERENCE / live(_REFERENCE, habits, seed).peak))


@lru_cache(maxsize=16)
def live(visits: int, habits: Habits, seed: int) -> Day:
    """One day of so many visits; the same seed gives the same day."""
    random = np.random.default_rng(seed)
    begin = _begin_s(random, visits, habits)
    mean_s = 60.0 * habits.visit_min
    spread = habits.visit_spread
    stay = random.lognormal(np.log(mean_s) - spread**2 / 2, spread, visits)
    end = begin + np.minimum(stay, 60.0 * MOST_MIN)
    first = np.clip(begin // STEP_S, 0, STEPS - 1).astype(np.int64)
    last = np.clip(end // STEP_S, first, STEPS).astype(np.int64)
    camera = random.random(visits) < habits.camera
    relayed = camera & (random.random(visits) < habits.relayed)
    return Day(
        _present(first, last),
        _present(first[camera], last[camera]),
        _present(first[relayed], last[relayed]),
        np.bincount(first, minlength=STEPS),
        visits,
    )


def _begin_s(random: np.random.Generator, visits: int, habits: Habits) -> NDArray[np.float64]:
    at_home = random.random(visits) < habits.at_home
    lesson = np.asarray(LESSONS_H)[random.integers(0, len(LESSONS_H), visits)]
    # A class comes together: within a few minutes of the bell.
    at_school = lesson * 3600.0 + np.abs(random.normal(0.0, 60.0 * LATE_MIN, visits))
    home = 3600.0 * random.normal(HOME_H, HOME_SPREAD_H, visits)
    zone = random.integers(0, habits.zones, visits)
    begin: NDArray[np.float64] = np.where(at_home, home, at_school) + 3600.0 * zone
    return begin


def _present(first: Series, last: Series) -> Series:
    """Whoever came is there in the step of their arrival and until that of their leaving."""
    came = np.bincount(first, minlength=STEPS + 1)
    left = np.bincount(np.maximum(last, first + 1), minlength=STEPS + 1)
    return np.cumsum(came - left[: STEPS + 1])[:STEPS].astype(np.int64)
