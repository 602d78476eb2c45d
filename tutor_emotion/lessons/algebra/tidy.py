"""Whether there is nothing left to do: no like terms, no common factors, no brackets to open."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from tutor_emotion.lessons.algebra.polynomials import Polynomial, Ring, monic, total_degree
from tutor_emotion.lessons.algebra.quotients import value_of
from tutor_emotion.lessons.algebra.tree import (
    Letter,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    factors,
    letters,
    nodes,
    terms,
)

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def simplest(node: Node, ring: Ring) -> bool:
    """As simple as can be. ``2(x+1)`` and ``2x+2`` both are, ``2(x+1)+3`` is not."""
    divided_by = sum(_bottom_degree(part, ring) for part in nodes(node))
    return _tidy_sum(node, ring) and divided_by == total_degree(value_of(node, ring).bottom)


def alike(found: list[Node], ring: Ring) -> bool:
    """Whether two of these differ by a number only, so that they could be put together."""
    return len({_direction(node, ring) for node in found}) < len(found)


def _direction(node: Node, ring: Ring) -> object:
    value = value_of(node, ring)
    return frozenset(monic(value.top).items()), frozenset(value.bottom.items())


def _bottom_degree(node: Node, ring: Ring) -> int:
    """How much this very node divides by letters; more than its value needs can be cancelled."""
    match node:
        case Quotient(_, bottom):
            return total_degree(value_of(bottom, ring).top)
        case Power():
            return total_degree(value_of(node, ring).bottom)
        case _:
            return 0


def _tidy_sum(node: Node, ring: Ring) -> bool:
    found = terms(node)
    if len(found) > 1 and any(_opens(term) or term == _ZERO for term in found):
        return False
    return all(tidy(term, ring) for term in found) and not alike(found, ring)


def _opens(term: Node) -> bool:
    """Whether a bracket in this term could be opened, to put its terms together with others."""
    match term:
        case Sum():
            return True
        case Quotient(top, bottom):
            return not letters(bottom) and _opens(top)
        case Negative(inner) | Power(inner, _):
            return _opens(inner)
        case Product(parts):
            return any(_opens(part) for part in parts)
        case _:
            return False


def tidy(term: Node, ring: Ring) -> bool:
    """One term in which nothing is left to work out or to cancel."""
    match term:
        case Number() | Letter():
            return True
        case Root():
            return False
        case Negative(inner):
            return not isinstance(inner, Negative) and tidy(inner, ring)
        case Sum():
            return _tidy_sum(term, ring)
        case Power(base, exponent):
            simple = isinstance(base, Letter | Sum) and tidy(base, ring)
            return simple and exponent not in (_ZERO, _ONE) and not letters(exponent)
        case Product():
            return _tidy_product(factors(term), ring)
        case Quotient(top, bottom):
            return _tidy_quotient(top, bottom, ring)


def _tidy_product(parts: list[Node], ring: Ring) -> bool:
    """One number at most, and each base once."""
    divided = [part for part in parts if isinstance(part, Quotient)]
    if divided:
        # 1/2 x is x/2, and 3 (x/2) is 3x/2
        rest = [part for part in parts if part is not divided[0]]
        tops = [part for part in factors(divided[0].top) if part != _ONE]
        return _tidy_quotient(_product(rest + tops), divided[0].bottom, ring)
    numbers = [part for part in parts if not letters(part)]
    bases = [part.base if isinstance(part, Power) else part for part in parts]
    return (
        len(numbers) <= 1
        and all(isinstance(n, Number) and n.value not in (0, 1) for n in numbers)
        and all(tidy(part, ring) for part in parts)
        and not alike(bases, ring)
    )


def _tidy_quotient(top: Node, bottom: Node, ring: Ring) -> bool:
    """No quotient in a quotient, and no number in common; ``simplest`` looks after the letters."""
    if any(isinstance(node, Quotient) for side in (top, bottom) for node in nodes(side)):
        return False
    over, under = (_content(value_of(side, ring).top) for side in (top, bottom))
    whole = over is not None and under is not None and gcd(over, under) == 1
    return whole and bottom != _ONE and _tidy_sum(top, ring) and _tidy_sum(bottom, ring)


def _content(a: Polynomial) -> int | None:
    """The common divisor of the coefficients; None where one is not whole."""
    if any(value.denominator != 1 for value in a.values()):
        return None
    return gcd(*(int(value) for value in a.values()))


def _product(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Product(tuple(parts))
