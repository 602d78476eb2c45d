"""The form of an expression as it was written: expanded, factored, simplest."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Literal, TypeAlias

from tutor_emotion.lessons.algebra.polynomials import Ring, scaled
from tutor_emotion.lessons.algebra.quotients import value_of
from tutor_emotion.lessons.algebra.reading import Expression
from tutor_emotion.lessons.algebra.tidy import alike, simplest, tidy
from tutor_emotion.lessons.algebra.tree import (
    Equation,
    Letter,
    Node,
    Number,
    Power,
    Quotient,
    Root,
    Sum,
    factors,
    letters,
    nodes,
    terms,
)

Form: TypeAlias = Literal["equivalent", "expanded", "factored", "simplest"]


def has_form(given: Expression, form: Form, like: Expression) -> bool:
    """Whether ``given`` has the form; ``like`` is the author's way to write the same value.

    Raises:
        BadInput: ``answer_too_big``.
    """
    written, model = given.written, like.written
    ring = Ring(tuple(sorted(given.letters | like.letters)), given.ring.budget)
    if form == "equivalent":
        return True
    if isinstance(written, Equation) and isinstance(model, Equation):
        if form == "expanded":
            return _expanded(written.left, ring) and _expanded(written.right, ring)
        return form == "simplest" and _solved(written, model, ring)
    if isinstance(written, Equation) or isinstance(model, Equation):
        return False
    if form == "expanded":
        return _expanded(written, ring)
    if form == "simplest":
        return simplest(written, ring)
    return _factor_counts(written, ring) == _factor_counts(model, ring)


def is_product(given: Expression) -> bool:
    """Whether there is more than one factor to find."""
    if isinstance(given.written, Equation):
        return False
    counts = _factor_counts(given.written, given.ring)
    return bool(counts) and (counts.total() > 1 or len(factors(given.written)) > 1)


def _expanded(node: Node, ring: Ring) -> bool:
    """A sum of terms with one number and each letter once, no two of which could be one."""
    found = terms(node)
    return all(_plain(term, ring) for term in found) and not alike(found, ring)


def _plain(term: Node, ring: Ring) -> bool:
    for node in nodes(term):
        match node:
            case Sum() | Root():
                return False
            case Power(base, exponent) if not (
                isinstance(base, Letter) and isinstance(exponent, Number)
            ):
                return False
            case Quotient(_, bottom) if letters(bottom):
                return False
    return tidy(term, ring)


def _factor_counts(node: Node, ring: Ring) -> Counter[object]:
    """How often each factor is there; numbers and signs do not count."""
    found: Counter[object] = Counter()
    for factor in factors(node):
        match factor:
            case Quotient(top, bottom) if not letters(bottom):
                found += _factor_counts(top, ring)
            case Power(base, Number(n)) if n > 0 and n.denominator == 1:
                value_of(factor, ring)  # refuses an exponent that is too large to count with
                for name, count in _factor_counts(base, ring).items():
                    found[name] += count * int(n)
            case _ if letters(factor):
                value = value_of(factor, ring)
                sign = 1 if value.top and value.top[max(value.top)] > 0 else -1
                over = frozenset(scaled(value.top, Fraction(sign)).items())
                found[over, frozenset(value.bottom.items())] += 1
    return found


def _solved(written: Equation, like: Equation, ring: Ring) -> bool:
    """The letter that the author has alone is alone, and the other side is as simple as can be."""
    wanted = {side.name for side in (like.left, like.right) if isinstance(side, Letter)}
    for side, other in ((written.left, written.right), (written.right, written.left)):
        if isinstance(side, Letter) and side.name in wanted - letters(other):
            return simplest(other, ring)
    return False
