"""A number line with marks: ``line 0 to 2 in 4 mark 5/4 ?``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TypeAlias

from tutor_emotion.lessons.pictures.drawing import Drawing, label, px, refused

MAX_PARTS = 24
_LENGTH = 320
_LINE = re.compile(
    r"(?P<low>\d{1,4}) to (?P<high>\d{1,4}) in (?P<parts>\d{1,3})"
    r"(?P<marks>(?: mark \d{1,5}/\d{1,3}(?: \?)?)*)"
)
_MARK = re.compile(r"mark (\d+)/(\d+)( \?)?")
Mark: TypeAlias = tuple[Fraction, str, bool]  # where, its name, hidden


def line(text: str) -> Drawing:
    match = _LINE.fullmatch(text)
    if match is None:
        raise refused(text, "A number line is written like 0 to 2 in 4 mark 5/4 ?")
    low, high, parts = int(match["low"]), int(match["high"]), int(match["parts"])
    ticks = (high - low) * parts
    if parts < 1 or not 1 <= ticks <= MAX_PARTS:
        raise refused(text, f"1 to {MAX_PARTS} parts on a number line.")
    marks = _marks(match["marks"], low, high, text)
    step = _LENGTH / ticks
    svg = f'<path class="pic-axis" d="M2 34H{_LENGTH + 14}"/>'
    for tick in range(ticks + 1):
        svg += _tick(8 + tick * step, None if tick % parts else low + tick // parts)
    for value, name, hidden in marks:
        at = 8 + step * parts * float(value - low)
        svg += f'<circle class="pic-mark" cx="{px(at)}" cy="34" r="6"/>'
        svg += label(at, 18, "?" if hidden else name, anchor="middle")
    return Drawing(svg, 60, _words(low, high, parts, marks))


def _marks(text: str, low: int, high: int, line: str) -> list[Mark]:
    marks = [
        (Fraction(int(top), int(bottom) or 1), f"{top}/{bottom}", bool(hidden))
        for top, bottom, hidden in _MARK.findall(text)
    ]
    if any(not low <= value <= high or name.endswith("/0") for value, name, _ in marks):
        raise refused(line, "A mark lies outside the number line.")
    return marks


def _tick(at: float, whole: int | None) -> str:
    if whole is None:
        return f'<path class="pic-axis" d="M{px(at)} 30V38"/>'
    return (
        f'<path class="pic-axis" d="M{px(at)} 26V42"/>{label(at, 57, str(whole), anchor="middle")}'
    )


def _words(low: int, high: int, parts: int, marks: list[Mark]) -> str:
    words = f"A number line from {low} to {high}, each whole in {parts} equal parts"
    for value, name, hidden in marks:
        ticks = (value - low) * parts
        where = f"{ticks} parts after {low}" if ticks.denominator == 1 else "between two ticks"
        words += f", {'a mark with a question mark' if hidden else f'a mark at {name}'}"
        words += f" {where}" if hidden else ""
    return words
