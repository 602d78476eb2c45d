"""What a running site carries: ever more learners, until they are read too late or not at all.

Each step is a process of ``simulate_learner``, kept to one core. What the site's processes use is
measured while all of a step's learners are there, and the sender's use apart from it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psutil
import redis

from tests import media_files
from tests.load import brokering, rows, scraped
from tests.load.processes import MIB, cpu_s, of_port
from tutor_emotion.simulate.report import CONNECTED

ROOT = Path(__file__).resolve().parents[2]
LIMIT_MS = 1500.0
# Of Windows and of packets; a Window that is on its way when its learner leaves is not lost.
LOST_SHARE = 0.01
RAMP_S, SETTLE_S, SPARE_S = 0.25, 2.0, 3.0
LEAVE_LIMIT_S = 90.0


@dataclass(frozen=True)
class Site:
    """A demonstration of this machine. ``var`` is its data, where simulated accounts are made.

    ``metrics``: the ports of its worker's and its web process's metrics.
    """

    url: str
    var: Path
    metrics: tuple[int, ...] = ()

    @cached_property
    def processes(self) -> dict[str, psutil.Process]:
        return of_port(urlsplit(self.url).port or 80)

    @cached_property
    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(brokering.url_of(self.processes["web"]))


@dataclass(frozen=True)
class Look:
    """The site at one moment."""

    at_s: float
    cpu_s: dict[str, float]
    rss_mib: dict[str, float]
    valkey: brokering.Count
    rows: Any
    faces: scraped.Faces


def look(site: Site, sender: psutil.Process) -> Look:
    processes = {**site.processes, "sender": sender}
    return Look(
        time.monotonic(),
        {role: cpu_s(process) for role, process in processes.items()},
        {role: process.memory_info().rss / MIB for role, process in processes.items()},
        brokering.count(site.valkey, site.processes),
        rows.count(site.var),
        scraped.faces(site.metrics),
    )


def step(
    site: Site,
    count: int,
    seconds: float,
    meanwhile: Callable[[], dict[str, Any]] | None = None,
    *,
    media: bool = True,
) -> dict[str, Any]:
    """``count`` learners at once, measured for ``seconds`` while all of them are there.

    Args:
        meanwhile: measures something else while they learn, once the rest was measured.
        media: with camera and microphone; without, nothing is read, so that it counts as too late.
    """
    stay_s = RAMP_S * count + SETTLE_S + seconds + SPARE_S
    stay_s += seconds + SPARE_S if meanwhile else 0.0
    with tempfile.TemporaryFile() as said, _sending(site, count, stay_s, said, media) as sending:
        _wait_until_connected(sending)
        sender = psutil.Process(sending.pid)
        time.sleep(SETTLE_S)
        before = look(site, sender)
        time.sleep(seconds)
        after = look(site, sender)
        besides = meanwhile() if meanwhile else {}
        sending.wait(stay_s + LEAVE_LIMIT_S)
        said.seek(0)
        whole = json.loads(said.read())
    return {**row(count, whole, before, after), **besides}


def _sending(
    site: Site, count: int, stay_s: float, said: IO[bytes], media: bool
) -> subprocess.Popen[bytes]:
    video, sound, script = clips()
    senses = ["--video", str(video), "--audio", str(sound)]
    command = [
        *(sys.executable, "manage.py", "simulate_learner", "--json", "--tell-connected"),
        *("--url", site.url, *(senses if media else ["--modalities", "interaction"])),
        *("--answers", str(script), "--count", str(count), "--seconds", f"{stay_s:g}"),
    ]
    sending = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"TUTOR_EMOTION_VAR": str(site.var)},
        stdout=said,
        stderr=subprocess.PIPE,
    )
    own = sender_cores()
    if own:
        psutil.Process(sending.pid).cpu_affinity(own)
    return sending


def sender_cores() -> list[int]:
    """The last core of several: the site may use all, and the sender takes of one alone."""
    cores = psutil.Process().cpu_affinity()
    return cores[-1:] if len(cores) > 1 else []


def _wait_until_connected(sending: subprocess.Popen[bytes]) -> None:
    assert sending.stderr is not None
    heard: list[str] = []
    for line in sending.stderr:
        heard.append(line.decode(errors="replace"))
        if CONNECTED in heard[-1]:
            # A pipe that nobody empties would stop the sender.
            threading.Thread(target=sending.stderr.read, daemon=True).start()
            return
    raise SystemExit("simulate_learner did not connect: " + "".join(heard[-5:]).strip())


def row(count: int, whole: dict[str, Any], before: Look, after: Look) -> dict[str, Any]:
    """One step, from what its learners saw and two looks at the site."""
    wall_s = after.at_s - before.at_s
    traffic = whole["traffic"]
    readable = whole["windows"]["face"].get("ok", 0)
    never_read = max(0, readable - whole["windows_read"] - count)
    cpu = {
        role: round((used - before.cpu_s[role]) / wall_s, 3) for role, used in after.cpu_s.items()
    }
    found = {
        "count": count,
        "connected": whole["connected"],
        "errors": whole["errors"],
        "p50_ms": whole["latency_ms"]["p50"],
        "p95_ms": whole["latency_ms"]["p95"],
        "windows": readable,
        "windows_never_read": never_read,
        "faces_read": after.faces.read_since(before.faces),
        "learner_s": traffic["seconds"],
        "frames_sent": traffic["frames"],
        "packets_sent": traffic["packets"],
        "packets_lost": traffic["lost"],
        "cpu": cpu,
        "rss_mib": {role: round(mib, 1) for role, mib in after.rss_mib.items()},
        "valkey": brokering.per_second(after.valkey.since(before.valkey), wall_s),
        "media_bytes": _each_second(traffic, "media_out_bytes", "media_in_bytes"),
        "socket_bytes": _each_second(traffic, "socket_out_bytes", "socket_in_bytes"),
        "rows": {
            name: round(more / wall_s / count, 4)
            for name, more in (after.rows - before.rows).items()
        },
        "load": round(psutil.getloadavg()[0], 1),
    }
    return {**found, "failed": failure(found)}


def _each_second(traffic: dict[str, Any], up: str, down: str) -> dict[str, int]:
    """Bytes a second and learner, from the browser and to it."""
    seconds = traffic["seconds"] or 1.0
    return {"up": round(traffic[up] / seconds), "down": round(traffic[down] / seconds)}


def failure(found: dict[str, Any]) -> str | None:
    """Why a step did not pass; None where it did."""
    if found["connected"] < found["count"] or found["errors"]:
        return "not_connected"
    if found["p95_ms"] is None or found["p95_ms"] > LIMIT_MS:
        return "too_late"
    if found["windows_never_read"] > LOST_SHARE * found["windows"]:
        return "windows_lost"
    if found["packets_lost"] > LOST_SHARE * found["packets_sent"]:
        return "packets_lost"
    return None


def climb(
    site: Site, steps: Sequence[int], seconds: float, tell: Callable[[dict[str, Any]], None]
) -> list[dict[str, Any]]:
    """Ever more learners, until a step fails; the failed one is the last row."""
    found: list[dict[str, Any]] = []
    for count in steps:
        found.append(step(site, count, seconds))
        tell(found[-1])
        if found[-1]["failed"]:
            break
    return found


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """By least squares; None of fewer than two different places."""
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return over / sum((x - mean_x) ** 2 for x, _ in points)


@lru_cache(maxsize=1)
def clips() -> tuple[Path, Path, Path]:
    """A camera, a microphone, and a lesson in which something is answered every six seconds."""
    script = media_files.folder() / "lesson.jsonl"
    script.write_text("\n".join(_lesson(600.0)), encoding="utf-8")
    return media_files.video("face", ".webm"), media_files.speech_wav(20.0), script


def _lesson(seconds: float) -> list[str]:
    lines = []
    for n in range(int(seconds / 6.0)):
        about = {"step": f"s{n}", "skill": "halves"}
        shown = {"after_s": 6.0 * n, "type": "step_shown", **about, "expected_s": 6.0}
        answer = {"after_s": 6.0 * n + 5.0, "type": "answer", **about, "took_s": 5.0}
        lines += [json.dumps(shown), json.dumps({**answer, "correct": n % 4 != 3})]
    return lines
