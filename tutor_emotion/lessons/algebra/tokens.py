"""From characters to signs, numbers and letters; the first half of the whitelist."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from tutor_emotion.errors import BadInput

MAX_DIGITS = 15

Kind: TypeAlias = Literal["number", "letter", "sign", "root"]

_SIGNS = {
    **dict.fromkeys("-−–‐‑﹣－", "-"),
    **dict.fromkeys("+＋﹢", "+"),
    **dict.fromkeys("*×·⋅∙•∗＊", "*"),
    **dict.fromkeys("/÷:∕⁄／：", "/"),
    **dict.fromkeys("([{（［", "("),
    **dict.fromkeys(")]}）］", ")"),
    **dict.fromkeys("^＾", "^"),
    **dict.fromkeys("=＝", "="),
}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_POINTS = ".,٫"
_NAMES = {"sqrt": "√", "pi": "π"}
# Marks that only steer the direction or the width of a line.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is a sign, a letter, or a number's digits; ``value`` is 0 except for a number."""

    kind: Kind
    text: str
    value: Fraction = Fraction(0)


def tokens(text: str) -> list[Token]:
    """All of ``text``, or nothing of it.

    Raises:
        BadInput: ``answer_unreadable``, ``answer_too_big`` (a number of over MAX_DIGITS digits).
    """
    return list(_Scanner(text.translate(_UNSEEN)).run())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def run(self) -> Iterator[Token]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char in _SUPERSCRIPTS:
                yield from self._superscript()
            elif _digit(char) or (char in _POINTS and _digit(self._peek(1))):
                yield self._number()
            else:
                yield self._other(char)

    def _peek(self, ahead: int) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def _number(self) -> Token:
        digits = self._digits()
        if self._peek(0) and self._peek(0) in _POINTS and _digit(self._peek(1)):
            self.at += 1
            digits += "." + self._digits()
        if len(digits) > MAX_DIGITS:
            raise BadInput("answer_too_big", "This number has too many digits.")
        return Token("number", digits, Fraction(digits))

    def _digits(self) -> str:
        found = ""
        while digit := _digit(self._peek(0)):
            found += digit
            self.at += 1
        return found

    def _superscript(self) -> Iterator[Token]:
        """``x²`` is ``x^2``, ``x⁻¹`` is ``x^-1``."""
        found = ""
        while (char := self._peek(0)) and char in _SUPERSCRIPTS:
            found += _SUPERSCRIPTS[char]
            self.at += 1
        digits = found.lstrip("+-")
        if len(found) - len(digits) > 1 or not digits.isdigit():
            raise unreadable()
        if len(digits) > MAX_DIGITS:
            raise BadInput("answer_too_big", "This number has too many digits.")
        yield Token("sign", "^")
        if found != digits:
            yield Token("sign", found[0])
        yield Token("number", digits, Fraction(digits))

    def _other(self, char: str) -> Token:
        if self.text.startswith("**", self.at):
            self.at += 2
            return Token("sign", "^")
        for name, meaning in _NAMES.items():
            if self.text[self.at : self.at + len(name)].lower() == name:
                self.at += len(name)
                return _named(meaning)
        self.at += 1
        if char in _SIGNS:
            return Token("sign", _SIGNS[char])
        if char in ("√", "π"):
            return _named(char)
        return _letter_or_part(char)


def _named(meaning: str) -> Token:
    return Token("root", "√") if meaning == "√" else Token("letter", meaning)


def _letter_or_part(char: str) -> Token:
    """A letter as printed in any style (``𝑥`` is ``x``), or a fraction in one character (``½``)."""
    form = unicodedata.normalize("NFKC", char)
    top, slash, bottom = form.partition("⁄")
    if slash and top.isdigit() and bottom.isdigit():
        return Token("number", char, Fraction(int(top), int(bottom)))
    if len(form) == 1 and form.isalpha() and unicodedata.category(char) not in ("Lm", "No"):
        return Token("letter", form)
    raise unreadable()


def _digit(char: str) -> str:
    """The ASCII digit that ``char`` is in any script, or nothing."""
    value = unicodedata.decimal(char, None) if char else None
    return "" if value is None else str(value)


def unreadable() -> BadInput:
    return BadInput(
        "answer_unreadable",
        "This cannot be read as an expression.",
        hint="Write it like 2x + 3, 3(x + 1) or x^2.",
    )
