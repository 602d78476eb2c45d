"""One measure by group: a bar each, and how sure it is; the table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, BAR, LEFT, RIGHT = 600, 40, 16, 200, 70
LONGEST = 24  # letters of a group's name that fit; the table has all of them


@dataclass(frozen=True, slots=True)
class Bar:
    """``at`` and its bounds are in the measure's own unit; ``said`` is ``at`` in words."""

    label: str
    said: str
    at: float
    low: float | None
    high: float | None


def group_bars(bars: Sequence[Bar], *, most: float) -> SafeString:
    """An SVG without a script or a style of its own; ``most`` is where the scale ends, above 0."""
    room = WIDTH - LEFT - RIGHT

    def x(value: float) -> float:
        return round(LEFT + room * min(1.0, value / most), 1)

    rows = []
    for number, bar in enumerate(bars):
        middle = number * ROW + ROW // 2
        name = bar.label if len(bar.label) <= LONGEST else f"{bar.label[: LONGEST - 1]}…"
        rows.append(
            format_html(
                '<text class="te-bar-name" x="0" y="{}">{}</text>'
                '<rect class="te-bar te-bar-after" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
                '<text class="te-bar-value" x="{}" y="{}">{}</text>{}',
                *(middle + 5, name, LEFT, middle - BAR // 2, max(2.0, x(bar.at) - LEFT), BAR),
                *(WIDTH - RIGHT + 10, middle + 5, bar.said, _whisker(bar, x, middle)),
            )
        )
    drawn = format_html_join("", "{}", ((row,) for row in rows))
    return format_html(
        '<svg class="te-bars te-fairness" viewBox="0 0 {} {}" aria-hidden="true" '
        'focusable="false">{}</svg>',
        *(WIDTH, ROW * len(bars), drawn),
    )


def _whisker(bar: Bar, x: object, middle: int) -> SafeString:
    if bar.low is None or bar.high is None:
        return SafeString("")
    assert callable(x)
    low, high = x(bar.low), x(bar.high)
    return format_html(
        '<path class="te-whisker" d="M{0} {1}H{2}M{0} {3}v10M{2} {3}v10"/>',
        *(low, middle, high, middle - 5),
    )
