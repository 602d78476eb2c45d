"""The value of a tree: a quotient of two polynomials in lowest terms, the same for equal values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.algebra.polynomials import (
    ZERO,
    Polynomial,
    Ring,
    constant,
    scaled,
)
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
)

MAX_EXPONENT = 20


@dataclass(frozen=True, slots=True)
class Value:
    top: Polynomial
    bottom: Polynomial


def value_of(node: Node, ring: Ring) -> Value:
    """In lowest terms.

    Raises:
        BadInput: ``answer_too_big``, ``answer_zero_bottom``, ``answer_bad_exponent`` (not a whole
            number of at most MAX_EXPONENT), ``answer_inexact_root``.
    """
    return lowest(_value(node, ring), ring)


def lowest(value: Value, ring: Ring) -> Value:
    """The same value, with 1 as the leading coefficient of its bottom."""
    top, bottom = value.top, value.bottom
    if not top:
        return Value(ZERO, ring.number(Fraction(1)))
    if constant(bottom) is None:
        common = ring.gcd(top, bottom)
        if constant(common) is None:
            top, bottom = ring.divided(top, common) or ZERO, ring.divided(bottom, common) or ZERO
    lead = 1 / bottom[max(bottom)]
    return Value(scaled(top, lead), scaled(bottom, lead))


def _value(node: Node, ring: Ring) -> Value:
    one = ring.number(Fraction(1))
    match node:
        case Number(number):
            return Value(ring.number(number), one)
        case Letter(name):
            return Value(ring.letter(name), one)
        case Negative(inner):
            found = _value(inner, ring)
            return Value(scaled(found.top, Fraction(-1)), found.bottom)
        case Sum(terms):
            return _sum([_value(term, ring) for term in terms], ring)
        case Product(factors):
            total = Value(one, one)
            for factor in factors:
                total = _times(total, _value(factor, ring), ring)
            return total
        case Quotient(top, bottom):
            return _times(_value(top, ring), _upside_down(_value(bottom, ring)), ring)
        case Power(base, exponent):
            return _power(_value(base, ring), _exponent(exponent, ring), ring)
        case Root(inner):
            return Value(ring.number(_root(_value(inner, ring))), one)


def _sum(parts: list[Value], ring: Ring) -> Value:
    total = parts[0]
    for part in parts[1:]:
        if total.bottom == part.bottom:
            total = Value(ring.plus(total.top, part.top), total.bottom)
            continue
        left = ring.times(total.top, part.bottom)
        right = ring.times(part.top, total.bottom)
        total = Value(ring.plus(left, right), ring.times(total.bottom, part.bottom))
    return total


def _times(a: Value, b: Value, ring: Ring) -> Value:
    return Value(ring.times(a.top, b.top), ring.times(a.bottom, b.bottom))


def _upside_down(value: Value) -> Value:
    if not value.top:
        raise BadInput("answer_zero_bottom", "Nothing can be divided by 0.")
    return Value(value.bottom, value.top)


def _power(base: Value, n: int, ring: Ring) -> Value:
    base = _upside_down(base) if n < 0 else base
    return Value(ring.power(base.top, abs(n)), ring.power(base.bottom, abs(n)))


def _exponent(node: Node, ring: Ring) -> int:
    found = value_of(node, ring)
    number = constant(found.top) if constant(found.bottom) else None
    if number is None or number.denominator != 1 or abs(number) > MAX_EXPONENT:
        raise BadInput(
            "answer_bad_exponent", f"An exponent is a whole number up to {MAX_EXPONENT}."
        )
    return int(number)


def _root(value: Value) -> Fraction:
    top, bottom = constant(value.top), constant(value.bottom)
    if top is not None and bottom and top / bottom >= 0:
        number = top / bottom
        root = Fraction(isqrt(number.numerator), isqrt(number.denominator))
        if root * root == number:
            return root
    raise BadInput("answer_inexact_root", "Only roots that come out exactly can be read.")
