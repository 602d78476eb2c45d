"""A coordinate graph: axes, then paths (joined points), straight lines and points.

``graph x 0 to 8 by 1 "Time (min)" y 0 to 400 by 100 "Distance (m)" path (0, 0) (3, 300) (5, 300)``
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutor_emotion.lessons.pictures import axes
from tutor_emotion.lessons.pictures.axes import LEFT, PLOT, TOP, Axis, Plane
from tutor_emotion.lessons.pictures.drawing import Drawing, label, plain, px
from tutor_emotion.lessons.pictures.reader import Point, Reader

MAX_CURVES = 2
MAX_POINTS = 12
MAX_CORNERS = 16
_HEIGHTS = (170, 280)  # px: of the plot, the flattest and the tallest
_LETTER, _KEY = 14, 34  # px: a letter of a name on a small screen; the piece of line before it
_TITLE_LETTER = 12  # px: titles are long, so their wide and narrow letters even out


@dataclass(frozen=True, slots=True)
class Curve:
    """A path through its points, or (``straight``) the whole line through its two points."""

    points: tuple[Point, ...]
    name: str
    hidden: bool
    straight: bool


@dataclass(frozen=True, slots=True)
class Dot:
    at: Point
    name: str
    hidden: bool


@dataclass(slots=True)
class Content:
    curves: list[Curve] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)


def graph(text: str) -> Drawing:
    reader = Reader(text)
    reader.expect("x")
    x = axes.read_axis(reader)
    reader.expect("y")
    y = axes.read_axis(reader)
    if axes.too_close(x):
        raise reader.refusal('The numbers across are too close: use a larger "label".')
    content = _content(reader, x, y)
    named = [curve.name for curve in content.curves if curve.name]
    names = _LETTER * len("".join(named)) + (_KEY + 10) * len(named)
    if _TITLE_LETTER * len(y.title) + names > LEFT + PLOT:
        raise reader.refusal("The names over the graph are too long.")
    plane = Plane(x, y, min(max(PLOT * y.count // x.count, _HEIGHTS[0]), _HEIGHTS[1]))
    svg = axes.upright(plane) + axes.across(plane) + axes.lines(plane)
    svg += "".join(_curve(curve, plane, i) for i, curve in enumerate(content.curves))
    svg += _legend(content.curves)
    svg += "".join(_dot(dot, plane) for dot in content.dots)
    return Drawing(
        svg, TOP + plane.height + (42 if len(x.title) > 1 else 22), _words(plane, content)
    )


def _content(reader: Reader, x: Axis, y: Axis) -> Content:
    content = Content()
    while reader.next:
        if reader.skip("point"):
            (at,) = reader.points(1, 1)
            content.dots.append(Dot(at, reader.name(), reader.skip("?")))
        elif reader.skip("path"):
            corners = reader.points(2, MAX_CORNERS)
            content.curves.append(Curve(corners, reader.name(), reader.skip("?"), False))
        elif reader.skip("line"):
            ends = reader.points(2, 2)
            if ends[0] == ends[1]:
                raise reader.refusal("A line goes through two different points.")
            content.curves.append(Curve(ends, reader.name(), reader.skip("?"), True))
        else:
            raise reader.refusal(f"{reader.next!r} is not understood.")
    if len(content.curves) > MAX_CURVES or len(content.dots) > MAX_POINTS:
        raise reader.refusal(f"A graph has {MAX_CURVES} curves and {MAX_POINTS} points at most.")
    shown = [dot.at for dot in content.dots] + [p for c in content.curves for p in c.points]
    if not all(x.low <= a <= x.high and y.low <= b <= y.high for a, b in shown):
        raise reader.refusal("A point lies outside the axes.")
    return content


def _curve(curve: Curve, plane: Plane, index: int) -> str:
    points = _through(curve.points, plane) if curve.straight else curve.points
    d = "L".join("{} {}".format(*map(px, plane.at(*point))) for point in points)
    return f'<path class="pic-curve pic-curve{index}" d="M{d}"/>'


def _through(ends: Sequence[Point], plane: Plane) -> list[Point]:
    """Where the line through ``ends`` enters and leaves the paper."""
    (x0, y0), (x1, y1) = ends
    run, rise = x1 - x0, y1 - y0
    spans = [
        sorted(((axis.low - start) / change, (axis.high - start) / change))
        for axis, start, change in ((plane.x, x0, run), (plane.y, y0, rise))
        if change
    ]
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    return [(x0 + run * t, y0 + rise * t) for t in (first, last)]


def _legend(curves: Sequence[Curve]) -> str:
    """The names of the curves over the plot, at its end."""
    svg, end = "", LEFT + PLOT
    for index, curve in reversed(list(enumerate(curves))):
        if curve.name:
            svg += label(end, 14, curve.name, anchor="end")
            start = end - _LETTER * len(curve.name) - _KEY
            svg += f'<path class="pic-curve pic-curve{index}" d="M{start} 9h{_KEY - 8}"/>'
            end = start - 10
    return svg


def _dot(dot: Dot, plane: Plane) -> str:
    x, y = plane.at(*dot.at)
    svg = f'<circle class="pic-mark" cx="{px(x)}" cy="{px(y)}" r="6"/>'
    right = x + 12 + _LETTER * len(dot.name) < LEFT + PLOT + 10
    high = y - 8 > TOP + 8
    return svg + label(
        x + (9 if right else -9),
        y - 7 if high else y + 19,
        dot.name,
        anchor="start" if right else "end",
        css="pic-over",
    )


def _words(plane: Plane, content: Content) -> str:
    words = f"A graph. Across: {plane.x.words}. Up: {plane.y.words}"
    for curve in content.curves:
        named = f" named {curve.name}" if curve.name else ""
        places = [_place(point, plane, hidden=curve.hidden) for point in curve.points]
        if curve.straight:
            words += f". A straight line{named} through {' and '.join(places)}"
        else:
            words += f". A line{named} goes from {', then straight to '.join(places)}"
    for dot in content.dots:
        place = _place(dot.at, plane, hidden=dot.hidden)
        words += f". A point{f' {dot.name}' if dot.name else ''} at {place}"
    return words


def _place(point: Point, plane: Plane, *, hidden: bool) -> str:
    """``(3, 300)``; hidden, what one counts on the grid."""
    if not hidden:
        return "({}, {})".format(*map(plain, point))
    x = plane.x.from_base(point[0], "right of", "left of")
    y = plane.y.from_base(point[1], "above", "below")
    return f"the place {x} across and {y} up"
