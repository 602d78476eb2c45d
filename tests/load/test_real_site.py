"""Simulated learners against the demonstration itself: real nets, real Valkey, real WebRTC."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import media_files
from tests.load.processes import of_port
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S, CLOSED_S = 90.0, 30.0
MIB = 2**20

# One demonstration for all of these; its first start loads the nets.
pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Site:
    port: int
    var: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "TUTOR_EMOTION_VAR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "tutor_emotion.demo.settings",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments]

    def simulate(self, *arguments: str) -> list[str]:
        url = f"http://127.0.0.1:{self.port}"
        media = (
            "--video",
            str(media_files.video("face")),
            "--audio",
            str(media_files.speech_wav()),
        )
        return self.command("simulate_learner", "--json", "--url", url, *media, *arguments)

    def run(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            self.simulate(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        whole: dict[str, Any] = json.loads(done.stdout)
        return whole

    def open_sessions(self) -> int:
        with closing(sqlite3.connect(self.var / "db.sqlite3", timeout=20)) as database:
            query = "SELECT count(*) FROM tutor_emotion_session WHERE ended_at IS NULL"
            return int(database.execute(query).fetchone()[0])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(free_port(), tmp_path_factory.mktemp("var"))
    printed = site.var / "run.log"
    # The tests' own Valkey must not be this one's: their queues are read by other workers.
    without = {k: v for k, v in site.environment.items() if k != "REDIS_URL"}
    with printed.open("wb") as output:
        process = subprocess.Popen(
            site.command("run_demo", "--port", str(site.port)),
            cwd=ROOT, env=without, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or "is ready" in printed.read_text(), START_S)
        assert process.poll() is None, printed.read_text()
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def wait_until(true: Callable[[], bool], seconds: float) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.1)
    return time.monotonic() - begun


def test_two_learners_are_read_within_a_second_and_a_half(site: Site) -> None:
    whole = site.run("--count", "2", "--seconds", "10")
    assert (whole["connected"], whole["lost"], whole["errors"]) == (2, 0, [])
    for learner in whole["learners"]:
        assert learner["windows"]["face"]["ok"] >= 7
        assert learner["windows"]["voice"]["ok"] >= 3
        assert learner["estimates"] >= 7
        assert learner["latency_ms"]["p95"] < 1500
    assert site.open_sessions() == 0


def test_three_misses_without_a_camera_become_a_signal(site: Site, tmp_path: Path) -> None:
    """The shipped script's end, without its two quiet minutes: signals need no worker."""
    rows: list[dict[str, Any]] = [
        {"after_s": 0.2, "type": "step_shown", "step": "s1", "skill": "halves", "expected_s": 20}
    ]
    rows += [
        {"after_s": 1.0 + n, "type": "answer", "step": "s1", "skill": "halves", "correct": False,
         "took_s": 20.0, "answer": "1/5"}
        for n in range(3)
    ]  # fmt: skip
    script = tmp_path / "misses.jsonl"
    script.write_text("\n".join(json.dumps(row) for row in rows))
    arguments = ("--answers", str(script), "--modalities", "interaction", "--seconds", "6")
    whole = site.run(*arguments)
    assert "unresolved" in {signal["kind"] for signal in whole["signals"]}
    evidence = [e for row in whole["signals"] for e in row["evidence"]]
    assert {item["modality"] for item in evidence} == {"interaction"}
    assert whole["windows"] == {"face": {}, "voice": {}}


def test_a_learner_who_is_killed_is_let_go_and_the_memory_comes_back(site: Site) -> None:
    web = of_port(site.port)["web"]
    threads, memory = web.num_threads(), web.memory_info().rss
    process = subprocess.Popen(
        site.simulate("--count", "2", "--seconds", "600"),
        cwd=ROOT, env=site.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(lambda: len(web.net_connections("udp")) >= 2, 30)  # the socket of each peer
    process.kill()
    process.wait()
    took_s = wait_until(
        lambda: (
            site.open_sessions() == 0
            and not web.net_connections("udp")
            and web.num_threads() <= threads
        ),
        CLOSED_S,
    )
    assert took_s < CLOSED_S
    assert web.memory_info().rss < memory + 48 * MIB
