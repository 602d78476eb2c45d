"""Is this answer right? Exact, alike for steps and siblings, and kind to how it is written.

A kind of answer is one file here. It reads what was typed, judges it, and gives it one canonical
text, by which a known mistake is found and the same wrong answer is seen again.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.marking.base import (
    MAX_TYPED_CHARS,
    AnswerKind,
    Form,
    Item,
    Kind,
    Marked,
    NotRead,
    Verdict,
)
from tutor_emotion.lessons.marking.expression import EXPRESSION
from tutor_emotion.lessons.marking.number import FRACTION, NUMBER
from tutor_emotion.lessons.marking.picked import CHOICE, MAX_CHOICES, ORDER, SEVERAL, as_text
from tutor_emotion.lessons.marking.text import TEXT

__all__ = [
    "MAX_ANSWER_CHARS",
    "MAX_CHOICES",
    "MAX_TYPED_CHARS",
    "AnswerKind",
    "Form",
    "Item",
    "Marked",
    "Verdict",
    "as_text",
    "check_answer",
    "check_item",
    "check_mistake",
    "mark",
]

MAX_ANSWER_CHARS = 1000  # twelve keys of the longest kind
MAX_NORMAL_CHARS = 200

KINDS: Mapping[str, Kind] = {
    "number": NUMBER,
    "fraction": FRACTION,
    "expression": EXPRESSION,
    "choice": CHOICE,
    "several": SEVERAL,
    "order": ORDER,
    "text": TEXT,
}


def mark(item: Item, answer: str) -> Marked:
    """The verdict on ``answer``. Never raises on anything that a learner can write."""
    kind = KINDS[item.answer_kind]
    if len(answer) > kind.max_chars:
        return Marked("too_long")
    # PostgreSQL has no text with a NUL in it, and no learner means one.
    if not answer.strip() or "\x00" in answer:
        return Marked("unreadable")
    try:
        given = kind.read(item, answer)
        verdict = kind.judge(item, given)
    except NotRead as error:
        return Marked(error.verdict)
    normal = kind.canonical(given)
    if verdict in ("wrong", "incomplete"):
        says = _says(item, kind, normal)
        verdict = "wrong" if says else verdict
        return Marked(verdict, says, normal=_short(normal))
    return Marked(verdict, normal=_short(normal))


def check_item(item: Item) -> None:
    """Refuse a question that could not be answered: for those who write and load lessons.

    Raises:
        BadInput: ``bad_answer``.
    """
    check_answer(item)
    for mistake in item.mistakes:
        check_mistake(item, mistake)


def check_answer(item: Item) -> None:
    """The part of ``check_item`` that is about the question's own answer."""
    kind = KINDS.get(item.answer_kind)
    if kind is None:
        raise BadInput("bad_answer", f"unknown kind of answer {item.answer_kind!r}")
    kind.check(item)
    if (verdict := mark(item, item.answer).verdict) != "right":
        raise BadInput("bad_answer", f"its own answer is marked {verdict}")


def check_mistake(item: Item, mistake: Mapping[str, str]) -> None:
    """The part of ``check_item`` that is about one mistake; the answer must be whole already."""
    marked = mark(item, mistake["answer"])
    if marked.verdict != "wrong":
        raise BadInput("bad_answer", f"mistake {mistake['answer']!r} is marked {marked.verdict}")
    if marked.says != mistake["says"]:
        raise BadInput("bad_answer", f"mistake {mistake['answer']!r} equals an earlier one")


def _says(item: Item, kind: Kind, normal: str) -> str:
    """What this item says about this very mistake."""
    for mistake in item.mistakes:
        try:
            found = kind.canonical(kind.read(item, mistake["answer"]))
        except NotRead:  # edited by hand, past the check
            continue
        if found == normal:
            return mistake["says"]
    return ""


def _short(normal: str) -> str:
    """As it is, or, where it is long, a name for it."""
    if len(normal) <= MAX_NORMAL_CHARS:
        return normal
    return blake2s(normal.encode(errors="surrogatepass"), digest_size=16).hexdigest()
