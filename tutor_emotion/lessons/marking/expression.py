"""Expressions and equations: equal ones are right, and a form may be asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import cast, get_args

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons import algebra
from tutor_emotion.lessons.algebra import Expression
from tutor_emotion.lessons.marking.base import MAX_TYPED_CHARS, Item, NotRead, Verdict

_FORMS: dict[algebra.Form, Verdict] = {
    "equivalent": "right",
    "expanded": "not_expanded",
    "factored": "not_factored",
    "simplest": "not_simplest",
}


class ExpressionKind:
    max_chars = MAX_TYPED_CHARS

    def read(self, item: Item, text: str) -> Expression:
        known = _letters(item)
        try:
            found = algebra.read(text, known)
        except BadInput as error:
            raise NotRead.because(error) from None
        wanted = _own(item.answer)
        if wanted.is_equation != found.is_equation:
            raise NotRead("not_equation" if wanted.is_equation else "not_expression")
        if not found.letters <= known:
            raise NotRead("other_letters")
        return found

    def judge(self, item: Item, given: Expression) -> Verdict:
        wanted, form = _own(item.answer), _form(item)
        if given.canonical != wanted.canonical:
            return "wrong"
        try:
            shaped = algebra.has_form(given, form, wanted)
        except BadInput as error:
            raise NotRead.because(error) from None
        return "right" if shaped else _FORMS[form]

    def canonical(self, given: Expression) -> str:
        return given.canonical

    def check(self, item: Item) -> None:
        if item.form not in ("any", *get_args(algebra.Form)):
            raise BadInput("bad_answer", f"an expression has no form {item.form!r}")
        try:
            wanted = algebra.read(item.answer)
        except BadInput as error:
            raise BadInput("bad_answer", f"{item.answer!r}: {error.message}") from None
        if any(len(letter) != 1 or not letter.isalpha() for letter in item.variables):
            raise BadInput("bad_answer", "variables are single letters")
        if item.variables and not wanted.letters <= set(item.variables):
            raise BadInput("bad_answer", "the answer has letters that are not among its variables")
        if item.form == "factored" and not algebra.is_product(wanted):
            raise BadInput("bad_answer", "form factored needs an answer that is a product")


def _form(item: Item) -> algebra.Form:
    return "equivalent" if item.form == "any" else cast(algebra.Form, item.form)


def _letters(item: Item) -> frozenset[str]:
    return frozenset(item.variables) or _own(item.answer).letters


@lru_cache(maxsize=2048)
def _own(answer: str) -> Expression:
    """An author's answer; those were checked when they were loaded."""
    return algebra.read(answer)


EXPRESSION = ExpressionKind()
