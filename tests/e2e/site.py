"""The real thing, started by the project's own supervisor: Valkey, web server, worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan, Supervisor, web
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
DEMO = "tutor_emotion.demo.settings"
EU = "tests.e2e.eu_settings"
ILLINOIS = "tests.e2e.us_settings"
TEACHER = "teacher"
PASSWORD = "tutor-demo"
# Besides the demonstration's two: who is in need in one test must not be so in the next.
MORE_LEARNERS = (
    "cleo",
    "dan",
    "edda",
    "finn",
    "gus",
    "hana",
    "iris",
    "omar",
    "quinn",
    "xenia",
    "yara",
    "zora",
)
_ADD_LEARNERS = f"""
from django.contrib.auth import get_user_model
from tutor_emotion.demo.school import is_adult
for name in {MORE_LEARNERS!r}:
    is_adult(get_user_model().objects.create_user(name, password={PASSWORD!r}))
"""
START_S = 90.0


@dataclass
class Web:
    """One web server on a port of its own; it can die and come back."""

    child: Child
    address: str
    env: dict[str, str]

    def start(self) -> None:
        self.child.start(self.env, ROOT)
        _until_ready(self)

    def kill(self) -> None:
        """As when a machine dies: nobody says goodbye."""
        self.child.kill()
        self.child.wait(10.0)

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rsplit(":", 1)[1])

    @property
    def process(self) -> psutil.Process:
        assert self.child.process is not None
        return psutil.Process(self.child.process.pid)


@dataclass
class Site:
    """The demonstration with a folder, a database, a Valkey and ports of its own."""

    var: Path
    settings: str = DEMO
    env: dict[str, str] = field(default_factory=dict)
    supervisor: Supervisor | None = None
    more: list[Web] = field(default_factory=list)

    @property
    def address(self) -> str:
        assert self.supervisor is not None
        return self.supervisor.plan.address

    @property
    def port(self) -> int:
        assert self.supervisor is not None
        return self.supervisor.plan.port

    @property
    def logs(self) -> Path:
        return self.var / "log"

    def start(self) -> None:
        """Returns when web server and worker are healthy. Raises Unavailable."""
        self.env = {
            key: value
            for key, value in os.environ.items()
            if key not in {"REDIS_URL", "TUTOR_EMOTION_DEMO_PASSWORD"}
        } | {
            "DJANGO_SETTINGS_MODULE": self.settings,
            "TUTOR_EMOTION_VAR": str(self.var),
            "TUTOR_EMOTION_WEIGHTS": str(ROOT / "models"),
        }
        plan = Plan("127.0.0.1", free_port(), ROOT, self.var)
        self.supervisor = Supervisor(plan, lambda _: None)
        # The tests' own process has other settings and another Valkey; these are the site's.
        self.supervisor._env = dict(self.env)
        self.supervisor.start(self._prepare, START_S)

    def another_web(self, settings: str = DEMO, *, drain_s: float = 0, **more: str) -> Web:
        """A second web server on the same database, Valkey and worker, as in a larger site.

        ``drain_s``: how long it waits for its learners when it is asked to end. ``more``: of its
        environment.
        """
        assert self.supervisor is not None
        plan = Plan("127.0.0.1", free_port(), ROOT, self.var)
        child = web(plan)
        child.name = f"web-{plan.port}"
        child.log = self.logs / f"{child.name}.log"
        env = self.supervisor._env | {
            "DJANGO_SETTINGS_MODULE": settings,
            "TUTOR_EMOTION_DRAIN_S": str(drain_s),
            **more,
        }
        server = Web(child, plan.address, env)
        self.more.append(server)
        server.start()
        return server

    def stop(self) -> None:
        for server in self.more:
            server.child.terminate()
        for server in self.more:
            if not server.child.wait(10.0):
                server.kill()
        if self.supervisor is not None:
            self.supervisor.stop()

    def _prepare(self) -> None:
        self.run("migrate", "--verbosity", "0")
        self.run("seed_demo")
        self.run("shell", "-c", _ADD_LEARNERS)

    def run(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {arguments[0]}:\n{done.stdout}{done.stderr}"


def _until_ready(server: Web) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(server.address + "readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            tail = "\n".join(server.child.tail())
            assert server.child.exit_code is None, f"{server.child.name} ended:\n{tail}"
            assert time.monotonic() < end, f"{server.child.name} is not ready:\n{tail}"
            time.sleep(0.1)
