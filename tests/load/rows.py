"""Rows of a demonstration's database, counted from outside: SQLite, read-only."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

OURS = ("tutor_emotion_", "lessons_")


def count(var: Path) -> Counter[str]:
    """Rows of each of our tables in ``var/db.sqlite3``."""
    address = f"file:{var / 'db.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        ours = [name for (name,) in names if name.startswith(OURS)]
        return Counter(
            {
                name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for name in ours
            }
        )
