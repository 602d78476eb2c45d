"""``make run`` for real: everything healthy, one address, nothing left behind, however it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tutor_emotion.demo import supervisor
from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
HEALTHY_WITHIN_S = 90.0  # on two cores that others use; alone it takes about six


@dataclass
class Demo:
    """A supervisor under test, and what it has printed so far."""

    process: subprocess.Popen[bytes]
    port: int
    var: Path
    seen: list[psutil.Process] = field(default_factory=list)

    @property
    def printed(self) -> str:
        return (self.var / "printed").read_text(errors="replace")

    def children(self) -> dict[str, psutil.Process]:
        named = {"valkey-server": "valkey", "uvicorn": "web", "celery": "worker"}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            line = " ".join(child.cmdline())
            found |= {name: child for word, name in named.items() if word in line}
        return found

    def wait_healthy(self) -> None:
        self.wait(lambda: "is ready" in self.printed, HEALTHY_WITHIN_S)
        self.seen = psutil.Process(self.process.pid).children(recursive=True)

    def wait(self, until: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert self.process.poll() is None or until(), self.printed
            assert time.monotonic() < end, self.printed
            time.sleep(0.05)

    def ends(self, seconds: float = 30.0) -> int:
        return self.process.wait(seconds)

    def orphans(self) -> list[psutil.Process]:
        _, alive = psutil.wait_procs(self.seen, timeout=15)
        return alive


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    demos: list[Demo] = []

    def begin(port: int | None = None, var: Path | None = None, **extra: str) -> Demo:
        demo_port = port or free_port()
        folder = var or tmp_path / f"var{len(demos)}"
        folder.mkdir(exist_ok=True)
        # What the tests' own settings put into the environment is not the demonstration's.
        dropped = ("REDIS_URL", "DJANGO_SETTINGS_MODULE", "POSTGRES_")
        env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        env |= {"TUTOR_EMOTION_VAR": str(folder), "TUTOR_EMOTION_RUNNER": "scripted"} | extra
        with (folder / "printed").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "run_demo", "--port", str(demo_port)],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        demos.append(Demo(process, demo_port, folder))
        return demos[-1]

    yield begin
    for demo in demos:
        with suppress(ProcessLookupError):
            demo.process.kill()
        demo.process.wait()
        for child in demo.seen:
            with suppress(psutil.NoSuchProcess):
                child.kill()


# --- it works -------------------------------------------------------------------------------------


def test_it_becomes_healthy_says_where_and_ends_on_ctrl_c(start: Callable[..., Demo]) -> None:
    demo = start()
    demo.wait_healthy()
    assert f"http://localhost:{demo.port}/" in demo.printed
    assert re.search(r"learners\s+ada or ben, password \S+", demo.printed)
    assert re.search(r"teacher\s+teacher, password \S+", demo.printed)
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/", timeout=10) as page:
        assert page.status == 200
    assert set(demo.children()) == {"valkey", "web", "worker"}
    # A terminal sends Ctrl-C to the whole group in front; the children are in groups of their own.
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.ends() == 0
    assert demo.orphans() == []
    assert "Stopped." in demo.printed
    assert "Traceback" not in demo.printed


def test_a_second_start_on_the_same_folder_finds_its_data(start: Callable[..., Demo]) -> None:
    first = start()
    first.wait_healthy()
    first.process.terminate()
    assert first.ends() == 0
    again = start(var=first.var, port=first.port)
    again.wait_healthy()
    again.process.terminate()
    assert again.ends() == 0
    assert again.orphans() == []


# --- its edges ------------------------------------------------------------------------------------


def test_even_a_killed_supervisor_leaves_no_orphan(start: Callable[..., Demo]) -> None:
    demo = start()
    demo.wait_healthy()
    demo.process.kill()
    demo.ends()
    assert demo.orphans() == []


def test_a_child_that_dies_is_named_and_ends_everything(start: Callable[..., Demo]) -> None:
    demo = start()
    demo.wait_healthy()
    demo.children()["worker"].kill()
    assert demo.ends() == 1
    assert "worker ended by itself with code -9" in demo.printed
    assert "worker.log" in demo.printed
    assert demo.orphans() == []


def test_ctrl_c_while_it_starts_ends_it_too(start: Callable[..., Demo]) -> None:
    demo = start()
    demo.wait(lambda: (demo.var / "log" / "web.log").exists(), HEALTHY_WITHIN_S)
    demo.seen = psutil.Process(demo.process.pid).children(recursive=True)
    demo.process.send_signal(signal.SIGINT)
    assert demo.ends() == 0
    assert demo.orphans() == []
    assert "Traceback" not in demo.printed


@pytest.mark.parametrize(("first", "wanted"), [(9464, ["9464", "9465", "9466"]), (0, [None] * 3)])
def test_each_process_has_a_port_of_its_own_for_its_metrics(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: int, wanted: list[Any]
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "METRICS_PORT": first}
    monkeypatch.delenv("TUTOR_EMOTION_METRICS_PORT", raising=False)
    told: dict[str, Any] = {}

    def start(child: Child, env: Mapping[str, str], cwd: Path) -> None:
        told[child.name] = env.get("TUTOR_EMOTION_METRICS_PORT")

    monkeypatch.setattr(Child, "start", start)
    plan = Plan("127.0.0.1", 8000, ROOT, tmp_path)
    site = supervisor.Supervisor(plan, lambda _: None)
    for make in (supervisor.worker, supervisor.web, supervisor.chores):
        site._start(make(plan))
    assert list(told.values()) == wanted


# --- what it refuses ------------------------------------------------------------------------------


def test_a_busy_port_is_one_line_and_a_hint(start: Callable[..., Demo]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        demo = start(port=port)
        assert demo.ends(60) == 1
    lines = demo.printed.strip().splitlines()
    assert len(lines) == 2
    assert f"port {port} on 127.0.0.1 cannot be used" in lines[0]
    assert lines[1].startswith("hint: ")


def test_a_second_one_in_the_same_folder_is_refused(start: Callable[..., Demo]) -> None:
    first = start()
    first.wait_healthy()
    second = start(var=first.var)
    second_printed = second.ends(60), second.printed
    assert second_printed[0] == 1
    assert "already runs from" in second_printed[1]
    first.process.terminate()
    assert first.ends() == 0


def test_a_worker_that_cannot_load_says_why(start: Callable[..., Demo], tmp_path: Path) -> None:
    demo = start(TUTOR_EMOTION_RUNNER="compact", TUTOR_EMOTION_WEIGHTS=str(tmp_path / "empty"))
    assert demo.ends(HEALTHY_WITHIN_S) == 1
    assert "worker ended by itself" in demo.printed
    assert "fetch_weights" in demo.printed
