"""A pictogram: ``pictogram each 4 "books" rows "Mon" 12 "Tue" 10``: a symbol stands for 4 books."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from tutor_emotion.lessons.pictures.drawing import Drawing, label, mixed, plain, px
from tutor_emotion.lessons.pictures.reader import Reader

MAX_ROWS = 6
MAX_SYMBOLS = 8
_ROW, _SYMBOL = 36, 30  # px: a row's height, a symbol's width
_QUARTERS = 4  # a symbol can be cut in quarters
_NAME = 92  # px: the room of a row's name
Row: TypeAlias = tuple[str, Fraction]  # its name, how many symbols


def pictogram(text: str) -> Drawing:
    reader = Reader(text)
    reader.expect("each")
    each, noun = reader.number(), reader.name()
    reader.expect("rows")
    rows = _rows(reader, each)
    if not noun:
        raise reader.refusal('What is counted is named after "each", in quotes.')
    svg = "".join(_row(name, count, i * _ROW) for i, (name, count) in enumerate(rows))
    key = len(rows) * _ROW + 8
    svg += f'<path class="pic-grid" d="M0 {key - 4}H332"/>{_symbol(0, key + 6, Fraction(1))}'
    svg += label(_SYMBOL + 6, key + 25, f"= {plain(each)} {noun}")
    return Drawing(svg, key + 38, _words(each, noun, rows))


def _rows(reader: Reader, each: Fraction) -> list[Row]:
    rows: list[Row] = []
    while name := reader.name():
        value = reader.number()
        if each <= 0 or not 0 <= value <= MAX_SYMBOLS * each or value * _QUARTERS % each:
            raise reader.refusal(f"A row has 0 to {MAX_SYMBOLS} symbols, in whole quarters.")
        if len(name) > 8:
            raise reader.refusal("The name of a row has at most 8 characters.")
        rows.append((name, value / each))
    reader.end()
    if not 1 <= len(rows) <= MAX_ROWS:
        raise reader.refusal(f"A pictogram has 1 to {MAX_ROWS} rows.")
    return rows


def _row(name: str, count: Fraction, top: int) -> str:
    svg = label(0, top + 23, name)
    for i in range(int(count)):
        svg += _symbol(_NAME + i * _SYMBOL, top + 4, Fraction(1))
    if rest := count % 1:
        svg += _symbol(_NAME + int(count) * _SYMBOL, top + 4, rest)
    return svg


def _symbol(x: float, y: float, share: Fraction) -> str:
    """A disc, or the part of it that is there: quarters from the top, clockwise."""
    r = _SYMBOL / 2 - 3
    cx, cy = x + _SYMBOL / 2, y + _SYMBOL / 2 - 2
    if share == 1:
        return f'<circle class="pic-on" cx="{px(cx)}" cy="{px(cy)}" r="{px(r)}"/>'
    end = {1: (cx + r, cy), 2: (cx, cy + r), 3: (cx - r, cy)}[int(share * _QUARTERS)]
    large = int(share > Fraction(1, 2))
    return (
        f'<path class="pic-on" d="M{px(cx)} {px(cy)}V{px(cy - r)}'
        f'A{px(r)} {px(r)} 0 {large} 1 {px(end[0])} {px(end[1])}Z"/>'
    )


def _words(each: Fraction, noun: str, rows: list[Row]) -> str:
    counts = [f"{name} {mixed(count)}" for name, count in rows]
    return f"A pictogram. A symbol stands for {plain(each)} {noun}. Symbols: {', '.join(counts)}"
