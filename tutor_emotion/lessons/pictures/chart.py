"""A bar chart: ``chart x "Day" y 0 to 20 by 5 "Books" bars "Mon" 10 "Tue" 15 ?``."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tutor_emotion.lessons.pictures import axes
from tutor_emotion.lessons.pictures.axes import LEFT, PLOT, TOP, Axis, Plane
from tutor_emotion.lessons.pictures.drawing import Drawing, label, plain, px
from tutor_emotion.lessons.pictures.reader import Reader

MAX_BARS = 8
_HEIGHT = 190
_LETTER = 11  # px: of a name under a bar on a small screen


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: Fraction
    hidden: bool


def chart(text: str) -> Drawing:
    reader = Reader(text)
    title = reader.name() if reader.skip("x") else ""
    reader.expect("y")
    y = axes.read_axis(reader)
    reader.expect("bars")
    bars = _bars(reader, y)
    # The axis across has no numbers: a bar stands in the middle of each of its steps.
    x = Axis(Fraction(0), Fraction(len(bars)), Fraction(1), Fraction(1), title)
    plane = Plane(x, y, _HEIGHT)
    svg = axes.upright(plane) + "".join(_bar(bar, plane, i) for i, bar in enumerate(bars))
    svg += axes.lines(plane)
    svg += label(LEFT + PLOT, TOP + _HEIGHT + 38, title, anchor="end")
    return Drawing(svg, TOP + _HEIGHT + (44 if title else 24), _words(title, y, bars))


def _bars(reader: Reader, y: Axis) -> list[Bar]:
    bars: list[Bar] = []
    while name := reader.name():
        bars.append(Bar(name, reader.number(), reader.skip("?")))
    reader.end()
    if not 1 <= len(bars) <= MAX_BARS:
        raise reader.refusal(f"A chart has 1 to {MAX_BARS} bars.")
    if not all(y.low <= bar.value <= y.high for bar in bars):
        raise reader.refusal("A bar ends outside the axis.")
    if max(len(bar.name) for bar in bars) * _LETTER > PLOT // len(bars) + 6:
        raise reader.refusal("The names under the bars are too long.")
    return bars


def _bar(bar: Bar, plane: Plane, index: int) -> str:
    room = PLOT / plane.x.count
    top, bottom = plane.row(bar.value), plane.row(plane.y.base)
    start = LEFT + room * index + room * 0.2
    svg = (
        f'<rect class="pic-on" x="{px(start)}" y="{px(min(top, bottom))}" '
        f'width="{px(room * 0.6)}" height="{px(abs(bottom - top))}"/>'
    )
    return svg + label(start + room * 0.3, TOP + plane.height + 18, bar.name, anchor="middle")


def _words(title: str, y: Axis, bars: list[Bar]) -> str:
    heights = [f"{bar.name} {_height(bar, y)}" for bar in bars]
    across = f" Across: {title}." if title else ""
    return f"A bar chart.{across} Up: {y.words}. Bars: {', '.join(heights)}"


def _height(bar: Bar, y: Axis) -> str:
    """The value; hidden, what one counts on the grid."""
    return f"ends {y.from_base(bar.value, 'above', 'below')}" if bar.hidden else plain(bar.value)
