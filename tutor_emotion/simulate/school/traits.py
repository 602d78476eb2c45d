"""One learner before the first second: who they are, and every die that will be cast for them.

The same learner of the same seed is the same person in every configuration. What happens to them
differs only where the configurations do, so differences between these are of pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.lesson import SKILLS

Floats = NDArray[np.float64]

_ITEMS, _TRIES = 128, 8
_BY_TRY = ("learn", "right", "pause", "rapid", "hint", "same")
_BY_SECOND = ("turn", "kick", "reply")


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """A learner. Sequences by skill, in the order of ``lesson.SKILLS``.

    ``prone`` multiplies the rates into each state; ``hint`` is P(ask for a hint after a miss).
    """

    ability: float
    known: tuple[bool, ...]
    learn: tuple[float, ...]
    slip: tuple[float, ...]
    guess: tuple[float, ...]
    time: float
    hint: float
    prone: tuple[float, float, float, float, float]


class Dice:
    """Uniform draws by what they decide: by skill, item and try, or by second."""

    def __init__(self, rng: np.random.Generator, seconds: int) -> None:
        shape = (len(SKILLS), _ITEMS, _TRIES)
        self._by_try = {name: rng.random(shape).tolist() for name in _BY_TRY}
        self._normal = rng.normal(size=shape).tolist()
        self._by_second = {name: rng.random(seconds + 1).tolist() for name in _BY_SECOND}

    def by_try(self, what: str, skill: int, item: int, attempt: int) -> float:
        found: float = self._by_try[what][skill][item % _ITEMS][attempt % _TRIES]
        return found

    def normal(self, skill: int, item: int, attempt: int) -> float:
        found: float = self._normal[skill][item % _ITEMS][attempt % _TRIES]
        return found

    def by_second(self, what: str, second: int) -> float:
        found: float = self._by_second[what][second]
        return found


def streams(seed: int, learner: int) -> tuple[np.random.Generator, ...]:
    """Independent generators of one learner: traits, dice, face, voice."""
    root = np.random.SeedSequence([seed, learner])
    return tuple(np.random.default_rng(child) for child in root.spawn(4))


def draw_traits(rng: np.random.Generator, figures: Figures) -> Traits:
    knowing, working, feeling = figures.knowing, figures.working, figures.feeling
    ability = float(rng.normal())
    n = len(SKILLS)
    at_first = _share(knowing.known_at_first, knowing.known_by_ability * ability, rng, figures)
    known: list[bool] = []
    for skill, draw in zip(SKILLS, rng.random(n), strict=True):
        ready = all(known[k] for k in skill.needs)
        known.append(bool(draw < at_first[len(known)] and ready))
    prone = np.exp(rng.normal(0, feeling.spread, 5))
    prone[2] *= math.exp(feeling.frustrated_by_ability * ability)
    prone[[0, 4]] = 1.0
    a, b, c, d, e = prone.tolist()
    return Traits(
        ability=ability,
        known=tuple(known),
        learn=_share(knowing.learn, knowing.learn_by_ability * ability, rng, figures),
        slip=_share(knowing.slip, 0.0, rng, figures),
        guess=_share(knowing.guess, 0.0, rng, figures),
        time=math.exp(rng.normal(0, working.time_between)),
        hint=float(rng.beta(2, 2 / working.hint_after_miss - 2)),
        prone=(a, b, c, d, e),
    )


def _share(
    middle: float, shift: float, rng: np.random.Generator, figures: Figures
) -> tuple[float, ...]:
    odds = math.log(middle / (1 - middle)) + shift
    drawn = odds + rng.normal(0, figures.knowing.spread, len(SKILLS))
    return tuple((1 / (1 + np.exp(-drawn))).tolist())
