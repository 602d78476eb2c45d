"""The demonstration host as the tests run it: its own database, Valkey and folders."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("TUTOR_EMOTION_VAR", tempfile.mkdtemp(prefix="tutor-emotion-tests-"))

from tutor_emotion.demo.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
