"""One item before a learner: how likely they are right, learn, ask, and how long they think.

What is known and how the learner feels decide; the figures say by how much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.lesson import EASIER, SKILLS, USUAL
from tutor_emotion.simulate.school.traits import Traits

MOST_MISSES = 5  # after them the answer is asked for
_RAPID_SHARE = 0.06  # of the usual time; under 10 % is a rapid guess


@dataclass(slots=True)
class Item:
    """One showing of one item. ``turn`` counts thoughts, ``tries`` answers of the learner's own;
    ``factor`` is what help does to learning, ``wrong`` numbers the wrong answers that differ."""

    skill: int
    number: int
    step: str
    difficulty: float
    since_s: int
    turn: int = 0
    tries: int = 0
    hints: int = 0
    helped: bool = False
    glows: bool = False
    rapid: bool = False
    factor: float = 1.0
    wrong: int = 0
    over: bool = False
    left: bool = False


def chance_right(item: Item, traits: Traits, known: bool, state: int, figures: Figures) -> float:
    k, knowing = item.skill, figures.knowing
    ease: float = figures.helping.easier_slip ** ((USUAL - item.difficulty) / (USUAL - EASIER))
    if item.rapid:
        return traits.guess[k]
    if known:
        return 1.0 - min(0.5, traits.slip[k] * figures.working.slip_in[state] * ease)
    if item.tries == 0:
        return min(0.6, traits.guess[k] / ease)
    return knowing.retry_helped if item.helped else knowing.retry


def chance_learn(
    item: Item, traits: Traits, knows: Sequence[bool], state: int, pace: int, figures: Figures
) -> float:
    """Once the item is behind the learner, by the state that it ends in."""
    ready = all(knows[need] for need in SKILLS[item.skill].needs)
    slow = 1 + (figures.helping.slow_learn - 1) * max(0, -pace) / 2
    chance = traits.learn[item.skill] * item.factor * slow * figures.knowing.learn_in[state]
    return chance if ready else chance * figures.knowing.unready


def chance_hint(item: Item, traits: Traits, state: int, figures: Figures) -> float:
    """After a miss."""
    if item.tries >= MOST_MISSES:
        return 1.0
    chance = traits.hint * (1 + 0.5 * (item.tries - 1)) * figures.working.hint_in[state]
    return chance * figures.helping.glow if item.glows else chance


def thought_s(
    item: Item, traits: Traits, known: bool, state: int, pace: int, normal: float, figures: Figures
) -> float:
    """Seconds until the next answer; ``normal`` is a draw from N(0, 1)."""
    working, helping = figures.working, figures.helping
    usual_s = SKILLS[item.skill].usual_s
    if item.rapid:
        return _RAPID_SHARE * usual_s
    seconds = usual_s * traits.time * math.exp(working.time_spread * normal)
    seconds *= working.time_in[state] if item.turn == 1 else working.retry_in[state]
    if not known:
        seconds *= working.time_unknown
    per_level = helping.slow_time if pace < 0 else helping.fast_time
    return float(seconds * per_level ** abs(pace))
