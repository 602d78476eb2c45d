"""Differences with their intervals, drawn on one line each around zero; the table says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, LEFT = 640, 44, 200


@dataclass(frozen=True, slots=True)
class Interval:
    """Shares, -1 to 1."""

    label: str
    at: float
    low: float
    high: float


def intervals(items: Sequence[Interval]) -> SafeString:
    """An SVG without a script or a style of its own; hidden from those who hear the table."""
    reach = max(0.1, *(abs(v) for i in items for v in (i.low, i.high)))
    height = ROW * len(items) + 30

    def x(value: float) -> str:
        return f"{LEFT + (WIDTH - LEFT - 20) * (value + reach) / (2 * reach):.1f}"

    rows = format_html_join(
        "",
        '<text class="te-effect-label" x="0" y="{}">{}</text>'
        '<path class="te-effect-line" d="M{} {}H{}"/>'
        '<circle class="te-effect-dot" cx="{}" cy="{}" r="6"/>',
        (
            (y + 5, i.label, x(i.low), y, x(i.high), x(i.at), y)
            for i, y in ((item, ROW * n + ROW // 2) for n, item in enumerate(items))
        ),
    )
    ticks = format_html_join(
        "",
        '<text class="te-effect-tick" x="{}" y="{}">{}</text>',
        ((x(v), height - 6, f"{v:+.0%}") for v in (-reach, 0.0, reach)),
    )
    return format_html(
        '<svg class="te-effect" viewBox="0 0 {} {}" aria-hidden="true">'
        '<path class="te-effect-zero" d="M{} 0V{}"/>{}{}</svg>',
        *(WIDTH, height, x(0.0), height - 24, rows, ticks),
    )
