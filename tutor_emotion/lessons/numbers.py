"""Reading a number as a learner writes it: exactly, strictly, and never by ``eval``.

Understood: ``3``, ``-3``, ``3/4``, ``1 3/4``, ``1¾``, ``0.75``, ``0,75``, any Unicode minus, slash,
space and decimal digit. A comma is always a decimal comma, never a thousands separator.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Literal, TypeAlias

from tutor_emotion.errors import BadInput

MAX_CHARS = 40
MAX_DIGITS = 12

Form: TypeAlias = Literal["integer", "decimal", "fraction", "mixed"]

_MINUS = dict.fromkeys(map(ord, "−–‐‑﹣－"), "-")
_SLASH = dict.fromkeys(map(ord, "⁄∕／"), "/")
_POINT = dict.fromkeys(map(ord, ",٫，"), ".")
_SIGNS = {**_MINUS, **_SLASH, **_POINT}

_D = rf"[0-9]{{1,{MAX_DIGITS}}}"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?) ?(?:"
    rf"(?P<integer>{_D})"
    rf"|(?P<decimal>{_D}\.{_D}|\.{_D})"
    rf"|(?:(?P<whole>{_D}) )?(?P<top>{_D}) ?/ ?(?P<bottom>{_D})"
    rf")"
)


@dataclass(frozen=True, slots=True)
class Number:
    """An exact value and how it was written. ``bottom`` is the written denominator, 0 if none."""

    value: Fraction
    form: Form
    bottom: int = 0
    lowest: bool = True


def parse_number(text: str) -> Number:
    """The number that ``text`` says.

    Raises:
        BadInput: ``answer_too_long`` (over MAX_CHARS), ``answer_unreadable``,
            ``answer_zero_bottom`` (a denominator of 0).
    """
    if len(text) > MAX_CHARS:
        raise BadInput("answer_too_long", "The answer is too long for a number.")
    match = _NUMBER.fullmatch(_plain(text))
    if match is None:
        raise BadInput(
            "answer_unreadable",
            "This cannot be read as a number.",
            hint="Write it like 3/4, 1 3/4, 0.75 or 3.",
        )
    part = match.groupdict()
    sign = -1 if part["sign"] == "-" else 1
    if part["integer"]:
        return Number(sign * Fraction(int(part["integer"])), "integer")
    if part["decimal"]:
        return Number(sign * Fraction(part["decimal"]), "decimal")
    return _fraction(sign, int(part["whole"] or 0), int(part["top"]), int(part["bottom"]), part)


def _fraction(sign: int, whole: int, top: int, bottom: int, part: dict[str, str | None]) -> Number:
    if bottom == 0:
        raise BadInput("answer_zero_bottom", "The bottom number of a fraction cannot be 0.")
    mixed = part["whole"] is not None
    return Number(
        value=sign * (whole + Fraction(top, bottom)),
        form="mixed" if mixed else "fraction",
        bottom=bottom,
        lowest=gcd(top, bottom) == 1 and not (mixed and top >= bottom),
    )


def _plain(text: str) -> str:
    """ASCII digits, one kind of minus, slash, point and space; ``1¾`` becomes ``1 3/4``."""
    return " ".join("".join(_plain_char(char) for char in text.translate(_SIGNS)).split())


def _plain_char(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char.isspace():
        return " "
    form = unicodedata.normalize("NFKC", char)
    if "⁄" in form:  # ¾ and its kin; the spaces keep 1¾ from becoming 13/4
        return f" {form.replace('⁄', '/')} "
    return char
