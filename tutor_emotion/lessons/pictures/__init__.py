"""The pictures that a teacher draws, as inline SVG with a text alternative: one drawing a line.

An indented line goes on with the drawing above it. ``?`` after a mark, point, path or bar hides its
value: also from those who hear the picture, who are told where it lies on the grid instead.

===========  ======================================================================================
fractions    ``bar 3/4`` · ``bar 1/4 + 2/4`` · ``circle 2/3``; ``blank`` leaves out the fraction
number line  ``line 0 to 2 in 4 mark 5/4 ?``: from 0 to 2, each whole in 4 parts
balance      ``balance 2x + 3 = x + 5``: boxes and weights of 1 on two pans
rectangle    ``area 3(x + 4)``: cut in two, with the areas; ``blank`` leaves them out
graph        ``graph x 0 to 8 by 1 "Time (min)" y 0 to 400 by 100 "Distance (m)"`` with any
             of ``path (0, 0) (3, 300) "Ana"``, ``line (0, 1) (2, 5)``, ``point (2, 3) "A"``
bar chart    ``chart x "Day" y 0 to 20 by 5 "Books" bars "Mon" 10 "Tue" 15 ?``
pictogram    ``pictogram each 4 "books" rows "Mon" 12 "Tue" 10``
===========  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.pictures import (
    area,
    balance,
    chart,
    fractions,
    graph,
    numberline,
    pictogram,
)
from tutor_emotion.lessons.pictures.drawing import WIDTH, Drawing, refused

MAX_DRAWINGS = 6
MAX_CHARS = 2000
_KINDS: Mapping[str, Callable[[str], Drawing]] = {
    "bar": fractions.bar,
    "circle": fractions.circle,
    "line": numberline.line,
    "balance": balance.balance,
    "area": area.area,
    "graph": graph.graph,
    "chart": chart.chart,
    "pictogram": pictogram.pictogram,
}


def draw(source: str) -> str:
    """A ``<figure>`` for the lines of ``source``.

    Raises:
        BadInput: ``bad_picture``, naming the line that is not understood.
    """
    if len(source) > MAX_CHARS:
        raise BadInput("bad_picture", f"A picture has at most {MAX_CHARS} characters.")
    lines = _lines(source)
    if not 1 <= len(lines) <= MAX_DRAWINGS:
        raise BadInput("bad_picture", f"A picture has 1 to {MAX_DRAWINGS} lines.")
    return _figure([_drawing(line) for line in lines])


def _lines(source: str) -> list[str]:
    lines: list[str] = []
    for line in source.splitlines():
        if lines and line.startswith((" ", "\t")) and line.strip():
            lines[-1] += f" {line.strip()}"
        elif line.strip():
            lines.append(line.strip())
    return lines


def _drawing(line: str) -> Drawing:
    kind, _, rest = line.partition(" ")
    if kind not in _KINDS:
        raise refused(line, "This picture line is not understood.")
    return _KINDS[kind](rest.strip())


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
