"""What the tests need from the machine: a browser, a voice, a relay, a clock that can be set."""

from __future__ import annotations

import contextlib
import os
import shutil

from .machine import apt_install
from .progress import SetupError, Steps

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Package and program.
_EXTRAS = {"espeak-ng": "espeak-ng", "coturn": "turnserver", "faketime": "faketime"}
_HINT = "apt-get install chromium   (as root), or name one: CHROMIUM=/path/to/chromium make test"


def find() -> str | None:
    """The Chromium to use: ``CHROMIUM`` of the environment, or the first on the path."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)


def ensure(steps: Steps) -> None:
    """Chromium; a speaking voice for the microphone of the tests; a TURN server; libfaketime.

    Without the browser there is no test run; without the others some tests say that they skip.
    """
    browser = find() is not None
    extras = [p for p, program in _EXTRAS.items() if shutil.which(program) is None]
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if browser and not (extras and may_install):
        with steps.next("Chromium"):
            return
    with steps.next(", ".join(["Chromium", *_EXTRAS]), expect="a minute"):
        if not may_install:
            raise SetupError("the browser tests need Chromium and there is none", _HINT)
        if not browser:
            apt_install("chromium", hint=_HINT)
        for package in extras:
            with contextlib.suppress(SetupError):
                apt_install(package, hint=f"apt-get install {package}   (as root)")
