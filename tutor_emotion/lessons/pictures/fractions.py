"""Bars and circles in equal parts: ``bar 1/4 + 2/4 blank``, ``circle 2/3``."""

from __future__ import annotations

import re
from math import cos, pi, sin
from typing import TypeAlias

from tutor_emotion.lessons.pictures.drawing import Drawing, label, px, refused

MAX_PARTS = 24
_SHARES = re.compile(
    r"(?P<top>\d{1,3})(?: ?\+ ?(?P<more>\d{1,3}))?/(?P<bottom>\d{1,3})(?P<blank> blank)?"
)
_SAME_BOTTOM = re.compile(r"^(\d{1,3})/(\d{1,3}) ?\+ ?(\d{1,3})/\2\b")
Shares: TypeAlias = tuple[int, int, int]  # shaded, shaded in the second shade, parts


def bar(text: str) -> Drawing:
    (top, more, bottom), blank = _shares(text)
    length = 240 if more else 280  # the label needs the rest
    part = length / bottom
    cells = "".join(
        f'<rect class="{_shade(i, top, more)}" x="{px(i * part)}" y="0" '
        f'width="{px(part)}" height="34"/>'
        for i in range(bottom)
    )
    name = "" if blank else _name(top, more, bottom, length + 6, 22)
    return Drawing(cells + name, 34, _words("bar", top, more, bottom))


def circle(text: str) -> Drawing:
    (top, more, bottom), blank = _shares(text)
    radius = 44.0
    slices = "".join(_slice(i, bottom, radius, _shade(i, top, more)) for i in range(bottom))
    name = "" if blank else _name(top, more, bottom, 2 * radius + 14, radius + 5)
    return Drawing(slices + name, round(2 * radius), _words("circle", top, more, bottom))


def _shares(text: str) -> tuple[Shares, bool]:
    match = _SHARES.fullmatch(_SAME_BOTTOM.sub(r"\1 + \3/\2", text))  # 1/4 + 2/4 as 1 + 2/4
    if match is None:
        raise refused(text, "Parts are written like 3/8 or 1/8 + 2/8.")
    top, more, bottom = int(match["top"]), int(match["more"] or 0), int(match["bottom"])
    if not 1 <= bottom <= MAX_PARTS or top + more > bottom:
        raise refused(text, f"1 to {MAX_PARTS} parts, no more shaded.")
    return (top, more, bottom), bool(match["blank"])


def _words(shape: str, top: int, more: int, bottom: int) -> str:
    shaded = f"{top} and then {more}" if more else str(top)
    parts = "1 whole part" if bottom == 1 else f"{bottom} equal parts"
    return f"A {shape} in {parts}, {shaded} shaded"


def _shade(index: int, top: int, more: int) -> str:
    return "pic-on" if index < top else "pic-more" if index < top + more else "pic-off"


def _name(top: int, more: int, bottom: int, x: float, y: float) -> str:
    return label(x, y, f"{top}/{bottom} + {more}/{bottom}" if more else f"{top}/{bottom}")


def _slice(index: int, parts: int, r: float, css: str) -> str:
    if parts == 1:
        return f'<circle class="{css}" cx="{r:g}" cy="{r:g}" r="{r:g}"/>'
    ends = [2 * pi * (index + k) / parts - pi / 2 for k in (0, 1)]
    (x0, y0), (x1, y1) = [(r + r * cos(a), r + r * sin(a)) for a in ends]
    return (
        f'<path class="{css}" d="M{r:g} {r:g}L{px(x0)} {px(y0)}'
        f'A{r:g} {r:g} 0 0 1 {px(x1)} {px(y1)}Z"/>'
    )
