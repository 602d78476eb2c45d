"""Settings that contradict each other: said at the start with an id and a hint, and refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tutor_emotion import contradictions, start
from tutor_emotion.contradictions import settings_agree, torch_build, what_is_wrong_with

ROOT = Path(__file__).resolve().parents[2]
LAYER = "channels_redis.pubsub.RedisPubSubChannelLayer"


def ids() -> list[str]:
    found = settings_agree()
    assert all(one.hint for one in found)
    return [str(one.id).removeprefix("tutor_emotion.") for one in found]


# --- it works -------------------------------------------------------------------------------------


def test_the_demonstration_agrees_with_itself() -> None:
    assert settings_agree() == []
    assert contradictions.failed() == []


def test_torch_is_recognised_without_being_loaded() -> None:
    import torch

    assert torch_build() == ("cuda" if torch.version.cuda else "cpu")


# --- its edges ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ({"TURN_URLS": ["turn:relay:3478"], "TURN_SECRET": "x" * 32}, []),
        ({"TURN_URLS": ["turn:relay:3478"]}, ["E014"]),
        ({"TURN_URLS": ["relay:3478"], "TURN_SECRET": "x"}, ["E015"]),
        ({"TURN_URLS": ["turn:"], "TURN_SECRET": "x"}, ["E015"]),
        ({"ICE_SERVERS": [{"urls": "stun:stun.example:3478"}]}, []),
        ({"ICE_SERVERS": [{"urls": ["stun:a:1", "http://b"]}]}, ["E015"]),
        ({"ICE_SERVERS": [{}]}, ["E015"]),
        ({"REDIS_URL": "redis:///0"}, ["E012"]),
        ({"REDIS_URL": "redis://:secret@:6379/0"}, ["E012"]),
        ({"REDIS_URL": "localhost:6379"}, []),  # a scheme of its own, for all that we know
        ({"REDIS_URL": ""}, ["E012"]),
        ({"REDIS_URL": "unix:///run/valkey.sock"}, []),
        ({"QUEUE": "celery"}, ["E016"]),
        ({"GPU_QUEUE": "tutor_emotion"}, ["E016"]),
        ({"FRAME_WATCHDOG_S": 30}, ["E017"]),
        ({"WINDOW_TTL_S": 9}, ["E017"]),
        ({"KEEP_SESSIONS_DAYS": 100}, ["E017", "E017"]),
        ({"MAX_BATCH": 0}, []),  # the settings' own check says it
    ],
)
def test_what_of_ours_cannot_be_together(
    settings: Any, ours: dict[str, Any], expected: list[str]
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | ours
    assert ids() == expected


@pytest.mark.parametrize(("spec", "expected"), [(None, ["E019"]), (object(), [])])
def test_traces_need_what_writes_them(
    settings: Any, monkeypatch: pytest.MonkeyPatch, spec: object, expected: list[str]
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"TRACES": "http://collector:4318"}
    monkeypatch.setattr(contradictions, "find_spec", lambda _: spec)
    assert ids() == expected


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ({"CELERY_BROKER_URL": "amqp://user:word@/"}, ["E012"]),
        ({"CELERY_BROKER_URL": "sentinel://a:1;sentinel://:2"}, ["E012"]),
        ({"CELERY_BROKER_URL": "memory://"}, ["W007"]),
        ({"CHANNEL_LAYERS": {}}, ["E013"]),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}},
         ["W008"]),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": LAYER, "CONFIG": {"hosts": ["redis://"]}}}},
         ["E012"]),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": LAYER, "CONFIG": {"hosts": [("h", 1)]}}}}, []),
        ({"CELERY_WORKER_POOL": "prefork"}, []),  # on a processor that is slow, and works
    ],
)  # fmt: skip
def test_what_of_the_host_cannot_be(
    settings: Any, theirs: dict[str, Any], expected: list[str]
) -> None:
    for name, value in theirs.items():
        setattr(settings, name, value)
    assert ids() == expected


@pytest.mark.parametrize(
    ("build", "pool", "expected"),
    [(None, "", ["E010"]), ("cpu", "", ["E010"]), ("cuda", "solo", []),
     ("cuda", "prefork", ["E011"]), ("cpu", "prefork", ["E010", "E011"])],
)  # fmt: skip
def test_a_gpu_needs_torch_for_one_and_a_pool_that_does_not_fork(
    settings: Any, monkeypatch: pytest.MonkeyPatch, build: str | None, pool: str,
    expected: list[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(contradictions, "torch_build", lambda: build)
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"DEVICE": "cuda:1"}
    settings.CELERY_WORKER_POOL = pool
    assert ids() == expected


@pytest.mark.parametrize(
    "url", ["redis://u:word@host:99999/0", "redis://[::1", "redis://host:x/0", "rediss://:word@"]
)
def test_what_is_said_of_an_address_has_no_password_in_it(url: str) -> None:
    wrong = what_is_wrong_with(url)
    assert wrong
    assert "word" not in wrong


def test_whether_auto_means_a_gpu(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tutor_emotion.conf import get_settings

    monkeypatch.setattr(contradictions, "torch_build", lambda: "cuda")
    monkeypatch.setattr(contradictions, "NVIDIA", tmp_path)
    assert contradictions.on_cuda(get_settings())
    monkeypatch.setattr(contradictions, "NVIDIA", tmp_path / "none")
    assert not contradictions.on_cuda(get_settings())
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"RUNNER": "scripted", "DEVICE": "cuda"}
    assert not contradictions.on_cuda(get_settings())


# --- what it refuses ------------------------------------------------------------------------------


def test_a_web_process_does_not_start(settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {
        "JURISDICTION": "atlantis", "TURN_URLS": ["turn:relay"]
    }  # fmt: skip
    with pytest.raises(ImproperlyConfigured) as caught:
        start.web()
    said = str(caught.value)
    assert "(tutor_emotion.E009)" in said
    assert "(tutor_emotion.E014)" in said
    assert "Set TURN_SECRET" in said


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A program with other settings, as its operator starts it."""
    whole = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.operator.contradicting"} | env
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=whole,
        capture_output=True,
        text=True,
        timeout=60,
    )


CELERY = ("-m", "celery", "-A", "tutor_emotion.demo", "worker", "--queues", "tutor_emotion")


@pytest.mark.parametrize(
    ("command", "env", "code"),
    [
        (("manage.py", "check"), {"WRONG": "turn"}, "tutor_emotion.E014"),
        (("-m", "uvicorn", "tutor_emotion.demo.asgi:application", "--port", "0"),
         {"WRONG": "law"}, "tutor_emotion.E009"),
        ((*CELERY, "--pool", "solo"), {"WRONG": "gpu"}, "tutor_emotion.E010"),
        ((*CELERY, "--pool", "prefork"), {"WRONG": "fork"}, "pool_forks"),
    ],
)  # fmt: skip
def test_no_process_starts_on_what_cannot_be(
    command: tuple[str, ...], env: dict[str, str], code: str
) -> None:
    done = run(*command, **env)
    assert done.returncode != 0
    assert code in done.stderr, done.stderr[-2000:]
