"""Whose processor time it was: py-spy's stacks say the shares, the kernel each thread's seconds.

A profiler's samples alone mislead: a thread that waits for a lock or a packet looks busy to it. So
samples only share out, within threads of one name, what the kernel says that they used.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psutil

RATE_HZ = 50
UNKNOWN = "unattributed"
LOOP = "event loop"
_HEAD = re.compile(r"^thread \((\d+)\)(?:: (.*))?$")
_FRAME = re.compile(r"^(.*) \((.*?)(?::\d+)?\)$")


class Stack(NamedTuple):
    """One line of py-spy's raw format: outermost frame first, as ``function (path:line)``."""

    thread: int
    name: str
    frames: tuple[str, ...]
    samples: int


@dataclass(frozen=True)
class Table:
    """Rows are ``path`` or ``path::function``; the longest that fits decides."""

    parts: Mapping[str, str]
    waits: frozenset[str]
    loops: frozenset[str]
    pools: tuple[str, ...]

    def part(self, frames: Iterable[str]) -> str:
        """Of the innermost frame that is known; ``unattributed`` where none is."""
        for frame in reversed(tuple(frames)):
            row = _longest(frame, self.parts)
            if row is not None:
                return self.parts[row]
        return UNKNOWN

    def waits_in(self, frame: str) -> bool:
        return _longest(frame, self.waits) is not None

    def loops_in(self, frame: str) -> bool:
        return _longest(frame, self.loops) is not None


@cache
def table() -> Table:
    rows = tomllib.loads(Path(__file__).with_name("parts.toml").read_text(encoding="utf-8"))
    parts = {row: part for part, of_it in rows["parts"].items() for row in of_it}
    return Table(parts, frozenset(rows["waits"]), frozenset(rows["loops"]), tuple(rows["pools"]))


def _longest(frame: str, rows: Iterable[str]) -> str | None:
    known = _FRAME.match(frame)
    function, path = known.groups() if known else (frame, "")
    return max((row for row in rows if _fits(row, path, function)), key=len, default=None)


def _fits(row: str, path: str, function: str) -> bool:
    place, _, name = row.partition("::")
    here = path == place or path.startswith(f"{place}/")
    return here and (not name or function == name or function.startswith(f"{name}."))


def parse(raw: str) -> list[Stack]:
    """Lines that are no stack of a thread are passed over (a torn last line)."""
    return [stack for line in raw.splitlines() if (stack := _stack(line)) is not None]


def _stack(line: str) -> Stack | None:
    text, _, count = line.rpartition(" ")
    head, *frames = text.split(";")
    thread = _HEAD.match(head)
    if thread is None or not count.isdigit():
        return None
    return Stack(int(thread[1]), thread[2] or "", tuple(frames), int(count))


def split(
    stacks: Iterable[Stack], cpu_s: Mapping[int, float], every_s: float, known: Table | None = None
) -> dict[str, float]:
    """Processor seconds by part.

    Args:
        stacks: what a profiler saw, with threads that idle.
        cpu_s: what each thread of the process truly used meanwhile; also those without a stack.
        every_s: seconds between two samples of a thread.
        known: which part a stack belongs to.
    """
    known = known or table()
    shares: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names: dict[int, str] = {}
    loops: set[str] = set()
    for stack in stacks:
        group = re.sub(r"[-_]?\d+", "", stack.name) or str(stack.thread)
        names[stack.thread] = group
        inner = stack.frames[-1] if stack.frames else ""
        if known.loops_in(inner):
            loops.add(group)
        elif not known.waits_in(inner):
            shares[group][known.part(stack.frames)] += stack.samples
    used: Counter[str] = Counter()
    for thread, seconds in cpu_s.items():
        used[names.get(thread, "")] += seconds  # type: ignore[assignment]
    out: Counter[str] = Counter()
    for group, seconds in used.items():
        if group:
            out.update(_shared_out(shares[group], seconds, every_s, loop=group in loops))
    _give_pools(out, used[""], known.pools)
    return {part: seconds for part, seconds in out.items() if seconds > 0}


def _shared_out(
    samples: Counter[str], seconds: float, every_s: float, *, loop: bool
) -> dict[str, float]:
    total = samples.total()
    seen_s = total * every_s
    # What a loop in C does itself has no frame; what is left of its thread's time is that.
    own_s = max(0.0, seconds - seen_s) if loop else 0.0
    if not total:
        return {LOOP if loop else UNKNOWN: seconds}
    scale = (seconds - own_s) / total
    return {**{part: n * scale for part, n in samples.items()}, **({LOOP: own_s} if loop else {})}


def _give_pools(out: Counter[str], seconds: float, pools: Iterable[str]) -> None:
    """Threads without a Python stack belong to the libraries that start such threads."""
    owners = {part: out[part] for part in pools if out[part] > 0}
    whole = sum(owners.values())
    for part, own in owners.items():
        out[part] += seconds * own / whole  # type: ignore[assignment]
    if not owners:
        out[UNKNOWN] += seconds  # type: ignore[assignment]


def record(processes: Mapping[str, psutil.Process], seconds: float) -> dict[str, dict[str, float]]:
    """Processor seconds by part of each process, all sampled at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        files = {role: Path(folder) / f"{role}.raw" for role in processes}
        before = {role: _threads(process) for role, process in processes.items()}
        begun = time.monotonic()
        running = [
            subprocess.Popen(
                _command(process.pid, seconds, files[role]),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for role, process in processes.items()
        ]
        said = [spy.communicate(timeout=seconds + 60)[1].decode() for spy in running]
        wall_s = time.monotonic() - begun
        after = {role: _threads(process) for role, process in processes.items()}
        for spy, words in zip(running, said, strict=True):
            if spy.returncode:
                raise SystemExit(f"py-spy ended with {spy.returncode}: {words.strip()[-400:]}")
        return {
            role: _split_of(parse(files[role].read_text()), before[role], after[role], wall_s)
            for role in processes
        }


def _split_of(
    stacks: list[Stack], before: Mapping[int, float], after: Mapping[int, float], wall_s: float
) -> dict[str, float]:
    used = {thread: s - before.get(thread, 0.0) for thread, s in after.items()}
    instants = Counter[int]()
    for stack in stacks:
        instants[stack.thread] += stack.samples
    most = max(instants.values(), default=1)
    return split(stacks, used, wall_s / most)


def _threads(process: psutil.Process) -> dict[int, float]:
    return {thread.id: thread.user_time + thread.system_time for thread in process.threads()}


def _command(pid: int, seconds: float, file: Path) -> list[str]:
    spy = str(Path(sys.executable).with_name("py-spy"))
    return [
        *(spy, "record", "--pid", str(pid), "--duration", str(max(1, round(seconds)))),
        *("--rate", str(RATE_HZ), "--format", "raw", "--threads", "--idle", "--function"),
        *("--output", str(file)),
    ]
