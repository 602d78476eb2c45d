"""Who is alive, who died, and what was met lately: as every process of a site finds it."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable

import pytest
import redis

from tests import people
from tutor_emotion import __version__, beats, faults, lately
from tutor_emotion.beats import ALIVE_S, FORGOTTEN_S, Beat
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.faults import Fault
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.lately import Writer
from tutor_emotion.live.beating import Beating, refusals
from tutor_emotion.live.student import SESSIONS
from tutor_emotion.telemetry import metrics


def put(client: redis.Redis, name: str, ago_s: float = 0.0, kind: beats.Kind = "worker") -> None:
    at_s = time.time() - ago_s
    pipe = client.pipeline()
    beats.put(pipe, Beat(kind, name, "1", SCHEMA, 60.0, at_s, at_s + ALIVE_S))
    pipe.execute()


def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def nowhere(settings: object) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {  # type: ignore[attr-defined]
        "REDIS_URL": "redis://127.0.0.1:1/0"
    }


# --- it works -------------------------------------------------------------------------------------


def test_a_worker_says_what_it_is_and_then_goodbye(valkey: redis.Redis) -> None:
    worker = Worker(ScriptedRunner(), Slots(get_settings().REDIS_URL), 8)
    until(lambda: any(beat.name == worker.name for beat in beats.heard().beats))
    (beat,) = [beat for beat in beats.heard().beats if beat.name == worker.name]
    assert (beat.kind, beat.runner, beat.release, beat.schema) == (
        "worker", "scripted/1", __version__, SCHEMA
    )  # fmt: skip
    assert beat.alive(time.time())
    worker.goodbye()
    assert not valkey.hexists(beats.KEY, f"worker|{worker.name}")


@pytest.mark.django_db
def test_a_web_process_counts_its_sessions_by_course_and_names_nobody(
    valkey: redis.Redis,
) -> None:
    session = people.session(people.course(), people.person())
    live = SESSIONS.take(session, "channel", None)  # type: ignore[arg-type]
    try:
        beating = Beating()
        beating.start()
        until(lambda: bool(beats.heard().alive("web")))
    finally:
        del SESSIONS._live[live.id]
    (beat,) = [beat for beat in beats.heard().beats if beat.kind == "web"]
    assert (beat.sessions, beat.courses) == (1, {str(session.course_id): 1})
    said = json.dumps(valkey.hgetall(beats.KEY)[f"web|{beat.name}".encode()].decode())
    assert session.learner.get_username() not in said
    assert str(session.pk) not in said
    beating.stop()  # it says goodbye, or it would have died
    assert not valkey.hexists(beats.KEY, f"web|{beat.name}")


def test_what_was_refused_is_counted_by_code() -> None:
    before = refusals()
    metrics.SOCKETS_REFUSED.labels(room="learner", code="server_full").inc()
    metrics.CONSENT_REFUSALS.labels(what="offer", reason="not_consented").inc(2)
    assert refusals() - before == {"server_full": 1, "not_consented": 2}


def test_a_fault_is_kept_with_its_number_type_and_line_and_without_its_words(
    valkey: redis.Redis,
) -> None:
    try:
        int("Ada wrote this")
    except ValueError as error:
        number = faults.note(logging.getLogger("tutor_emotion"), "a step", error)
    until(lambda: any(row.fault.number == number for row in lately.last()))
    (row,) = [row for row in lately.last() if row.fault.number == number]
    assert (row.fault.code, row.fault.what, row.fault.kind) == ("internal", "a step", "ValueError")
    assert row.fault.place.startswith("operator/test_beats.py:")
    assert abs(row.at_s - time.time()) < 10
    assert row.process.endswith(f"-{os.getpid()}")
    assert b"Ada" not in b"".join(valkey.lrange(lately.KEY, 0, -1))


# --- its edges ------------------------------------------------------------------------------------


def test_who_ended_without_a_word_is_known_for_an_hour(valkey: redis.Redis) -> None:
    put(valkey, "alive")
    put(valkey, "died", ago_s=60)
    put(valkey, "long-ago", ago_s=FORGOTTEN_S + 60)
    put(valkey, "web", kind="web")
    now_s = time.time()
    found = {beat.name: beat.alive(now_s) for beat in beats.heard().beats}
    assert found == {"alive": True, "died": False, "web": True}
    assert list(found) == ["web", "alive", "died"]
    assert not valkey.hexists(beats.KEY, "worker|long-ago")
    assert 0 < valkey.ttl(beats.KEY) <= FORGOTTEN_S


def test_a_beat_of_another_version_is_read_as_far_as_it_is_known(valkey: redis.Redis) -> None:
    row = {"kind": "worker", "name": "next", "release": "9", "schema": 7, "up_s": 1.0,
           "at_s": time.time(), "until_s": time.time() + 9, "mood": "good"}  # fmt: skip
    valkey.hset(beats.KEY, "worker|next", json.dumps(row))
    (beat,) = beats.heard().beats
    assert (beat.schema, beat.sessions, beat.draining) == (7, 0, False)


@pytest.fixture
def writer() -> Writer:
    return Writer()


def test_the_list_is_short_and_ends(valkey: redis.Redis, writer: Writer) -> None:
    for number in range(lately.KEPT + 5):
        assert writer._written(
            json.dumps({"number": str(number), "code": "x", "what": "y", "at_s": 1, "process": "p"})
        )
    found = lately.last()
    assert len(found) == lately.KEPT
    assert found[0].fault.number == str(lately.KEPT + 4)
    assert 0 < valkey.ttl(lately.KEY) <= lately.KEPT_S


def test_what_was_met_while_valkey_was_away_is_written_when_it_is_back(
    valkey: redis.Redis, writer: Writer, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lately, "AGAIN_S", 0.05)
    here = settings.TUTOR_EMOTION  # type: ignore[attr-defined]
    settings.TUTOR_EMOTION = here | {"REDIS_URL": "redis://127.0.0.1:1/0"}  # type: ignore[attr-defined]
    began = time.monotonic()
    for number in range(lately.KEPT * 3):  # more than can wait: nobody is held up
        writer.hear(Fault(str(number), "code", "what"))
    assert time.monotonic() - began < 1
    settings.TUTOR_EMOTION = here  # type: ignore[attr-defined]
    until(lambda: len(lately.last()) == lately.KEPT)
    assert "1" in {row.fault.number for row in lately.last()}


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("ask", [beats.heard, lately.last])
def test_without_valkey_both_say_so(ask: Callable[[], object]) -> None:
    with pytest.raises(Unavailable) as caught:
        ask()
    assert caught.value.code == "queue_unavailable"
