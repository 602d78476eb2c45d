"""A night's pruning on SQLite, where one writes at a time."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from tests.growth.beside import meanwhile, old_rows
from tests.people import course, person, session
from tutor_emotion import services

MOST_S = 1.0


@pytest.mark.timeout(180)
def test_whoever_writes_meanwhile_gets_their_turn_within_a_second(transactional_db: None) -> None:
    mine = session(course(), person())
    old_rows(mine, 20_000)
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, timeout=20, check_same_thread=False)) as other:

        def write() -> None:
            with other:
                other.execute("UPDATE tutor_emotion_session SET sockets = sockets + 1")

        with meanwhile(write) as took:
            assert services.prune() == {"tutor_emotion.AffectSignalRecord": 20_000}
    assert len(took) > 5
    assert max(took) < MOST_S
