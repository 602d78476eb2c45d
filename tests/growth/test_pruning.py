"""A night's pruning, and nobody waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.growth.beside import meanwhile, old_rows
from tests.people import course, person, session
from tutor_emotion import services
from tutor_emotion.models import AffectSignalRecord, EventRecord, Session
from tutor_emotion.services import batches

MANY = 100_000
WAIT_MS = 200


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.timeout(240)
def test_who_writes_and_reads_meanwhile_waits_for_no_lock(transactional_db: None) -> None:
    """Inserts, updates and reads of the same table and session, none of which may wait 0.2 s."""
    mine = session(course(), person())
    old_rows(mine, MANY)
    now = AffectSignalRecord.objects.create(session=mine, edge="raised", at_s=1.0)
    with psycopg.connect(_dsn()) as other:
        other.autocommit = True
        other.execute(f"SET lock_timeout = {WAIT_MS}")

        def write_and_read() -> None:
            other.execute(
                "INSERT INTO tutor_emotion_affectsignalrecord"
                " (session_id, edge, at_s, skill, sealed, created_at)"
                " VALUES (%s, 'cleared', 2, '', '', now())",
                [mine.pk],
            )
            other.execute(
                "UPDATE tutor_emotion_affectsignalrecord SET skill = 'x' WHERE id = %s", [now.pk]
            )
            other.execute("UPDATE tutor_emotion_session SET sockets = sockets + 1")
            other.execute(
                "SELECT id FROM tutor_emotion_affectsignalrecord ORDER BY created_at LIMIT 10"
                " FOR UPDATE SKIP LOCKED"
            )

        with meanwhile(write_and_read) as took:
            gone = services.prune()
    # Those that the other one had locked just then are the next night's.
    left = services.prune().get("tutor_emotion.AffectSignalRecord", 0)
    assert gone["tutor_emotion.AffectSignalRecord"] + left == MANY
    assert len(took) > 50
    assert AffectSignalRecord.objects.count() == 1 + len(took)


@pytest.mark.postgres
def test_a_row_that_somebody_holds_is_left_for_the_next_night(transactional_db: None) -> None:
    mine = session(course(), person())
    old_rows(mine, 20)
    held = AffectSignalRecord.objects.earliest("pk")
    with psycopg.connect(_dsn()) as other:
        other.execute(
            "SELECT 1 FROM tutor_emotion_affectsignalrecord WHERE id = %s FOR UPDATE", [held.pk]
        )
        assert services.prune() == {"tutor_emotion.AffectSignalRecord": 19}
    assert services.prune() == {"tutor_emotion.AffectSignalRecord": 1}


def _dsn() -> str:
    given = connection.get_connection_params()
    return " ".join(f"{k}={given[k]}" for k in ("host", "dbname", "user") if given.get(k))


# --- what hangs on a row --------------------------------------------------------------------------


def test_what_hangs_on_an_old_session_goes_before_it_and_a_few_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session of a thousand events is no transaction of a thousand rows."""
    monkeypatch.setattr(batches, "CHUNK", 50)
    sizes: list[int] = []
    delete = batches._delete_some
    monkeypatch.setattr(batches, "_delete_some", lambda rows: _noted(delete(rows), sizes))
    mine = session(course(), person())
    EventRecord.objects.bulk_create(
        EventRecord(session=mine, kind="Idle", at_s=1.0) for _ in range(230)
    )
    old_rows(mine, 120)
    Session.objects.update(started_at=timezone.now() - timedelta(days=1_000))
    gone = batches.delete_in_batches(Session.objects.all())
    assert gone == {
        "tutor_emotion.Session": 1,
        "tutor_emotion.EventRecord": 230,
        "tutor_emotion.AffectSignalRecord": 120,
    }
    assert max(sizes) <= 50


def _noted(done: tuple[Any, list[Any]], sizes: list[int]) -> tuple[Any, list[Any]]:
    sizes.append(len(done[1]))
    return done
