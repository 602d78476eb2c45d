"""What the learner is told after an answer: about the step, never about the person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion.lessons.marking import Marked, Verdict
from tutor_emotion.lessons.richtext import render_inline

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_WORDS: dict[Verdict, _StrPromise] = {
    "wrong": gettext_lazy("Not yet. Have another look, or take a hint."),
    "incomplete": gettext_lazy("What you chose belongs to it, but it is not all."),
    "not_lowest": gettext_lazy("The size is right. It can still be written with smaller numbers."),
    "wrong_bottom": gettext_lazy("The size is right. The question asks for another bottom number."),
    "not_mixed": gettext_lazy(
        "The size is right. Write it as a whole number and a fraction, such as 2 1/3."
    ),
    "not_expanded": gettext_lazy(
        "The value is right. Write it without brackets, and put like terms together."
    ),
    "not_factored": gettext_lazy("The value is right. Write it as a product, as far as it goes."),
    "not_simplest": gettext_lazy("That is true. There is still something left to simplify."),
    "too_long": gettext_lazy("This is too long to be read, and does not count."),
    "too_big": gettext_lazy("This is too large to work out, and does not count. Write it shorter."),
    "zero_bottom": gettext_lazy("Nothing can be divided by 0. This does not count."),
    "bad_exponent": gettext_lazy(
        "An exponent can be a whole number up to 20 here. This does not count."
    ),
    "inexact_root": gettext_lazy(
        "Only roots that come out exactly can be read, such as √9. This does not count."
    ),
    "other_letters": gettext_lazy(
        "Here is a letter that the question does not have. This does not count."
    ),
    "not_equation": gettext_lazy(
        "The question asks for an equation, such as x = 2. This does not count."
    ),
    "not_expression": gettext_lazy(
        "The question asks for an expression, without =. This does not count."
    ),
}
# What cannot be read, by the kind of answer that was asked for.
_UNREADABLE: dict[str, _StrPromise] = {
    "number": gettext_lazy(
        "This cannot be read yet, and does not count. Write it like 3/4, 1 3/4 or 0.75."
    ),
    "expression": gettext_lazy(
        "This cannot be read yet, and does not count. Write it like 2x + 3 or 3(x + 1)."
    ),
    "text": gettext_lazy("This cannot be read yet, and does not count."),
    "several": gettext_lazy("Nothing is chosen yet. This does not count."),
}
_SAME_WORDS = {"fraction": "number", "choice": "several", "order": "text"}


def feedback_html(marked: Marked, attempt: UUID, kind: str) -> str:
    """One line of safe HTML. The words for right answers take turns by the attempt's id."""
    if marked.says:
        return render_inline(marked.says)
    return escape(_words(marked, attempt, kind))


def _words(marked: Marked, attempt: UUID, kind: str) -> str:
    if marked.verdict == "right":
        return (_("Right."), _("Yes, that fits."), _("That is it."))[attempt.int % 3]
    if marked.verdict == "unreadable":
        return str(_UNREADABLE[_SAME_WORDS.get(kind, kind)])
    return str(_WORDS[marked.verdict])
