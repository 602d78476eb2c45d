"""The servers that the tests share are real, private and write nothing to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

pytestmark = pytest.mark.django_db


def test_valkey_answers_and_starts_each_test_empty(valkey: redis.Redis) -> None:
    assert valkey.dbsize() == 0
    valkey.set("window", b"\x00", px=5000)
    assert valkey.get("window") == b"\x00"


def test_valkey_keeps_nothing_on_disk(valkey: redis.Redis) -> None:
    if settings.EMBEDDED_VALKEY is None:
        pytest.skip("REDIS_URL names a server that is not ours")
    config = valkey.config_get("*")
    assert (config["save"], config["appendonly"], config["bind"]) == ("", "no", "127.0.0.1")
    valkey.set("face", b"secret-bytes")
    assert not list(Path(settings.VAR_DIR).glob("*.rdb"))


def test_valkey_refuses_who_has_no_password(valkey_server: str) -> None:
    if settings.EMBEDDED_VALKEY is None:
        pytest.skip("REDIS_URL names a server that is not ours")
    stranger = redis.Redis(host="127.0.0.1", port=settings.EMBEDDED_VALKEY.port)
    with pytest.raises(redis.AuthenticationError):
        stranger.keys()


def test_the_database_is_the_one_that_was_asked_for() -> None:
    asked = "postgresql" if settings.EMBEDDED_POSTGRES else connection.vendor
    assert connection.vendor == asked
    get_user_model().objects.create_user("a-learner")
    assert get_user_model().objects.filter(username="a-learner").exists()
