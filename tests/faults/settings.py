"""The demonstration's settings, for a few learners who come from one address again and again."""

from __future__ import annotations

from tutor_emotion.conf import RATES
from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION as _DEMO

TUTOR_EMOTION = {
    **_DEMO,
    "LIMITS": dict.fromkeys(RATES, (100_000, 100_000)),
    "BATCH_LIMIT_S": 4.0,  # a worker that hangs is found out within a test
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
