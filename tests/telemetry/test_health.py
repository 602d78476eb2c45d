"""``/readyz`` tells the truth, in time, and is no lever for a stranger."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import redis
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tutor_emotion.inference.slots import Slots
from tutor_emotion.telemetry import health
from tutor_emotion.telemetry.health import Check, Finding, Health
from tutor_emotion.views import health as door


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door asks anew in each test."""
    monkeypatch.setattr(door, "HEALTH", Health(health.CHECKS))


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh")
def test_a_web_process_without_a_worker_is_ready_and_says_that_it_is_camera_free(
    client: Client, valkey: redis.Redis
) -> None:
    status, body = ready(client)
    assert (status, body["ready"], body["workers"]) == (200, True, [])
    assert (body["camera_free"], body["sensors"]) == (True, "off: no_worker")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh")
def test_with_a_worker_it_is_not(client: Client, valkey: redis.Redis, settings: Any) -> None:
    Slots(settings.TUTOR_EMOTION["REDIS_URL"]).beat("here-1", "compact-1", 5.0)
    status, body = ready(client)
    assert (status, body["workers"], body["wrong"]) == (200, ["compact-1"], {})
    assert (body["camera_free"], body["sensors"]) == (False, "on")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh")
def test_where_the_law_has_no_camera_a_worker_changes_nothing(
    client: Client, valkey: redis.Redis, settings: Any
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "JURISDICTION": "camera_free"}
    Slots(settings.TUTOR_EMOTION["REDIS_URL"]).beat("here-1", "compact-1", 5.0)
    assert ready(client)[1]["sensors"] == "off: camera_free_by_law"


# --- what makes it unready ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh")
def test_a_migration_that_is_not_applied_makes_unready(client: Client, valkey: redis.Redis) -> None:
    ours = MigrationRecorder(connection).migration_qs.filter(app="tutor_emotion")
    newest = ours.order_by("name").last()
    assert newest is not None
    ours.filter(name=newest.name).delete()
    try:
        status, body = ready(client)
    finally:
        MigrationRecorder(connection).record_applied("tutor_emotion", newest.name)
    assert (status, body["migrations"], body["database"]) == (503, False, True)
    assert body["wrong"]["migrations"] == "migrations_unapplied"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh")
def test_a_valkey_that_is_away_makes_unready(client: Client, settings: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "REDIS_URL": "redis://127.0.0.1:1/0"}
    status, body = ready(client)
    assert (status, body["queue"], body["wrong"]["queue"]) == (503, False, "queue_away")


# --- a part that hangs, and a stranger who asks often ---------------------------------------------


def test_a_check_that_hangs_hangs_nobody_and_is_not_begun_twice() -> None:
    go, begun = threading.Event(), []

    def hang() -> Finding:
        begun.append(1)
        go.wait(10)
        return Finding("queue", ok=True)

    asked = Health((Check("queue", hang), Check("database", _good)), limit_s=0.1, clock=_Clock())
    began = time.monotonic()
    found = asked.ask()
    assert time.monotonic() - began < 2.0
    assert (found["queue"].ok, found["queue"].code, found["database"].ok) == (False, "hangs", True)
    asked.ask()
    assert len(begun) == 1
    go.set()
    end = time.monotonic() + 5
    while not asked.ask()["queue"].ok and time.monotonic() < end:
        time.sleep(0.01)
    assert asked.ask()["queue"].ok, "it came back"


def test_many_who_ask_make_one_question_of_them() -> None:
    looked: list[int] = []

    def look() -> Finding:
        looked.append(1)
        return Finding("database", ok=True)

    asked = Health((Check("database", look),))
    for _ in range(500):
        asked.ask()
    assert len(looked) == 1


def test_while_one_asks_the_others_get_the_last_answer_at_once() -> None:
    go, clock = threading.Event(), _Clock()
    answers = iter([lambda: None, lambda: go.wait(5)])

    def look() -> Finding:
        next(answers)()
        return Finding("database", ok=True)

    asked = Health((Check("database", look),), limit_s=5, clock=clock)
    asked.ask()
    slow = threading.Thread(target=asked.ask)
    slow.start()
    time.sleep(0.05)
    began = time.monotonic()
    assert asked.ask()["database"].ok
    assert time.monotonic() - began < 2.0
    go.set()
    slow.join(5)


def test_a_check_with_a_bug_is_a_finding_and_tells_nothing_but_its_type() -> None:
    def broken() -> Finding:
        raise KeyError("Ada")

    found = Health((Check("workers", broken, needed=False),)).ask()["workers"]
    assert (found.ok, found.code, found.facts, found.needed) == (
        *(False, "check_failed", ("KeyError",), False),
    )


def _good() -> Finding:
    return Finding("database", ok=True)


class _Clock:
    """Later by a minute each time that it is read: no answer holds."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 60.0
        return self.now_s
