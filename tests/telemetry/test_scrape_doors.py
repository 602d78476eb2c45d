"""Who may read the metrics, and over which door."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import redis
from django.db import DatabaseError, connection
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families as parse

from tutor_emotion.conf import get_settings
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.errors import BadInput
from tutor_emotion.inference import queue
from tutor_emotion.inference.slots import Slots
from tutor_emotion.telemetry import exposition, serving

TOKEN = "a-token-of-the-scrape"


def scrape(port: int, token: str = "", path: str = "/metrics") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, ""


@pytest.fixture
def port(settings: Any) -> Iterator[int]:
    number = free_port()
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "METRICS_PORT": number}
    server = serving.serve("web")
    assert isinstance(server, ThreadingHTTPServer)
    yield number
    server.shutdown()
    server.server_close()


# --- it works -------------------------------------------------------------------------------------


def test_a_port_of_loopback_answers_this_machine(port: int, valkey: redis.Redis) -> None:
    status, said = scrape(port)
    assert status == 200
    families = {family.name: family for family in parse(said)}
    assert families["tutor_emotion_queue_up"].samples[0].value == 1
    build = families["tutor_emotion_build_info"].samples[0].labels
    assert (build["role"], build["schema"]) == ("web", "1")


def test_no_counter_says_when_it_began(port: int, valkey: redis.Redis) -> None:
    assert "_created" not in scrape(port)[1]


def test_with_a_token_the_sites_own_address_answers(client: Client, settings: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "METRICS_TOKEN": TOKEN}
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert b"tutor_emotion_sessions_limit" in answer.content


@pytest.mark.usefixtures("port")
def test_what_stands_in_valkey_is_told(valkey: redis.Redis, settings: Any) -> None:
    url = settings.TUTOR_EMOTION["REDIS_URL"]
    valkey.zadd(queue.WAITING, {"a": time.time() - 3, "b": time.time()})
    Slots(url).beat("here-1", "compact-1", 5.0)
    said = {s.name: s.value for f in parse(exposition.text().decode()) for s in f.samples}
    assert said["tutor_emotion_queue_waiting"] == 2
    assert 2.5 < said["tutor_emotion_queue_oldest_age_seconds"] < 10
    assert said["tutor_emotion_workers"] == 1


# --- its edges ------------------------------------------------------------------------------------


def test_a_valkey_that_is_away_or_hangs_costs_the_scrape_a_second(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        for number in (1, silent.getsockname()[1]):
            url = f"redis://127.0.0.1:{number}/0"
            settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "REDIS_URL": url}
            began = time.monotonic()
            said = exposition.text().decode()
            assert time.monotonic() - began < 2
            assert "tutor_emotion_queue_up 0.0" in said
            assert "tutor_emotion_queue_waiting" not in said


def test_a_port_that_is_taken_costs_the_metrics_and_not_the_process(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert serving.serve("worker") is None
    assert f"port {port} is not to be had" in caplog.text


@pytest.mark.django_db
def test_a_statement_that_the_database_refuses_is_counted() -> None:
    name, labels = "tutor_emotion_database_failures_total", {"error": "OperationalError"}
    before = REGISTRY.get_sample_value(name, labels) or 0.0
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    labels["error"] = "OperationalError" if connection.vendor == "sqlite" else "ProgrammingError"
    assert (REGISTRY.get_sample_value(name, labels) or 0.0) >= before + 1


# --- what it refuses ------------------------------------------------------------------------------


def test_without_a_token_the_site_has_no_such_page(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "said", ["", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ", "Bearer ü"]
)
def test_another_token_is_none(client: Client, settings: Any, said: str) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "METRICS_TOKEN": TOKEN}
    assert client.get("/metrics", headers={"Authorization": said}).status_code == 401


def test_with_a_token_the_port_asks_for_it_too(port: int, settings: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "METRICS_TOKEN": TOKEN}
    assert scrape(port)[0] == 401
    assert scrape(port, "wrong")[0] == 401
    assert scrape(port, TOKEN)[0] == 200
    assert scrape(port, TOKEN, "/")[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"METRICS_PORT": 9464, "METRICS_HOST": "0.0.0.0"},
        {"METRICS_PORT": 9464, "METRICS_HOST": "metrics.example.org"},
        {"METRICS_TOKEN": "short"},
        {"METRICS_PORT": 70_000},
        {"TRACES": "collector:4318"},
        {"TRACES_SHARE": 2},
    ],
)
def test_settings_that_would_publish_them_or_cannot_be_are_refused(
    settings: Any, wrong: dict[str, Any]
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, **wrong}
    with pytest.raises(BadInput) as caught:
        get_settings()
    assert caught.value.code == "bad_settings"
