"""Secrets of the environment: as they are, or as the file that a container engine mounts.

``NAME`` has the value; ``NAME_FILE`` has the path of a file that has it (``/run/secrets/…``), so
that it stands in no listing of processes or containers. Both at once is a mistake, and stops the
start.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MOST_BYTES = 64 * 1024


def secret(name: str, default: str = "") -> str:
    """The value of ``NAME``, or the text of the file that ``NAME_FILE`` names.

    Raises:
        ImproperlyConfigured: both are set, or the file cannot be read.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if not path:
        return value or default
    if value:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        # Of an error nothing but its kind: what it says may have the secret's first bytes in it.
        raise ImproperlyConfigured(
            f"{name}_FILE names a file that cannot be read ({type(error).__name__})."
        ) from None
    return text.rstrip("\r\n") or default


def required(name: str) -> str:
    """A secret that has no default anywhere.

    Raises:
        ImproperlyConfigured: it is not set.
    """
    value = secret(name)
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set, and neither is {name}_FILE. docker/.env.example describes it."
        )
    return value
