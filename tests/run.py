"""``make test``: every test, in four runs of pytest, and one last line with the sum.

Four, because a browser's driver keeps an event loop running that the asynchronous tests cannot
share a process with, because what touches the database is run on PostgreSQL as well, and because
the admin is one in django-unfold and another in Django's own dress.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
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

RUNS = (
    Run("all but the browser", ("-m", "not e2e")),
    Run(
        "on PostgreSQL",
        (
            *("-m", "not e2e", "tests/site", "tests/live", "tests/lessons"),
            *(f"--ignore=tests/site/test_{name}.py" for name in OWN_DATABASE),
        ),
        {"TEST_DATABASE": "postgres"},
    ),
    Run(
        "the admin without a theme",
        ("--ds=tests.plain_admin", *ADMIN),
    ),
    # Playwright's synchronous interface runs a loop in the thread of the test.
    Run("the browser", ("-m", "e2e"), {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}),
)


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=ROOT)
    REPORTS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    total = {"passed": 0, "failed": 0, "skipped": 0}
    failed_runs = []
    for run in RUNS:
        sys.stdout.write(f"\n===== {run.name} =====\n")
        sys.stdout.flush()
        report = REPORTS / f"{run.name.replace(' ', '-')}.xml"
        report.unlink(missing_ok=True)
        code = _pytest(run, report)
        if code:
            failed_runs.append(f"{run.name} ({'no tests' if code == NO_TESTS else f'exit {code}'})")
        for outcome, count in _counts(report).items():
            total[outcome] += count
    sys.stdout.write(f"\n{time.monotonic() - started:.0f} s in all")
    sys.stdout.write(f"; not green: {', '.join(failed_runs)}\n" if failed_runs else "\n")
    sys.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in total.items()) + "\n")
    return 1 if failed_runs else 0


def _pytest(run: Run, report: Path) -> int:
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report}", "-q", *run.arguments]
    return subprocess.call(command, cwd=ROOT, env=os.environ | run.env, stdin=subprocess.DEVNULL)


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
