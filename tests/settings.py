"""The demonstration host as the tests run it: its own database, Valkey and folders.

``REDIS_URL`` in the environment names a server that runs already; without it the session fixture
``valkey`` starts one. ``TEST_DATABASE=postgres`` runs the same tests on a real PostgreSQL.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tutor_emotion.demo.valkey import EmbeddedValkey, free_port

if "TUTOR_EMOTION_VAR" not in os.environ:
    os.environ["TUTOR_EMOTION_VAR"] = tempfile.mkdtemp(prefix="tutor-emotion-tests-")

EMBEDDED_VALKEY: EmbeddedValkey | None = None
if "REDIS_URL" not in os.environ:
    EMBEDDED_VALKEY = EmbeddedValkey(free_port())
    # In the environment, so that the processes that a test starts find the same server.
    os.environ["REDIS_URL"] = EMBEDDED_VALKEY.url

EMBEDDED_POSTGRES: Path | None = None
if os.environ.get("TEST_DATABASE") == "postgres" and "POSTGRES_HOST" not in os.environ:
    # Its socket is in this folder, and a socket's path must be short: so not in the VAR folder.
    EMBEDDED_POSTGRES = Path(tempfile.mkdtemp(prefix="te-pg-")) / "data"
    os.environ |= {
        "POSTGRES_HOST": str(EMBEDDED_POSTGRES),
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": "postgres",
    }

from tutor_emotion.demo.settings import *  # noqa: E402, F403
from tutor_emotion.demo.settings import DATABASES, TUTOR_EMOTION, VAR_DIR  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 0  # no thread may hold a database that a test drops
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    # A file and not memory: consumers and workers reach it from threads of their own.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)  # or WhiteNoise warns at each test
# All tests are the same few people at one address; those of the limits set their own.
_MANY = (100_000, 100_000)
_DOORS = ("requests", "sockets", "offers", "consents", "links")
TUTOR_EMOTION = {**TUTOR_EMOTION, "LIMITS": dict.fromkeys(_DOORS, _MANY)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
