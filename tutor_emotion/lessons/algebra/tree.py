"""An expression as it was written: what its form is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction


@dataclass(frozen=True, slots=True)
class Letter:
    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    inner: Node


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product:
    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Power:
    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Root:
    inner: Node


@dataclass(frozen=True, slots=True)
class Equation:
    left: Node
    right: Node


Node: TypeAlias = Number | Letter | Negative | Sum | Product | Quotient | Power | Root


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Sum(parts) | Product(parts):
            return parts
        case Negative(inner) | Root(inner):
            return (inner,)
        case Quotient(top, bottom):
            return (top, bottom)
        case Power(base, exponent):
            return (base, exponent)
        case _:
            return ()


def nodes(node: Node) -> Iterator[Node]:
    """``node`` and everything in it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(children(found))


def letters(*sides: Node) -> frozenset[str]:
    return frozenset(n.name for side in sides for n in nodes(side) if isinstance(n, Letter))


def terms(node: Node) -> list[Node]:
    """The terms of a sum, brackets and signs opened; any other node is its only term."""
    match node:
        case Sum(parts):
            return [term for part in parts for term in terms(part)]
        case Negative(Sum() as inner):
            return terms(inner)
        case _:
            return [node]


def factors(node: Node) -> list[Node]:
    """The factors of a product, signs left out; a quotient or a power is one factor."""
    match node:
        case Product(parts):
            return [factor for part in parts for factor in factors(part)]
        case Negative(inner):
            return factors(inner)
        case _:
            return [node]
