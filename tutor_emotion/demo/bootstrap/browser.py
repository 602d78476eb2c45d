"""What the tests need from the machine: a real browser, and a voice."""

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
    """Chromium, and a speaking voice for the microphone of the tests.

    Without the browser there is no test run; without the voice some tests say that they skip.
    """
    browser, voice = find() is not None, shutil.which("espeak-ng") is not None
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if browser and (voice or not may_install):
        with steps.next("Chromium"):
            return
    with steps.next("Chromium and espeak-ng", expect="a minute"):
        if not may_install:
            raise SetupError("the browser tests need Chromium and there is none", _HINT)
        if not browser:
            apt_install("chromium", hint=_HINT)
        if not voice:
            apt_install("espeak-ng", hint="apt-get install espeak-ng   (as root)")
