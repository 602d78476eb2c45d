"""The demonstration's settings for a fuzz run: its walls against floods are far away, so that each
message is looked at; ``TUTOR_EMOTION_FUZZ_WALLS=1`` leaves them where they are.

SIGUSR2 collects the garbage of a process and gives what is free back to the system, so that what is
left is what it holds.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from typing import Any

from tutor_emotion.conf import RATES
from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION as _DEMO

# A session that was left is forgotten soon: what is weighed at the end is not who may come back.
TUTOR_EMOTION = {**_DEMO, "SESSION_GRACE_S": 2.0}
if os.environ.get("TUTOR_EMOTION_FUZZ_WALLS") != "1":
    FAR = (1_000_000, 1_000_000)
    TUTOR_EMOTION["LIMITS"] = dict.fromkeys(RATES, FAR)

_LIBC = ctypes.CDLL(None)


def _tidy(*_: Any) -> None:
    gc.collect()
    if hasattr(_LIBC, "malloc_trim"):  # glibc
        _LIBC.malloc_trim(0)


signal.signal(signal.SIGUSR2, _tidy)
