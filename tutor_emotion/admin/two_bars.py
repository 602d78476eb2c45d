"""Pairs of bars, before above after; the table beside them says the same in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, BAR, ROW = 640, 18, 78


@dataclass(frozen=True, slots=True)
class Pair:
    label: str
    before: float
    after: float


def bars(pairs: Sequence[Pair], names: tuple[str, str]) -> SafeString:
    """An SVG without a script or a style of its own, hidden from those who hear the table."""
    most = max(0.1, *(value for pair in pairs for value in (pair.before, pair.after)))

    def width(value: float) -> float:
        return round((WIDTH - 190) * value / most, 1)

    lines = []
    for number, pair in enumerate(pairs):
        top = number * ROW
        lines.append(
            format_html('<text class="te-bar-title" x="0" y="{}">{}</text>', top + 14, pair.label)
        )
        for place, (name, value) in enumerate(zip(names, (pair.before, pair.after), strict=True)):
            y = top + 24 + place * (BAR + 6)
            lines.append(
                format_html(
                    '<text class="te-bar-name" x="0" y="{}">{}</text>'
                    '<rect class="te-bar te-bar-{}" x="130" y="{}" width="{}" height="{}" rx="3"/>'
                    '<text class="te-bar-value" x="{}" y="{}">{}</text>',
                    *(y + 14, name, ("before", "after")[place], y, max(2.0, width(value)), BAR),
                    *(138 + width(value), y + 14, number_format(round(value, 1), 1)),
                )
            )
    drawn = format_html_join("", "{}", ((line,) for line in lines))
    height = ROW * len(pairs)
    return format_html(
        '<svg class="te-bars" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>', WIDTH, height, drawn
    )
