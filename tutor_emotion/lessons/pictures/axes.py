"""Axes with a grid, tick labels and titles, for graphs and bar charts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tutor_emotion.lessons.pictures.drawing import label, plain, px, steps
from tutor_emotion.lessons.pictures.reader import Reader

MAX_STEPS = 24
TOP, LEFT, PLOT = (
    26,
    46,
    280,
)  # px: room over the plot, room beside it, its width
_DIGIT = 9  # px: a digit of a tick label on a small screen, where text is larger


@dataclass(frozen=True, slots=True)
class Axis:
    """``low`` to ``high`` with a grid line every ``by`` and a number every ``every``."""

    low: Fraction
    high: Fraction
    by: Fraction
    every: Fraction
    title: str

    @property
    def count(self) -> int:
        """How many steps of the grid."""
        return int((self.high - self.low) / self.by)

    @property
    def base(self) -> Fraction:
        """Where the other axis crosses: 0 if it is on the axis."""
        return min(max(Fraction(0), self.low), self.high)

    @property
    def ticks(self) -> list[Fraction]:
        return [self.low + i * self.by for i in range(self.count + 1)]

    def numbered(self, tick: Fraction) -> bool:
        return (tick - self.base) % self.every == 0

    def share(self, value: Fraction) -> float:
        """0 at ``low``, 1 at ``high``."""
        return float((value - self.low) / (self.high - self.low))

    def from_base(self, value: Fraction, over: str, under: str) -> str:
        """``3 grid lines right of 0``: where ``value`` lies, for one who counts on the grid."""
        away = (value - self.base) / self.by
        if not away:
            return f"at {plain(self.base)}"
        return f"{steps(abs(away), 'grid line')} {over if away > 0 else under} {plain(self.base)}"

    @property
    def words(self) -> str:
        grid = f"a grid line every {plain(self.by)}"
        title = f"{self.title}, " if self.title else ""
        return f"{title}from {plain(self.low)} to {plain(self.high)}, {grid}"


def read_axis(reader: Reader) -> Axis:
    """``0 to 400 by 50 label 100 "Distance (m)"``; without ``label`` each line is numbered."""
    low = reader.number()
    reader.expect("to")
    high = reader.number()
    reader.expect("by")
    by = reader.number()
    every = reader.number() if reader.skip("label") else by
    title = reader.name()
    if by <= 0 or every <= 0 or high <= low or (high - low) % by or every % by:
        raise reader.refusal("An axis goes up, in whole steps.")
    if (high - low) / by > MAX_STEPS:
        raise reader.refusal(f"An axis has at most {MAX_STEPS} steps.")
    return Axis(low, high, by, every, title)


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a value is on the paper, in px."""

    x: Axis
    y: Axis
    height: int

    def at(self, x: Fraction, y: Fraction) -> tuple[float, float]:
        return LEFT + PLOT * self.x.share(x), self.row(y)

    def row(self, y: Fraction) -> float:
        return TOP + self.height * (1 - self.y.share(y))


def upright(plane: Plane) -> str:
    """The grid lines, numbers and title of the upright axis."""
    axis, left = plane.y, plane.at(plane.x.base, plane.y.low)[0]
    svg = ""
    for tick in axis.ticks:
        y = plane.row(tick)
        css = "pic-grid" if axis.numbered(tick) else "pic-grid pic-fine"
        svg += f'<path class="{css}" d="M{LEFT} {px(y)}H{LEFT + PLOT}"/>'
        if axis.numbered(tick) and not _crossed(plane, tick):
            svg += label(left - 6, y + 5, plain(tick), anchor="end", css="pic-tick")
    # Over the axis in the middle of a graph, over the paper's edge otherwise.
    middle = left > LEFT
    title = label(left if middle else 0, 14, axis.title, anchor="middle" if middle else "start")
    return svg + title


def across(plane: Plane) -> str:
    """The grid lines, numbers and title of the axis across."""
    axis, floor = plane.x, plane.row(plane.y.base)
    bottom = TOP + plane.height
    svg = ""
    for tick in axis.ticks:
        x = plane.at(tick, plane.y.low)[0]
        css = "pic-grid" if axis.numbered(tick) else "pic-grid pic-fine"
        svg += f'<path class="{css}" d="M{px(x)} {TOP}V{px(bottom)}"/>'
        if axis.numbered(tick) and not _crossed(plane, tick):
            svg += label(x, floor + 17, plain(tick), anchor="middle", css="pic-tick")
    if len(axis.title) == 1:  # the letter of a variable stands at the end of its axis
        return svg + label(LEFT + PLOT + 6, floor - 6, axis.title)
    return svg + label(LEFT + PLOT, bottom + 36, axis.title, anchor="end")


def lines(plane: Plane) -> str:
    """The two axes themselves, over the grid."""
    x, y = plane.at(plane.x.base, plane.y.base)
    bottom = TOP + plane.height
    return f'<path class="pic-axis" d="M{LEFT} {px(y)}H{LEFT + PLOT}M{px(x)} {TOP}V{px(bottom)}"/>'


def too_close(axis: Axis) -> bool:
    """Whether the numbers across would run into each other."""
    longest = max(len(plain(tick)) for tick in axis.ticks if axis.numbered(tick))
    room = PLOT * float(axis.every / (axis.high - axis.low))
    return room < longest * _DIGIT + 4


def _crossed(plane: Plane, tick: Fraction) -> bool:
    """Whether the number would lie on the other axis: the 0 of a graph with four quarters."""
    return tick == 0 and plane.x.low < 0 < plane.x.high and plane.y.low < 0 < plane.y.high
