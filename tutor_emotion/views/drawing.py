"""Bars and intervals for the pages' small SVGs, 100 wide; numbers as SVG writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``x`` for ``width``; ``dot`` is the point within an interval."""

    x: str
    width: str
    dot: str = ""


def of_most(value: float, most: float) -> Bar:
    """A bar as long as its value's share of the largest one."""
    return Bar("0", _number(100 * value / most if most > 0 else 0.0))


def interval(low: float, high: float, middle: float) -> Bar:
    """Shares of 0 to 1 as a line with a dot."""
    return Bar(_number(100 * low), _number(100 * (high - low)), _number(100 * middle))


def _number(value: float) -> str:
    return f"{value:.1f}"
