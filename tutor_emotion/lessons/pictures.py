"""The pictures that a teacher draws for fractions, as inline SVG with a text alternative.

One drawing a line: ``bar 3/4`` · ``bar 1/4 + 2/4`` (two shades) · ``circle 2/3`` ·
``line 0 to 2 in 4 mark 5/4 ?`` (a number line from 0 to 2, each whole in 4 parts; ``?`` hides the
label of a mark). ``blank`` after a bar or circle leaves out the written fraction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from math import cos, pi, sin

from tutor_emotion.errors import BadInput

MAX_PARTS = 24
MAX_DRAWINGS = 6
WIDTH = 340
_BAR = re.compile(r"(?P<top>\d+)(?: ?\+ ?(?P<more>\d+))?/(?P<bottom>\d+)(?P<blank> blank)?")
_LINE = re.compile(
    r"(?P<low>\d+) to (?P<high>\d+) in (?P<parts>\d+)(?P<marks>(?: mark \d+/\d+( \?)?)*)"
)
_MARK = re.compile(r"mark (\d+)/(\d+)( \?)?")


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG of one drawing in a box WIDTH wide, its height in px, and what it shows in words."""

    svg: str
    height: int
    words: str


def draw(source: str) -> str:
    """A ``<figure>`` for the lines of ``source``.

    Raises:
        BadInput: ``bad_picture``, naming the line that is not understood.
    """
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MAX_DRAWINGS:
        raise BadInput("bad_picture", f"A picture has 1 to {MAX_DRAWINGS} lines.")
    return _figure([_drawing(line) for line in lines])


def _figure(drawings: Sequence[Drawing]) -> str:
    top, parts = 4, []
    for drawing in drawings:
        parts.append(f'<g transform="translate(4 {top})">{drawing.svg}</g>')
        top += drawing.height + 10
    words = escape(". ".join(d.words for d in drawings) + ".", quote=True)
    return (
        f'<figure class="picture"><svg viewBox="0 0 {WIDTH + 8} {top - 6}" role="img" '
        f'aria-label="{words}">{"".join(parts)}</svg></figure>'
    )


def _drawing(line: str) -> Drawing:
    kind, _, rest = line.partition(" ")
    if kind == "bar" and (match := _BAR.fullmatch(_same_bottom(rest))):
        return _bar(*_shares(match, line), blank=bool(match["blank"]))
    if kind == "circle" and (match := _BAR.fullmatch(_same_bottom(rest))):
        return _circle(*_shares(match, line), blank=bool(match["blank"]))
    if kind == "line" and (match := _LINE.fullmatch(rest)):
        return _line(match, line)
    raise BadInput("bad_picture", f"The picture line {line[:60]!r} is not understood.")


def _same_bottom(text: str) -> str:
    """``1/4 + 2/4`` as ``1 + 2/4``."""
    return re.sub(r"^(\d+)/(\d+) ?\+ ?(\d+)/\2\b", r"\1 + \3/\2", text)


def _shares(match: re.Match[str], line: str) -> tuple[int, int, int]:
    top, more, bottom = int(match["top"]), int(match["more"] or 0), int(match["bottom"])
    if not 1 <= bottom <= MAX_PARTS or top + more > bottom:
        raise BadInput("bad_picture", f"{line[:60]!r}: 1 to {MAX_PARTS} parts, no more shaded.")
    return top, more, bottom


def _words(shape: str, top: int, more: int, bottom: int) -> str:
    shaded = f"{top} and then {more}" if more else str(top)
    parts = "1 whole part" if bottom == 1 else f"{bottom} equal parts"
    return f"A {shape} in {parts}, {shaded} shaded"


def _shade(index: int, top: int, more: int) -> str:
    return "pic-on" if index < top else "pic-more" if index < top + more else "pic-off"


def _label(top: int, more: int, bottom: int, x: float, y: float) -> str:
    text = f"{top}/{bottom} + {more}/{bottom}" if more else f"{top}/{bottom}"
    return f'<text class="pic-text" x="{x:g}" y="{y:g}">{text}</text>'


def _bar(top: int, more: int, bottom: int, *, blank: bool) -> Drawing:
    length = 240 if more else 280  # the label needs the rest
    part = length / bottom
    cells = "".join(
        f'<rect class="{_shade(i, top, more)}" x="{i * part:.2f}" y="0" '
        f'width="{part:.2f}" height="34"/>'
        for i in range(bottom)
    )
    label = "" if blank else _label(top, more, bottom, length + 6, 22)
    return Drawing(cells + label, 34, _words("bar", top, more, bottom))


def _circle(top: int, more: int, bottom: int, *, blank: bool) -> Drawing:
    radius = 44.0
    slices = "".join(_slice(i, bottom, radius, _shade(i, top, more)) for i in range(bottom))
    label = "" if blank else _label(top, more, bottom, 2 * radius + 14, radius + 5)
    return Drawing(slices + label, round(2 * radius), _words("circle", top, more, bottom))


def _slice(index: int, parts: int, r: float, css: str) -> str:
    if parts == 1:
        return f'<circle class="{css}" cx="{r:g}" cy="{r:g}" r="{r:g}"/>'
    ends = [2 * pi * (index + k) / parts - pi / 2 for k in (0, 1)]
    (x0, y0), (x1, y1) = [(r + r * cos(a), r + r * sin(a)) for a in ends]
    return (
        f'<path class="{css}" d="M{r:g} {r:g}L{x0:.2f} {y0:.2f}'
        f'A{r:g} {r:g} 0 0 1 {x1:.2f} {y1:.2f}Z"/>'
    )


def _line(match: re.Match[str], line: str) -> Drawing:
    low, high, parts = int(match["low"]), int(match["high"]), int(match["parts"])
    ticks = (high - low) * parts
    if parts < 1 or not 1 <= ticks <= MAX_PARTS:
        raise BadInput("bad_picture", f"{line[:60]!r}: 1 to {MAX_PARTS} parts on a number line.")
    marks = [
        (Fraction(int(top), int(bottom) or 1), f"{top}/{bottom}", bool(hidden))
        for top, bottom, hidden in _MARK.findall(match["marks"])
    ]
    length = 320.0

    def x(value: Fraction) -> float:
        return 8 + length * float((value - low) / (high - low))

    svg = f'<path class="pic-axis" d="M2 34H{length + 14:g}"/>'
    for tick in range(ticks + 1):
        svg += _tick(
            x(low + Fraction(tick, parts)), low + tick // parts if tick % parts == 0 else None
        )
    for value, name, hidden in marks:
        svg += f'<circle class="pic-mark" cx="{x(value):.2f}" cy="34" r="6"/>'
        svg += _name(x(value), 18, "?" if hidden else name)
    return Drawing(svg, 60, _line_words(low, high, parts, marks))


def _tick(at: float, whole: int | None) -> str:
    if whole is None:
        return f'<path class="pic-axis" d="M{at:.2f} 30V38"/>'
    return f'<path class="pic-axis" d="M{at:.2f} 26V42"/>{_name(at, 57, str(whole))}'


def _name(x: float, y: int, text: str) -> str:
    return f'<text class="pic-text" x="{x:.2f}" y="{y}" text-anchor="middle">{text}</text>'


def _line_words(low: int, high: int, parts: int, marks: list[tuple[Fraction, str, bool]]) -> str:
    words = f"A number line from {low} to {high}, each whole in {parts} equal parts"
    for value, name, hidden in marks:
        ticks = (value - low) * parts
        where = f"{ticks} parts after {low}" if ticks.denominator == 1 else "between two ticks"
        words += f", {'a mark with a question mark' if hidden else f'a mark at {name}'}"
        words += f" {where}" if hidden else ""
    return words
