"""``{% tutor_emotion course="fractions" lesson="fractions-1" %}``: the learner's panel."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tutor_emotion import privacy, services
from tutor_emotion.core.types import BIOMETRIC
from tutor_emotion.middleware import opens_sensors

register = template.Library()
_STATIC = Path(__file__).resolve().parents[1] / "static"


@register.simple_tag(takes_context=True)
def tutor_emotion(context: dict[str, Any], course: str, lesson: str) -> SafeString:
    """The element and its script; nothing at all for somebody who is not signed in.

    By rendering it the host says that this learner may use this lesson of this course.
    """
    request = context["request"]
    if not request.user.is_authenticated:
        return SafeString("")
    opens_sensors(request, [modality for modality in BIOMETRIC if privacy.permitted(modality)[0]])
    return format_html(
        '<tutor-emotion token="{}" base="{}" lang="{}" csrf="{}"></tutor-emotion>{}',
        services.lesson_token(course, lesson, request.user.pk),
        reverse("tutor_emotion:setup").removesuffix("setup/"),
        get_language() or "en",
        get_token(request),
        tutor_emotion_script(context, "learner"),
    )


@register.simple_tag(takes_context=True)
def tutor_emotion_script(context: dict[str, Any], name: str) -> SafeString:
    """One of our scripts, with the file of words of the page's language, fetched beside it."""
    lang = (get_language() or "en").lower()
    words = _words(lang.split("-")[0])
    attributes = format_html(' data-lang="{}" data-catalogue="{}"', lang, words) if words else ""
    return format_html(
        '{}<script type="module" src="{}"{}{}></script>',
        format_html('<link rel="preload" as="fetch" crossorigin href="{}">', words)
        if words
        else "",
        static(f"tutor_emotion/dist/{name}.js"),
        attributes,
        _nonce(context["request"]),
    )


@register.simple_tag(takes_context=True)
def tutor_emotion_style(context: dict[str, Any], path: str) -> SafeString:
    """A style sheet of an app's `static` folder, in the page: on a slow line the round trip that a
    link takes would come before the first paint. The sheet names no other file.

    Where the host sends a nonce it has it. A policy that permits no inline style at all needs a
    link: override the block `style` of the page.
    """
    read = _style.__wrapped__ if settings.DEBUG else _style  # as it is now, while it is written
    return format_html("<style{}>{}</style>", _nonce(context["request"]), read(path))


@lru_cache
def _style(path: str) -> SafeString:
    """Without comments, and without the space that nobody reads.

    Raises TemplateSyntaxError where there is no such file, or it would end its own element.
    """
    found = finders.find(path)
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"There is no style sheet {path!r} among static files.")
    text = re.sub(r"/\*.*?\*/", "", Path(found).read_text("utf-8"), flags=re.DOTALL)
    if "</" in text:
        raise template.TemplateSyntaxError(f"The style sheet {path!r} has markup in it.")
    return SafeString(re.sub(r"\s+", " ", text).strip())


@lru_cache
def _words(language: str) -> str:
    """The address of a language's file; empty for English, which the scripts have in them, and
    where there is none."""
    path = f"tutor_emotion/dist/locales/{language}.json"
    return static(path) if (_STATIC / path).is_file() else ""


def _nonce(request: Any) -> SafeString:
    # django-csp's is lazy and false until it is read: so read it, and it comes into the header.
    nonce = getattr(request, "csp_nonce", None)
    text = "" if nonce is None else str(nonce)
    return format_html(' nonce="{}"', text) if text else SafeString("")
