"""System checks of what a site that strangers reach must not be like; each with an id and a hint.

Those with ``deploy=True`` are asked by ``manage.py check --deploy`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

DEMO_KEYS = frozenset({"demonstration-only-not-a-secret"})
# Reading one of these runs what is in it.
PROGRAMS = frozenset({"pickle", "yaml", "application/x-python-serialize", "application/x-yaml"})
_CELERY = (
    "CELERY_ACCEPT_CONTENT",
    "CELERY_RESULT_ACCEPT_CONTENT",
    "CELERY_TASK_SERIALIZER",
    "CELERY_RESULT_SERIALIZER",
    "CELERY_EVENT_SERIALIZER",
)


@register(Tags.security, deploy=True)
def the_key_is_a_secret(**_: Any) -> list[CheckMessage]:
    if settings.SECRET_KEY not in DEMO_KEYS:
        return []
    said = "SECRET_KEY is the demonstration's, which everybody can read."
    hint = "Set it from the environment or a file: openssl rand -base64 48."
    return [Error(said, hint=hint, id="tutor_emotion.E020")]


@register(Tags.security, deploy=True)
def nothing_is_shown_that_failed(**_: Any) -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    said = "DEBUG is on: a fault shows a stranger the code, and what was in its variables."
    return [Error(said, hint="Set DEBUG = False.", id="tutor_emotion.E021")]


@register(Tags.security)
def no_message_is_a_program(**_: Any) -> list[CheckMessage]:
    """What waits in a broker is read by workers: whoever can write there must not run there."""
    found: list[CheckMessage] = []
    for name in _CELERY:
        bad = sorted(PROGRAMS.intersection(_words(getattr(settings, name, ()))))
        if bad:
            said = f"{name} takes {' and '.join(bad)}: reading such a message runs it."
            found.append(Error(said, hint=f'{name} = ["json"]', id="tutor_emotion.E022"))
    for alias, layer in getattr(settings, "CHANNEL_LAYERS", {}).items():
        chosen = layer.get("CONFIG", {}).get("serializer_format", "msgpack")
        if chosen not in ("msgpack", "json"):
            said = f"CHANNEL_LAYERS[{alias!r}] is written as {chosen}, not as msgpack or json."
            found.append(Error(said, hint="Leave serializer_format out.", id="tutor_emotion.E023"))
    return found


@register(Tags.security)
def no_session_is_a_program(**_: Any) -> list[CheckMessage]:
    if "Pickle" not in str(getattr(settings, "SESSION_SERIALIZER", "")):
        return []
    said = "SESSION_SERIALIZER is pickle: whoever can write a session runs code here."
    return [Error(said, hint="Leave it out: JSON.", id="tutor_emotion.E024")]


def _words(value: str | Iterable[str]) -> list[str]:
    return [value.lower()] if isinstance(value, str) else [str(word).lower() for word in value]
