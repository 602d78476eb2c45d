"""What a learner typed, read whole: its tree, its value, and one text for all equal ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.algebra.budget import Budget
from tutor_emotion.lessons.algebra.parser import parse
from tutor_emotion.lessons.algebra.polynomials import Polynomial, Ring, monic
from tutor_emotion.lessons.algebra.quotients import Value, value_of
from tutor_emotion.lessons.algebra.tree import Equation, Negative, Node, Sum, letters

MAX_CHARS = 200
MAX_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Expression:
    """``canonical`` is one text for all that are equal; equations up to a factor that is not 0."""

    written: Node | Equation
    letters: frozenset[str]
    canonical: str
    ring: Ring = field(compare=False)

    @property
    def is_equation(self) -> bool:
        return isinstance(self.written, Equation)


def read(text: str, known: Collection[str] = (), budget: Budget | None = None) -> Expression:
    """The expression or equation that ``text`` says.

    A capital is taken for its small letter, or the other way round, where only that one is known.

    Raises:
        BadInput: ``answer_too_long`` (over MAX_CHARS), ``answer_unreadable``, ``answer_too_big``,
            ``answer_zero_bottom``, ``answer_bad_exponent``, ``answer_inexact_root``.
    """
    if len(text) > MAX_CHARS:
        raise BadInput("answer_too_long", f"An expression has at most {MAX_CHARS} characters.")
    written = parse(text, frozenset(known))
    sides = (written.left, written.right) if isinstance(written, Equation) else (written,)
    used = letters(*sides)
    if len(used) > MAX_LETTERS:
        raise BadInput("answer_too_big", f"An expression has at most {MAX_LETTERS} letters.")
    ring = Ring(tuple(sorted(used)), budget or Budget())
    return Expression(written, used, _canonical(written, ring), ring)


def _canonical(written: Node | Equation, ring: Ring) -> str:
    if not isinstance(written, Equation):
        return _quotient(value_of(written, ring), ring)
    found = value_of(Sum((written.left, Negative(written.right))), ring)
    return f"{_quotient(Value(monic(found.top), found.bottom), ring)}=0"


def _quotient(value: Value, ring: Ring) -> str:
    top, bottom = (_text(side, ring) for side in (value.top, value.bottom))
    return top if bottom == "1" else f"({top})/({bottom})"


def _text(a: Polynomial, ring: Ring) -> str:
    """``3*x^2-x+1/2``: the highest power first."""
    ordered = sorted(a.items(), key=lambda item: (-sum(item[0]), [-n for n in item[0]]))
    text = "".join(_term(value, exponents, ring) for exponents, value in ordered)
    return text.removeprefix("+") or "0"


def _term(value: Fraction, exponents: tuple[int, ...], ring: Ring) -> str:
    powers = [
        name if n == 1 else f"{name}^{n}"
        for name, n in zip(ring.letters, exponents, strict=True)
        if n
    ]
    number = [] if powers and abs(value) == 1 else [str(abs(value))]
    return ("-" if value < 0 else "+") + "*".join(number + powers)
