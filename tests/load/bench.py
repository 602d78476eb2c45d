"""``make bench``: what this machine carries, and what each part of it costs.

Starts the demonstration twice (the second on the first's data), weighs it when idle, sends ever
more real learners until they are read too late, takes a profile, and measures parts alone. Writes
``bench/result.json`` and ``bench/capacity.png``; the last line of its output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from tests.load import bench_line, bench_report, brokering, capacity, ingest, profiles
from tests.load.processes import Watch, cpu_s
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
START_LIMIT_S = 180.0


@dataclass(frozen=True)
class Form:
    """How much is measured."""

    steps: tuple[int, ...]
    step_s: float
    idle_s: float
    profile_s: float
    profiled: int
    twice: bool
    parts: bool


WHOLE = Form((1, 4, 8, 12, 16, 20, 24, 28, 32, 40), 10.0, 10.0, 12.0, 12, twice=True, parts=True)
SHORT = Form((1, 3), 4.0, 3.0, 4.0, 3, twice=False, parts=False)


@contextmanager
def demonstration(port: int) -> Iterator[float]:
    """A running demonstration; gives the seconds from its start to healthy."""
    command = [sys.executable, "manage.py", "run_demo", "--port", str(port)]
    printed = BENCH / "run.log"
    started = time.monotonic()
    with printed.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while "is ready" not in printed.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() - started > START_LIMIT_S:
                raise SystemExit(printed.read_text(errors="replace"))
            time.sleep(0.05)
        yield time.monotonic() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def idle(site: capacity.Site, seconds: float) -> dict[str, Any]:
    """Memory (MiB) and share of a core of each process when nobody learns."""
    with Watch(site.processes) as watch:
        time.sleep(seconds)
    return watch.report()


def profile(site: capacity.Site, form: Form, count: int) -> dict[str, Any]:
    """Processor seconds by part of web and worker, with learners; Valkey's as a whole."""
    valkey = site.processes["valkey"]

    def record() -> dict[str, Any]:
        before = cpu_s(valkey)
        spied = {role: site.processes[role] for role in ("web", "worker")}
        found = profiles.record(spied, form.profile_s)
        return {"profile": {**found, "valkey": {"Valkey": cpu_s(valkey) - before}}}

    whole = capacity.step(site, count, form.profile_s, record)
    return {"profiled": count, "profile": whole["profile"]}


def program(module: str, **environment: str) -> dict[str, Any]:
    """What a program of ours prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{module} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def push(site: capacity.Site) -> dict[str, Any]:
    """The worker's push alone, to the demonstration's own Valkey."""
    return program(
        "tests.load.pushing",
        REDIS_URL=brokering.url_of(site.processes["web"]),
        DJANGO_SETTINGS_MODULE="tutor_emotion.demo.settings",
    )


def receiving() -> dict[str, Any]:
    """The web process's receiving beside a stock receiver's, and of forty streams on one core."""
    own = 0 if (os.cpu_count() or 1) > 1 else None
    return ingest.measure(steps=(10, 20, 30, 40), core=own)


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "load": [round(x, 2) for x in psutil.getloadavg()],
        "at": time.strftime("%Y-%m-%d %H:%M"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def say(doing: str) -> None:
    """What is measured now, to whoever waits; the result alone goes to standard output."""
    sys.stderr.write(f"{doing}\n")
    sys.stderr.flush()


def keep(result: dict[str, Any]) -> None:
    (BENCH / "result.json").write_text(json.dumps(result, indent=2) + "\n")


def measure(form: Form) -> dict[str, Any]:
    """Everything, in the order in which it disturbs the least."""
    result: dict[str, Any] = {"machine": machine()}
    port = free_port()
    first = free_port()
    os.environ["TUTOR_EMOTION_METRICS_PORT"] = str(first)
    site = capacity.Site(f"http://127.0.0.1:{port}", BENCH / "var", (first, first + 1))
    say("[1/6] Starting the demonstration …")
    if form.twice:
        with demonstration(port) as first_s:
            result["start_s"] = {"first": round(first_s, 2)}
    with demonstration(port) as again_s:
        result["start_s"] = {**result.get("start_s", {}), "again": round(again_s, 2)}
        say("[2/6] Weighing it while nobody learns, and the worker's push alone …")
        result["idle"] = idle(site, form.idle_s)
        result["push"] = push(site)
        say("[3/6] Ever more learners at once …")
        result["climb"] = capacity.climb(
            site, form.steps, form.step_s, lambda step: say(bench_report.step_line(step))
        )
        say("      … and twelve without camera and microphone")
        result["camera_free"] = capacity.step(site, form.profiled, form.step_s, media=False)
        best = bench_line.carried(result["climb"])
        count = min(form.profiled, best["count"] if best else 1)
        say(f"[4/6] A profile with {count} learners …")
        result |= profile(site, form, count)
    keep(result)  # minutes of work, whatever becomes of the rest
    if form.parts:
        say("[5/6] Receiving alone, beside a stock receiver …")
        result["ingest"] = receiving()
        say("[6/6] The nets against LiteRT …")
        result["nets"] = program("tutor_emotion.nets.bench")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute, for a first look")
    parser.add_argument("--steps", help="learners at once, as in 1,4,8 (a passed step goes on)")
    chosen = parser.parse_args()
    form = SHORT if chosen.short else WHOLE
    if chosen.steps:
        form = replace(form, steps=tuple(int(step) for step in chosen.steps.split(",")))
    BENCH.mkdir(exist_ok=True)
    # Its own database: simulated learners are made in it. The simulator's process reads this too.
    os.environ["TUTOR_EMOTION_VAR"] = str(BENCH / "var")
    begun = time.monotonic()
    result = measure(form)
    result["took_s"] = round(time.monotonic() - begun)
    result["line"] = bench_line.line(result)
    keep(result)
    bench_report.draw(result, BENCH / "capacity.png")
    sys.stdout.write(bench_report.tables(result))
    sys.stdout.write(json.dumps(result["line"]) + "\n")


if __name__ == "__main__":
    main()
