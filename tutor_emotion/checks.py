"""System checks, each with an id and a hint."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError


@register("tutor_emotion")
def settings_are_valid(**_: Any) -> list[CheckMessage]:
    try:
        get_settings()
    except TutorEmotionError as error:
        return [Error(error.message, hint=error.hint, id="tutor_emotion.E001")]
    return []
