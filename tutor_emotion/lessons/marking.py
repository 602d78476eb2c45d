"""Is this answer right? Exact, alike for steps and siblings, and kind to how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol, TypeAlias

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.numbers import Number, parse_number

Verdict: TypeAlias = Literal[
    "right",
    "wrong",
    "not_lowest",  # the value is right, the question asks for lowest terms
    "wrong_bottom",  # the value is right, the question asks for another bottom number
    "not_mixed",  # the value is right, the question asks for a mixed number
    "unreadable",  # cannot be read: no attempt is counted
]
AnswerKind: TypeAlias = Literal["number", "fraction", "choice", "text"]
Form: TypeAlias = Literal["any", "lowest", "mixed", "over"]
MAX_ANSWER_CHARS = 200


class Item(Protocol):
    """A question with its own answer (``Step`` and ``Variant`` rows are such items)."""

    @property
    def answer_kind(self) -> str: ...

    @property
    def answer(self) -> str: ...

    @property
    def accept(self) -> Sequence[str]: ...

    @property
    def tolerance(self) -> str: ...

    @property
    def form(self) -> str: ...

    @property
    def bottom(self) -> int | None: ...

    @property
    def choices(self) -> Sequence[Mapping[str, str]]: ...

    @property
    def mistakes(self) -> Sequence[Mapping[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Marked:
    """``says`` are words of this item about this very mistake, or empty."""

    verdict: Verdict
    says: str = ""

    @property
    def correct(self) -> bool:
        return self.verdict == "right"

    @property
    def counted(self) -> bool:
        return self.verdict != "unreadable"


def mark(item: Item, answer: str) -> Marked:
    """The verdict on ``answer``. Never raises on anything that a learner can write."""
    # PostgreSQL has no text with a NUL in it, and no learner means one.
    if len(answer) > MAX_ANSWER_CHARS or not answer.strip() or "\x00" in answer:
        return Marked("unreadable")
    if item.answer_kind == "choice":
        return _mark_choice(item, answer)
    if item.answer_kind == "text":
        return _mark_text(item, answer)
    try:
        given = parse_number(answer)
    except BadInput:
        return Marked("unreadable")
    return _mark_number(item, given)


def normalised(item: Item, answer: str) -> str:
    """The answer in one canonical form, so that the same wrong answer can be seen again."""
    if item.answer_kind in ("number", "fraction"):
        try:
            return str(parse_number(answer).value)
        except BadInput:
            pass
    return _words(answer)[:MAX_ANSWER_CHARS]


def _mark_choice(item: Item, answer: str) -> Marked:
    key = answer.strip()
    if key not in {choice["key"] for choice in item.choices}:
        return Marked("unreadable")
    if key == item.answer:
        return Marked("right")
    return Marked("wrong", _says(item, lambda text: text == key))


def _mark_text(item: Item, answer: str) -> Marked:
    given = _words(answer)
    if given in {_words(form) for form in (item.answer, *item.accept)}:
        return Marked("right")
    return Marked("wrong", _says(item, lambda text: _words(text) == given))


def _mark_number(item: Item, given: Number) -> Marked:
    distance = abs(given.value - parse_number(item.answer).value)
    if distance <= Fraction(item.tolerance or 0):
        return Marked(_form_verdict(item, given))
    return Marked("wrong", _says(item, lambda text: parse_number(text).value == given.value))


def _form_verdict(item: Item, given: Number) -> Verdict:
    if item.form == "lowest" and not (given.lowest and given.form != "decimal"):
        return "not_lowest"
    if item.form == "mixed" and given.form not in ("mixed", "integer"):
        return "not_mixed"
    if item.form == "mixed" and not given.lowest:
        return "not_lowest"
    if item.form == "over" and given.bottom != item.bottom:
        return "wrong_bottom"
    return "right"


def _says(item: Item, matches: Callable[[str], bool]) -> str:
    return next((m["says"] for m in item.mistakes if matches(m["answer"])), "")


def _words(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".!")
