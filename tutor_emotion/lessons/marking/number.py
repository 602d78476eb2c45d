"""Numbers and fractions: one value, however it is written, unless a form is asked for."""

from __future__ import annotations

import re
from fractions import Fraction

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.marking.base import MAX_TYPED_CHARS, Item, NotRead, Verdict
from tutor_emotion.lessons.numbers import Number, parse_number

_NAMED = re.compile(r"\s*[^\W\d_]\s*=(?P<number>[^=]*)")
_FORMS = ("any", "lowest", "mixed", "over")


class NumberKind:
    max_chars = MAX_TYPED_CHARS

    def read(self, item: Item, text: str) -> Number:
        """``x = 4`` is 4: many write the letter that they were asked for."""
        named = _NAMED.fullmatch(text)
        try:
            return parse_number(named["number"] if named else text)
        except BadInput as error:
            raise NotRead.because(error) from None

    def judge(self, item: Item, given: Number) -> Verdict:
        distance = abs(given.value - parse_number(item.answer).value)
        return "right" if distance <= Fraction(item.tolerance or 0) else "wrong"

    def canonical(self, given: Number) -> str:
        return str(given.value)

    def check(self, item: Item) -> None:
        try:
            if Fraction(item.tolerance or 0) < 0:
                raise BadInput("bad_answer", "the tolerance is negative")
        except (ValueError, ZeroDivisionError):
            raise BadInput(
                "bad_answer", f"the tolerance {item.tolerance!r} is no number such as 1/100"
            ) from None


class FractionKind(NumberKind):
    def judge(self, item: Item, given: Number) -> Verdict:
        verdict = super().judge(item, given)
        return _form(item, given) if verdict == "right" else verdict

    def check(self, item: Item) -> None:
        super().check(item)
        if item.form not in _FORMS:
            raise BadInput("bad_answer", f"a fraction has no form {item.form!r}")
        if (item.form == "over") != bool(item.bottom):
            raise BadInput("bad_answer", "form over and bottom belong together")


def _form(item: Item, given: Number) -> Verdict:
    if item.form == "lowest" and not (given.lowest and given.form != "decimal"):
        return "not_lowest"
    if item.form == "mixed" and given.form not in ("mixed", "integer"):
        return "not_mixed"
    if item.form == "mixed" and not given.lowest:
        return "not_lowest"
    if item.form == "over" and given.bottom != item.bottom:
        return "wrong_bottom"
    return "right"


NUMBER, FRACTION = NumberKind(), FractionKind()
