"""The hidden state of a simulated learner: a background of its own, and what events do to it.

Not the engine's filter run forwards: rates differ by learner, events push, and confusion that lasts
turns to frustration. Exponential dwell in the background (D'Mello and Graesser 2011).
"""

from __future__ import annotations

from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.fusion import generator
from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.traits import Dice, Traits

ENGAGED, CONFUSED, FRUSTRATED, BORED, NEUTRAL = range(5)
STRUGGLE = (CONFUSED, FRUSTRATED)

_RATES = generator(FusionConfig())


class Mood:
    """``state`` now, and ``since_s``."""

    def __init__(self, traits: Traits, dice: Dice, figures: Figures) -> None:
        self.state = NEUTRAL
        self.since_s = 0
        self._dice = dice
        self._figures = figures.feeling
        self._prone = traits.prone
        self._rates = [
            [
                (to, float(rate) * self._figures.background * traits.prone[to])
                for to, rate in enumerate(row)
                if to != state
            ]
            for state, row in enumerate(_RATES)
        ]

    @property
    def struggling(self) -> bool:
        return self.state in STRUGGLE

    def second(self, now_s: int) -> None:
        """One second of the background."""
        left = self._dice.by_second("turn", now_s)
        blocked = now_s - self.since_s > self._figures.blocked_after_s
        for to, rate in self._rates[self.state]:
            if blocked and (self.state, to) == (CONFUSED, FRUSTRATED):
                rate *= 2
            if left < rate:
                self._go(to, now_s)
                return
            left -= rate

    def missed(self, now_s: int, nth: int, known: bool) -> None:
        """The nth miss on a step."""
        rules = self._figures
        if self.state == CONFUSED:
            if nth > 1:
                self._maybe(FRUSTRATED, rules.blocked, now_s)
        elif self.state != FRUSTRATED:
            chance = rules.slip if known else rules.first_miss if nth == 1 else rules.next_miss
            self._maybe(CONFUSED, chance, now_s)

    def right(self, now_s: int, easy: bool) -> None:
        """A correct answer; ``easy`` after a run of them on a known skill."""
        rules = self._figures
        if self.state == CONFUSED:
            self._maybe(ENGAGED, rules.resolved, now_s)
        elif self.state == FRUSTRATED:
            self._maybe(ENGAGED, rules.relieved, now_s)
        elif easy and self.state != BORED:
            self._maybe(BORED, rules.easy, now_s)

    def faced(self, now_s: int) -> None:
        """A new skill that is not known."""
        if not self.struggling:
            self._maybe(CONFUSED, self._figures.new_skill, now_s)

    def eased(self, now_s: int, confused: float, frustrated: float, bored: float = 0.0) -> None:
        """Help or rest: each of these ends with its probability."""
        ends = {CONFUSED: confused, FRUSTRATED: frustrated, BORED: bored}
        # Not by proneness: that is how easily one gets there.
        if self._dice.by_second("kick", now_s) < ends.get(self.state, 0.0):
            self._go(ENGAGED, now_s)

    def disturbed(self, now_s: int, chance: float) -> None:
        if self.state == ENGAGED:
            self._maybe(NEUTRAL, chance, now_s)

    def _maybe(self, to: int, chance: float, now_s: int) -> None:
        if self._dice.by_second("kick", now_s) < chance * self._prone[to]:
            self._go(to, now_s)

    def _go(self, to: int, now_s: int) -> None:
        self.state, self.since_s = to, now_s
