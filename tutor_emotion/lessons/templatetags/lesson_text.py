"""``{{ lesson.language|in_language }}``: the attributes of text in a lesson's own language."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tutor_emotion.lessons.presenting import direction

register = template.Library()


@register.filter
def in_language(language: str) -> SafeString:
    """A lesson in English stands on an Arabic page, and the other way round."""
    return format_html('lang="{}" dir="{}"', language, direction(language))
