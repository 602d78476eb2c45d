"""Chromium, for the tests that drive a real browser."""

from __future__ import annotations

import os
import shutil

from .machine import apt_install
from .progress import SetupError, Steps

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HINT = "apt-get install chromium   (as root), or name one: CHROMIUM=/path/to/chromium make test"


def find() -> str | None:
    """The Chromium to use: ``CHROMIUM`` of the environment, or the first on the path."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)


def ensure(steps: Steps) -> None:
    if find():
        with steps.next("Chromium"):
            return
    with steps.next("Chromium", expect="a minute"):
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise SetupError("the browser tests need Chromium and there is none", _HINT)
        apt_install("chromium", hint=_HINT)
