"""A rectangle cut in two, for a product with brackets: ``area 3(x + 4) blank``."""

from __future__ import annotations

import re

from tutor_emotion.lessons.pictures.drawing import Drawing, label, refused

_PRODUCT = re.compile(
    r"(?P<high>[2-9])\((?P<count>[2-9]?)(?P<letter>[a-z]) ?\+ ?(?P<more>[1-9]\d?)\)"
    r"(?P<blank> blank)?"
)
_LEFT, _TOP, _HEIGHT = 28, 24, 74  # px: room for the side lengths, and the rectangle's height
_WIDTHS = (150, 110)  # px: of the two parts; what they stand for is unknown, so not to scale


def area(text: str) -> Drawing:
    match = _PRODUCT.fullmatch(text)
    if match is None:
        raise refused(text, "A rectangle is written like 3(x + 4) or 3(2x + 4) blank.")
    high, count, letter = int(match["high"]), int(match["count"] or 1), match["letter"]
    sides = (f"{match['count']}{letter}", match["more"])
    areas = ("", "") if match["blank"] else (f"{high * count}{letter}", f"{high * int(sides[1])}")
    svg = label(_LEFT - 8, _TOP + _HEIGHT / 2 + 5, str(high), anchor="end")
    svg += _part(_LEFT, _WIDTHS[0], "pic-room", sides[0], areas[0])
    svg += _part(_LEFT + _WIDTHS[0], _WIDTHS[1], "pic-box", sides[1], areas[1])
    words = f"A rectangle {high} high, cut into a part {sides[0]} wide and a part {sides[1]} wide"
    words += "" if match["blank"] else f", with the areas {areas[0]} and {areas[1]}"
    return Drawing(svg, _TOP + _HEIGHT + 2, words)


def _part(left: int, width: int, css: str, side: str, inside: str) -> str:
    place = f'x="{left}" y="{_TOP}" width="{width}" height="{_HEIGHT}"'
    middle = left + width / 2
    return (
        f'<rect class="{css}" {place}/>{label(middle, _TOP - 8, side, anchor="middle")}'
        f"{label(middle, _TOP + _HEIGHT / 2 + 6, inside, anchor='middle')}"
    )
