"""Learners of a small school, simulated once for all the tests that look at them."""

from __future__ import annotations

from functools import cache

import numpy as np

from tutor_emotion.simulate.school.configurations import CONFIGURATIONS
from tutor_emotion.simulate.school.figures import SHIPPED
from tutor_emotion.simulate.school.session import Lived, live

HOUR_S = 3600


@cache
def school(name: str, learners: int, *, offers: bool = True, seed: int = 7) -> tuple[Lived, ...]:
    """``learners`` of an hour's lesson in one configuration."""
    configuration = CONFIGURATIONS[name]
    return tuple(
        live(seed, n, configuration, HOUR_S, SHIPPED, offers=offers) for n in range(learners)
    )


def share(lived: tuple[Lived, ...], state: int) -> float:
    """Of all seconds, those in a hidden state."""
    return float(np.mean(np.concatenate([one.states for one in lived]) == state))
