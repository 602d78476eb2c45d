"""A second database, for a test alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections


@contextmanager
def another_database(path: Path, alias: str) -> Iterator[Any]:
    """An empty SQLite file under this alias."""
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    connections.databases[alias] = connections.configure_settings({"default": entry})["default"]
    connections[alias].connect()  # pytest-django keeps tests from any other database
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias], connections.databases[alias]
