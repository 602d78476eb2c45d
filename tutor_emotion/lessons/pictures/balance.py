"""A balance scale for an equation: ``balance 2x + 3 = x + 5``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from tutor_emotion.lessons.pictures.drawing import Drawing, label, px, refused

MAX_BOXES = 4
MAX_WEIGHTS = 16
_SIDE = r"(?:(\d?)([a-z])(?: ?\+ ?(\d{1,2}))?|(\d{1,2}))"
_EQUATION = re.compile(rf"{_SIDE} ?= ?{_SIDE}")
_BOX, _ROUND, _PAN = 32, 21, 164  # px: a box, the room of a weight, a pan
_FLOOR = 94  # px: where the pans are


@dataclass(frozen=True, slots=True)
class Pan:
    """``boxes`` of the unknown ``letter`` and ``weights`` of 1."""

    boxes: int
    letter: str
    weights: int

    @property
    def words(self) -> str:
        boxes = f"{self.boxes} {'box' if self.boxes == 1 else 'boxes'} {self.letter}"
        weights = f"{self.weights} {'weight' if self.weights == 1 else 'weights'} of 1"
        parts = [boxes] * bool(self.boxes) + [weights] * bool(self.weights)
        return " and ".join(parts) or "nothing"


def balance(text: str) -> Drawing:
    match = _EQUATION.fullmatch(text)
    if match is None:
        raise refused(text, "A balance is written like 2x + 3 = x + 5.")
    left, right = _pan(match.groups()[:4]), _pan(match.groups()[4:])
    if max(left.boxes, right.boxes) > MAX_BOXES or max(left.weights, right.weights) > MAX_WEIGHTS:
        raise refused(text, f"A pan holds {MAX_BOXES} boxes and {MAX_WEIGHTS} weights at most.")
    if len({pan.letter for pan in (left, right) if pan.boxes}) != 1:
        raise refused(text, "A balance has boxes of one letter.")
    svg = _scale() + _load(left, 84) + _load(right, 256)
    words = f"A balance scale in balance. Left pan: {left.words}. Right pan: {right.words}"
    return Drawing(svg, 132, words)


def _pan(groups: tuple[str | None, ...]) -> Pan:
    count, letter, more, alone = groups
    boxes = 0 if letter is None else int(count or 1)
    return Pan(boxes, letter or "", int(more or alone or 0))


def _scale() -> str:
    pans = "".join(
        f'<path class="pic-axis" d="M{x - _PAN // 2} {_FLOOR}H{x + _PAN // 2}M{x} {_FLOOR}V110"/>'
        for x in (84, 256)
    )
    beam = '<path class="pic-axis" d="M84 110H256"/>'
    return f'{pans}{beam}<path class="pic-on" d="M170 110L158 131H182Z"/>'


def _load(pan: Pan, middle: int) -> str:
    """Boxes two high, then weights two or four high, standing in the middle of the pan."""
    high = 2 if pan.weights <= MAX_WEIGHTS / 2 else 4
    box_columns, weight_columns = ceil(pan.boxes / 2), ceil(pan.weights / high)
    gap = 6 if pan.boxes and pan.weights else 0
    start = middle - (box_columns * (_BOX + 2) + gap + weight_columns * _ROUND) / 2
    boxes = "".join(
        _box(start + i // 2 * (_BOX + 2), _FLOOR - 1 - _BOX - i % 2 * (_BOX + 2), pan.letter)
        for i in range(pan.boxes)
    )
    start += box_columns * (_BOX + 2) + gap + _ROUND / 2
    return boxes + "".join(
        _weight(start + i // high * _ROUND, _FLOOR - _ROUND / 2 - i % high * _ROUND)
        for i in range(pan.weights)
    )


def _box(x: float, y: float, letter: str) -> str:
    square = (
        f'<rect class="pic-box" x="{px(x)}" y="{px(y)}" width="{_BOX}" height="{_BOX}" rx="4"/>'
    )
    return square + label(x + _BOX / 2, y + 22, letter, anchor="middle", css="pic-in pic-letter")


def _weight(x: float, y: float) -> str:
    disc = f'<circle class="pic-off" cx="{px(x)}" cy="{px(y)}" r="9.5"/>'
    return disc + label(x, y + 4.5, "1", anchor="middle", css="pic-in")
