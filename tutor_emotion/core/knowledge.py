"""Bayesian knowledge tracing: what is believed of one learner and one skill.

Corbett & Anderson (1995): a learner knows a skill or does not. Each answer is evidence, each may
teach, and nothing is forgotten: whether it lasts is asked by reviews, not believed here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from tutor_emotion.errors import BadInput

# A belief of exactly 0 or 1 could never change again, and a float gets there after 30 answers.
NEAREST_TO_CERTAIN = 1e-4


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The four parameters of one skill, each a probability in (0, 1).

    ``p_known``: known before the first answer. ``p_learn``: learned by an answer and what follows
    it. ``p_slip``: known, answered wrongly. ``p_guess``: not known, answered rightly.

    The defaults: learn and slip .10 as every skill of OATutor has them (its ``bktParams``), slip
    at the bound of Corbett & Anderson and guess well below theirs (.10 and .30, as told by Baker,
    Corbett & Aleven 2008); known and guess .20 are chosen here, so that three right answers in a
    row from the start reach .95, as the rule of Beck & Gong (2013) has it.

    Raises:
        BadInput: ``bad_knowledge``; also where slip + guess is not below 1: there a right answer
            would speak against the learner.
    """

    p_known: float = 0.20
    p_learn: float = 0.10
    p_slip: float = 0.10
    p_guess: float = 0.20

    def __post_init__(self) -> None:
        for each in fields(self):
            value: float = getattr(self, each.name)
            if not (math.isfinite(value) and 0.0 < value < 1.0):
                raise BadInput("bad_knowledge", f"{each.name} is not between 0 and 1.")
        if self.p_slip + self.p_guess >= 1.0:
            raise BadInput(
                "bad_knowledge",
                "p_slip and p_guess together are 1 or more.",
                hint="A right answer would then speak against the learner. Make them smaller.",
            )

    def predict(self, p: float) -> float:
        """The probability that the next answer is right, where the skill is known with ``p``."""
        p = _belief(p)
        return p * (1.0 - self.p_slip) + (1.0 - p) * self.p_guess

    def update(self, p: float, correct: bool) -> float:
        """What is believed after an answer: first its evidence, then what it may have taught."""
        p = _belief(p)
        if_known = 1.0 - self.p_slip if correct else self.p_slip
        if_not = self.p_guess if correct else 1.0 - self.p_guess
        seen = p * if_known / (p * if_known + (1.0 - p) * if_not)
        return _belief(seen + (1.0 - seen) * self.p_learn)


DEFAULT = Knowledge()


def knowledge_from(given: Mapping[str, object], base: Knowledge = DEFAULT) -> Knowledge:
    """Parameters as they are kept (a JSON object); what is not given is as in ``base``.

    Raises:
        BadInput: ``bad_knowledge``, also for an unknown name or what is not a number.
    """
    values = {each.name: getattr(base, each.name) for each in fields(base)}
    for name, value in given.items():
        if name not in values:
            raise BadInput(
                "bad_knowledge",
                f"{name!r:.40} is no parameter of knowledge tracing.",
                hint=f"There are {', '.join(values)}.",
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput("bad_knowledge", f"{name} is not a number.")
        values[name] = value
    return Knowledge(**values)


def _belief(p: float) -> float:
    if math.isnan(p):
        raise BadInput("bad_knowledge", "A belief is not a number.")
    return min(1.0 - NEAREST_TO_CERTAIN, max(NEAREST_TO_CERTAIN, p))
