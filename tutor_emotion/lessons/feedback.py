"""What the learner is told after an answer: about the step, never about the person."""

from __future__ import annotations

from uuid import UUID

from django.utils.html import escape
from django.utils.translation import gettext as _

from tutor_emotion.lessons.marking import Marked
from tutor_emotion.lessons.richtext import render_inline


def feedback_html(marked: Marked, attempt: UUID) -> str:
    """One line of safe HTML. The words for right answers take turns by the attempt's id."""
    if marked.says:
        return render_inline(marked.says)
    return escape(_words(marked, attempt))


def _words(marked: Marked, attempt: UUID) -> str:
    if marked.verdict == "right":
        return (_("Right."), _("Yes, that fits."), _("That is it."))[attempt.int % 3]
    if marked.verdict == "not_lowest":
        return _("The size is right. It can still be written with smaller numbers.")
    if marked.verdict == "wrong_bottom":
        return _("The size is right. The question asks for another bottom number.")
    if marked.verdict == "not_mixed":
        return _("The size is right. Write it as a whole number and a fraction, such as 2 1/3.")
    if marked.verdict == "unreadable":
        return _("This cannot be read yet, and does not count. Write it like 3/4, 1 3/4 or 0.75.")
    return _("Not yet. Have another look, or take a hint.")
