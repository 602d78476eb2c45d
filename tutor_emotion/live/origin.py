"""Whether a websocket was opened by a page of this site."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from channels.security.websocket import OriginValidator
from django.conf import settings

LOCAL = ("localhost", "127.0.0.1", "[::1]")


def is_ours(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Against ``ALLOWED_HOSTS`` and ``CSRF_TRUSTED_ORIGINS``, as Django does it for a form.

    Every browser says the origin, and cannot lie about it. What says none is no browser: it has no
    cookies of somebody else's to misuse, and is let through to the other checks.
    """
    said = [value for name, value in headers if name == b"origin"]
    if not said:
        return True
    try:
        origin = urlsplit(said[0].decode("ascii"))
        _ = origin.port  # raises where there is none
    except ValueError:
        return False
    if len(said) > 1 or not origin.hostname:
        return False
    hosts = list(settings.ALLOWED_HOSTS) or (list(LOCAL) if settings.DEBUG else [])
    trusted = [address.replace("://*.", "://.") for address in settings.CSRF_TRUSTED_ORIGINS]
    return bool(OriginValidator(None, [*hosts, *trusted]).validate_origin(origin))
