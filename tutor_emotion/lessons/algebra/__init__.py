"""School algebra, exactly: what a learner typed is read by a small grammar of our own.

Nothing typed ever reaches ``eval`` or a computer algebra system. Numbers, letters, ``+ - * / ^``,
brackets, exact roots and one ``=``; values are quotients of polynomials with exact coefficients.
Size, depth and work are bounded, so that any text is answered quickly.
"""

from __future__ import annotations

from tutor_emotion.lessons.algebra.forms import Form, has_form, is_product
from tutor_emotion.lessons.algebra.reading import MAX_CHARS, Expression, read

__all__ = ["MAX_CHARS", "Expression", "Form", "has_form", "is_product", "read"]
