"""``make test``: every test, in several runs of pytest, and one last line with the sum.

Several, because a browser's driver keeps an event loop running that the asynchronous tests cannot
share a process with, because what touches the database is run on PostgreSQL as well, and because
the admin is one in django-unfold and another in Django's own dress. They go in lanes side by side:
much of a test's time is waiting for processes, and each run has servers and folders of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "var" / "test"
NO_TESTS = 5  # pytest's exit code


@dataclass(frozen=True)
class Run:
    name: str
    arguments: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


# These start programs that have a database of their own.
OWN_DATABASE = ("run", "docker", "startproject", "bootstrap")

_ADMIN = ("admin", "classes_admin", "experiment_admin", "history", "lexicon", "what_if")
ADMIN = (*(f"tests/site/test_{name}.py" for name in _ADMIN), "tests/lessons/test_writing.py")

# What starts no site.
PURE = tuple(
    f"tests/{name}" for name in ("core", "evaluation", "media", "nets", "simulate", "training")
)
# The first is printed as it goes, the others run by run. Each lane takes about as long.
LANES = (
    (
        Run(
            "the site and its processes",
            ("-m", "not e2e and not soak", *(f"--ignore={folder}" for folder in PURE)),
        ),
    ),
    (
        # Playwright's synchronous interface runs a loop in the thread of the test.
        Run("the browser", ("-m", "e2e"), {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}),
        Run(
            "on PostgreSQL",
            (
                *("-m", "not e2e", "tests/site", "tests/live", "tests/lessons", "tests/growth"),
                *(f"--ignore=tests/site/test_{name}.py" for name in OWN_DATABASE),
            ),
            {"TEST_DATABASE": "postgres"},
        ),
        Run("the admin without a theme", ("--ds=tests.plain_admin", *ADMIN)),
    ),
    (
        Run("five minutes of six learners", ("-m", "soak", "tests/load")),
        Run("engine, media, nets", PURE),
    ),
)

_printing = threading.Lock()


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=ROOT)
    REPORTS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with ThreadPoolExecutor(len(LANES)) as pool:
        lanes = [pool.submit(_lane, lane, shown=not index) for index, lane in enumerate(LANES)]
        ended = [pair for lane in lanes for pair in lane.result()]
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for run, _ in ended:
        for outcome, count in _counts(_report(run)).items():
            total[outcome] += count
    bad = [
        f"{run.name} ({'no tests' if code == NO_TESTS else f'exit {code}'})"
        for run, code in ended
        if code
    ]
    sys.stdout.write(f"\n{time.monotonic() - started:.0f} s in all")
    sys.stdout.write(f"; not green: {', '.join(bad)}\n" if bad else "\n")
    sys.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in total.items()) + "\n")
    return 1 if bad else 0


def _lane(runs: tuple[Run, ...], *, shown: bool) -> list[tuple[Run, int]]:
    return [(run, _pytest(run, shown=shown)) for run in runs]


def _report(run: Run) -> Path:
    return REPORTS / f"{run.name.replace(' ', '-')}.xml"


def _pytest(run: Run, *, shown: bool) -> int:
    _report(run).unlink(missing_ok=True)
    head = f"\n===== {run.name} =====\n"
    _print(head if shown else f"\n===== {run.name}: begun beside it, printed at its end =====\n")
    command = [sys.executable, "-m", "pytest", f"--junit-xml={_report(run)}", "-q", *run.arguments]
    kept = [head]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | run.env | {"PYTHONUNBUFFERED": "1"},  # or its dots come by the kilobyte
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if shown:
                _print(line)
            else:
                kept.append(line)
    if not shown:
        _print("".join(kept))
    return process.returncode


def _print(text: str) -> None:
    with _printing:
        sys.stdout.write(text)
        sys.stdout.flush()


def _counts(report: Path) -> dict[str, int]:
    """Tests of a JUnit report by outcome; an error in a fixture is a failure."""
    if not report.exists():
        return {}
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    passed = max(0, count["tests"] - failed - count["skipped"])
    return {"passed": passed, "failed": failed, "skipped": count["skipped"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
