"""When a chore was last done is known to every process."""

from __future__ import annotations

import logging
import time

import pytest
import redis
from django.core.management import call_command

from tutor_emotion.telemetry import marks

pytestmark = pytest.mark.django_db


def test_a_prune_and_a_whole_ledger_leave_their_time(valkey: redis.Redis) -> None:
    call_command("prune")
    call_command("verify_ledger")
    done = marks.last_done()
    assert done.keys() == {"prune", "verify_ledger"}
    assert all(time.time() - at < 10 for at in done.values())


def test_what_only_counts_was_not_done(valkey: redis.Redis) -> None:
    call_command("prune", "--dry-run")
    assert marks.last_done() == {}


def test_a_valkey_that_is_away_costs_the_mark_alone(
    settings: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "REDIS_URL": "redis://127.0.0.1:1/0"}  # type: ignore[attr-defined]
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        call_command("prune")
    assert time.monotonic() - began < 2
    assert "the mark of a chore is lost: ConnectionError" in caplog.text
