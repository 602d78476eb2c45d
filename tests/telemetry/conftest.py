"""One real site for all of these: Valkey, a web process, a worker, and a learner who was there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import media_files
from tests.telemetry.receiver import Receiver
from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan, Supervisor
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 7
BROWSER = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"  # as a page makes one for each event
# Three misses, a word to the tutor and a tap: each kind of thing that a lesson says.
ACTS = (
    {"after_s": 0.2, "type": "step_shown", "step": "s1", "skill": "halves", "expected_s": 20},
    *(
        {"after_s": 1.0 + n, "type": "answer", "step": "s1", "skill": "halves", "correct": False,
         "took_s": 20.0, "answer": "Ada's secret answer",
         **({"traceparent": BROWSER} if n == 2 else {})}
        for n in range(3)
    ),
    {"after_s": 4.2, "type": "text", "text": "Ada wrote this"},
    {"after_s": 4.5, "type": "self_report", "feeling": "stuck"},
)  # fmt: skip


PREPARE = """
from django.core.management import call_command
for command in (["migrate", "--verbosity", "0"], ["seed_demo"], ["prune"], ["verify_ledger"]):
    call_command(*command)
"""


class _Site(Supervisor):
    """Each process has its own port for the scrape, as each container has."""

    def __init__(self, plan: Plan, env: dict[str, str]) -> None:
        super().__init__(plan, lambda _: None)
        self._env = env
        self.ports = {"web": free_port(), "worker": free_port()}

    def _start(self, child: Child) -> None:
        self.children.append(child)
        port = str(self.ports.get(child.name, 0))
        child.start(self._env | {"TUTOR_EMOTION_METRICS_PORT": port}, self.plan.root)


@dataclass(frozen=True)
class Seen:
    """What was left behind: the scrape of each process, its log, and the traces."""

    scrapes: dict[str, str]
    logs: dict[str, str]
    receiver: Receiver


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    var = tmp_path_factory.mktemp("telemetry")
    with Receiver.listening() as receiver:
        env = {k: v for k, v in os.environ.items() if k != "REDIS_URL"} | {
            "DJANGO_SETTINGS_MODULE": "tutor_emotion.demo.settings",
            "TUTOR_EMOTION_VAR": str(var),
            "TUTOR_EMOTION_WEIGHTS": str(ROOT / "models"),
            "TUTOR_EMOTION_RUNNER": "scripted",
            "TUTOR_EMOTION_TRACES": receiver.address,
            "TUTOR_EMOTION_TRACES_SHARE": "1",
            "LOG_FORMAT": "json",
        }
        site = _Site(Plan("127.0.0.1", free_port(), ROOT, var), env)

        def prepare() -> None:
            _manage(["shell", "-c", PREPARE], site._env)

        try:
            site.start(prepare, 90.0)
            _learner(site, var)
            scrapes = {name: _scrape(port) for name, port in site.ports.items()}
        finally:
            site.stop()
        logs = {name: (var / "log" / f"{name}.log").read_text() for name in site.ports}
        yield Seen(scrapes, logs, receiver)


def _learner(site: _Site, var: Path) -> None:
    script = var / "acts.jsonl"
    script.write_text("\n".join(json.dumps(act) for act in ACTS))
    media = ("--video", media_files.video("face"), "--audio", media_files.speech_wav())
    _manage(
        ["simulate_learner", "--json", "--url", site.plan.address, *map(str, media),
         "--answers", str(script), "--seconds", str(SECONDS)],
        site._env,
    )  # fmt: skip


def _manage(arguments: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{arguments[0]}:\n{done.stdout}{done.stderr}"


def _scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        said: bytes = answer.read()
        return said.decode()
