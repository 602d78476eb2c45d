"""Polynomials in several letters with exact coefficients, and their greatest common divisor.

A polynomial is a mapping of exponents (one for each letter of its ring, in order) to coefficients
other than 0. Tuples compare letter by letter, so the largest one is the leading term.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

from tutor_emotion.lessons.algebra.budget import Budget, bounded

Exponents: TypeAlias = tuple[int, ...]
Polynomial: TypeAlias = Mapping[Exponents, Fraction]

ZERO: Polynomial = {}


@dataclass(frozen=True, slots=True)
class Ring:
    """Arithmetic over ``letters``; every operation is paid for from ``budget``.

    Raises:
        BadInput: ``answer_too_big``, from any of its methods.
    """

    letters: tuple[str, ...]
    budget: Budget

    def number(self, value: Fraction) -> Polynomial:
        return {(0,) * len(self.letters): value} if value else ZERO

    def letter(self, name: str) -> Polynomial:
        return {tuple(int(name == letter) for letter in self.letters): Fraction(1)}

    def plus(self, a: Polynomial, b: Polynomial, times: int = 1) -> Polynomial:
        """a + b·times"""
        self.budget.spend((len(a) + len(b)) // 4 + 1)
        total = dict(a)
        for exponents, value in b.items():
            _add(total, exponents, value * times)
        return total

    def times(self, a: Polynomial, b: Polynomial) -> Polynomial:
        self.budget.spend(len(a) * len(b) + 1)
        total: dict[Exponents, Fraction] = {}
        for left, x in a.items():
            for right, y in b.items():
                _add(total, tuple(map(int.__add__, left, right)), x * y)
        return total

    def power(self, a: Polynomial, n: int) -> Polynomial:
        return reduce(self.times, [a] * n, self.number(Fraction(1)))

    def divided(self, a: Polynomial, b: Polynomial) -> Polynomial | None:
        """a / b where that leaves nothing over, else None."""
        rest, found = dict(a), dict[Exponents, Fraction]()
        lead = max(b)
        while rest:
            top = max(rest)
            shift = tuple(map(int.__sub__, top, lead))
            if min(shift, default=0) < 0:
                return None
            found[shift] = bounded(rest[top] / b[lead])
            rest = dict(self.plus(rest, self.times({shift: found[shift]}, b), -1))
        return found

    def gcd(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """The greatest common divisor, with 1 as its leading coefficient; 0 of two zeros."""
        if not a or not b:
            return monic(a or b)
        main = self._main_letter(a, b)
        if main is None:
            return self.number(Fraction(1))
        content = self.gcd(self._content(a, main), self._content(b, main))
        return monic(self.times(content, self._primitive_gcd(a, b, main)))

    def _primitive_gcd(self, a: Polynomial, b: Polynomial, main: int) -> Polynomial:
        """Euclid's algorithm in the letter ``main``, without what only holds other letters."""
        a, b = self._primitive(a, main), self._primitive(b, main)
        while b and degree(b, main):
            a, b = b, self._primitive(self._remainder(a, b, main), main)
        return self.number(Fraction(1)) if b else a

    def _remainder(self, a: Polynomial, b: Polynomial, main: int) -> Polynomial:
        """What is left of a multiple of ``a`` over ``b``, of a lower degree in ``main``."""
        height = degree(b, main)
        lead = _part(b, main, height)
        while a and (over := degree(a, main) - height) >= 0:
            self.budget.spend(len(a))
            shifted = self.times(_moved(_part(a, main, degree(a, main)), main, over), b)
            a = self.plus(self.times(a, lead), shifted, -1)
        return a

    def _content(self, a: Polynomial, main: int) -> Polynomial:
        """The common divisor of the coefficients in ``main``."""
        heights = {exponents[main] for exponents in a}
        self.budget.spend(len(a) * len(heights))
        parts = [_part(a, main, n) for n in heights]
        return reduce(self.gcd, parts, ZERO)

    def _primitive(self, a: Polynomial, main: int) -> Polynomial:
        return monic(self.divided(a, self._content(a, main)) or ZERO) if a else a

    def _main_letter(self, *both: Polynomial) -> int | None:
        places = range(len(self.letters))
        return next((i for i in places if any(degree(p, i) > 0 for p in both)), None)


def degree(a: Polynomial, letter: int) -> int:
    return max((exponents[letter] for exponents in a), default=0)


def total_degree(a: Polynomial) -> int:
    return max(map(sum, a), default=0)


def monic(a: Polynomial) -> Polynomial:
    """Divided by its leading coefficient."""
    return scaled(a, 1 / a[max(a)]) if a else a


def scaled(a: Polynomial, factor: Fraction) -> Polynomial:
    return {exponents: bounded(value * factor) for exponents, value in a.items()}


def constant(a: Polynomial) -> Fraction | None:
    """The number that ``a`` is, if it is one."""
    if not a:
        return Fraction(0)
    ((exponents, value), *more) = a.items()
    return None if more or any(exponents) else value


def _add(total: dict[Exponents, Fraction], exponents: Exponents, value: Fraction) -> None:
    found = total.get(exponents)
    value = value if found is None else found + value
    if value:
        total[exponents] = bounded(value)
    else:
        total.pop(exponents, None)


def _part(a: Polynomial, letter: int, n: int) -> Polynomial:
    """The coefficient of ``letter`` to the power of ``n``."""
    return {_at(e, letter, 0): value for e, value in a.items() if e[letter] == n}


def _moved(a: Polynomial, letter: int, n: int) -> Polynomial:
    return {_at(e, letter, e[letter] + n): value for e, value in a.items()}


def _at(exponents: Exponents, letter: int, n: int) -> Exponents:
    return (*exponents[:letter], n, *exponents[letter + 1 :])
