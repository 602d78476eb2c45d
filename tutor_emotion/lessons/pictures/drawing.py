"""What every family of pictures shares: the box, its words, its refusals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Literal, TypeAlias

from tutor_emotion.errors import BadInput

WIDTH = 340
Anchor: TypeAlias = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG of one drawing in a box WIDTH wide, its height in px, and what it shows in words."""

    svg: str
    height: int
    words: str


def refused(line: str, why: str) -> BadInput:
    return BadInput("bad_picture", f"{line[:60]!r}: {why}")


def label(x: float, y: float, words: str, *, anchor: Anchor = "start", css: str = "") -> str:
    """Text with its baseline at ``y``, if there is any; whatever an author wrote is escaped."""
    if not words:
        return ""
    more = "" if anchor == "start" else f' text-anchor="{anchor}"'
    classes = f"pic-text {css}".strip()
    return f'<text class="{classes}" x="{px(x)}" y="{px(y)}"{more}>{escape(words)}</text>'


def px(value: float) -> str:
    """``12.5``, ``12``: two places at most and no ``-0``."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def plain(value: Fraction) -> str:
    """``3``, ``−2``, ``0.25``: values of pictures are decimals by the way they are read."""
    return f"{float(value):g}".replace("-", "−")


def mixed(value: Fraction) -> str:
    """``3``, ``1/2``, ``2 1/2``: a count of steps, as it is said."""
    whole, rest = divmod(value, 1)
    if not rest:
        return str(whole)
    return f"{whole} {rest}" if whole else str(rest)


def steps(value: Fraction, noun: str) -> str:
    """``1 grid line``, ``2 1/2 grid lines``."""
    return f"{mixed(value)} {noun}{'' if 0 < value <= 1 else 's'}"
