"""``{% tutor_emotion course="fractions" lesson="fractions-1" %}``: the learner's panel."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tutor_emotion import services

register = template.Library()


@register.simple_tag(takes_context=True)
def tutor_emotion(context: dict[str, Any], course: str, lesson: str) -> SafeString:
    """The element and its script; nothing at all for somebody who is not signed in.

    By rendering it the host says that this learner may use this lesson of this course.
    """
    request = context["request"]
    if not request.user.is_authenticated:
        return SafeString("")
    return format_html(
        '<tutor-emotion token="{}" base="{}" lang="{}"></tutor-emotion>'
        '<script type="module" src="{}"{}></script>',
        services.lesson_token(course, lesson, request.user.pk),
        reverse("tutor_emotion:setup").removesuffix("setup/"),
        get_language() or "en",
        static("tutor_emotion/dist/learner.js"),
        _nonce(request),
    )


def _nonce(request: Any) -> SafeString:
    nonce = getattr(request, "csp_nonce", None)
    return format_html(' nonce="{}"', nonce) if nonce else SafeString("")
