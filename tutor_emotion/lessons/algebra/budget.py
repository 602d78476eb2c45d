"""How much work one answer may cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from tutor_emotion.errors import BadInput

OPERATIONS = 4_000  # products of two terms; the worst of 12,000 hostile answers took 19 ms
LIMIT_S = 0.25  # of this thread on a processor: a busy machine must not refuse a right answer
MAX_BITS = 256  # of one coefficient's top or bottom


@dataclass(slots=True)
class Budget:
    """Counted work with a hard end. ``clock`` gives seconds of work, not of waiting."""

    left: int = OPERATIONS
    clock: Callable[[], float] = time.thread_time
    _end_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._end_s = self.clock() + LIMIT_S

    def spend(self, operations: int) -> None:
        """Before the work is done.

        Raises:
            BadInput: ``answer_too_big``.
        """
        self.left -= operations
        if self.left < 0 or self.clock() > self._end_s:
            raise too_big()


def bounded(number: Fraction) -> Fraction:
    """``number``, if it is not too long to go on with.

    Raises:
        BadInput: ``answer_too_big``.
    """
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise too_big()
    return number


def too_big() -> BadInput:
    return BadInput(
        "answer_too_big", "This is too large to work out.", hint="Write it in a shorter form."
    )
