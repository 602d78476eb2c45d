"""The demonstration as a small deployment that is well: strong secrets, and a relay of its own."""

from __future__ import annotations

import os

from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION as _DEMO

TUTOR_EMOTION = {
    **_DEMO,
    "TURN_URLS": os.environ.get("TURN_URLS", "").split(),
    "TURN_SECRET": os.environ.get("TURN_SECRET", ""),
}
