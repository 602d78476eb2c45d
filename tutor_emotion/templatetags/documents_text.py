"""Texts of people and settings inside Markdown: they stay text."""

from __future__ import annotations

import re
from typing import Any

from django import template

from tutor_emotion.models import AGE_BANDS
from tutor_emotion.words import ROLE_LABELS

register = template.Library()
_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")


@register.filter
def md(value: Any) -> str:
    """On one line, with every mark of Markdown and HTML escaped."""
    return _MARKS.sub(r"\\\1", " ".join(str(value).split()))


@register.filter
def words(value: Any) -> str:
    """A code as words: ``self_report`` → ``self report``."""
    return str(value).replace("_", " ")


@register.filter
def band(value: str) -> str:
    """``13_15`` → 13 to 15."""
    return str(dict(AGE_BANDS).get(value, value))


@register.filter
def role(value: str) -> str:
    """``co_teacher`` → co-teacher."""
    return str(ROLE_LABELS.get(value, value))


@register.filter
def per_cent(value: float) -> str:
    """A share, 0 to 1, as whole per cents."""
    return f"{100 * value:.0f} %"
