"""What a person sees while they wait: one line a step, with its time; trouble with a hint."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL_LINES = 15
STILL_EVERY_S = 15.0


class SetupError(Exception):
    """One clear line, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"error: {message}\nhint: {hint}")


def say(text: str, *, error: bool = False, end: str = "\n") -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(text + end)
    stream.flush()


class Steps:
    """Counts the steps and times each."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    @contextmanager
    def next(self, name: str, expect: str = "") -> Iterator[None]:
        self._number += 1
        head = f"[{self._number}/{self._total}] {name}"
        say(f"{head} ({expect}) …" if expect else f"{head} …", end="\n" if expect else " ")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            say("failed")
            raise
        took = f"{time.monotonic() - started:.1f} s"
        say(f"{head}: done in {took}" if expect else took)


def run(
    command: Sequence[str | Path], *, cwd: Path, log: Path, env: Mapping[str, str], hint: str
) -> None:
    """Runs a command with its output in `log`; says every 15 s that it is still at work.

    Raises:
        SetupError: with the end of the output, when the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        start = output.tell()
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(child)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
    if child.returncode:
        for line in _tail(log, start):
            say("    " + line, error=True)
        name = " ".join(Path(part).name for part in map(str, command[:2]))
        raise SetupError(f"`{name}` ended with code {child.returncode}; see {log}", hint)


def _wait(child: subprocess.Popen[bytes]) -> None:
    started = time.monotonic()
    while True:
        try:
            child.wait(timeout=STILL_EVERY_S)
        except subprocess.TimeoutExpired:
            say(f"    still at work after {time.monotonic() - started:.0f} s")
        else:
            return


def _tail(log: Path, start: int) -> list[str]:
    with log.open(errors="replace") as text:
        text.seek(start)
        return [line.rstrip() for line in deque(text, maxlen=TAIL_LINES)]


def clean_environment(**extra: str) -> dict[str, str]:
    """This environment without what would lead a child to another Python's packages."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {key: value for key, value in os.environ.items() if key not in dropped} | extra
