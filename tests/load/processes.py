"""Memory and processor time of the demonstration's processes, found by the port they serve."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

import psutil

ROLES = {"web": "uvicorn", "worker": "celery", "valkey": "valkey"}
MIB = 2**20


def of_port(port: int) -> dict[str, psutil.Process]:
    """The web server that listens on ``port``, and its siblings, by their role."""
    for connection in psutil.net_connections(kind="tcp"):
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.pid and connection.laddr and connection.laddr.port == port:
            return _siblings(psutil.Process(connection.pid))
    return {}


def _siblings(web: psutil.Process) -> dict[str, psutil.Process]:
    found = {"web": web}
    parent = web.parent()
    for process in parent.children(recursive=True) if parent else []:
        line = " ".join(process.cmdline())
        for role, word in ROLES.items():
            if word in line:
                found.setdefault(role, process)
    return found


@dataclass
class Usage:
    """One process: MiB of memory that it holds (RSS) over time, and share of one core."""

    rss_mib: list[float] = field(default_factory=list)
    cpu_s: float = 0.0

    def row(self, wall_s: float) -> dict[str, float]:
        return {
            "first_mib": round(self.rss_mib[0], 1),
            "peak_mib": round(max(self.rss_mib), 1),
            "last_mib": round(self.rss_mib[-1], 1),
            "cpu": round(self.cpu_s / wall_s, 3),
        }


class Watch:
    """``with Watch(of_port(8000)) as watch: …`` then ``watch.report()``."""

    def __init__(self, processes: dict[str, psutil.Process], every_s: float = 1.0) -> None:
        self._processes = processes
        self._every_s = every_s
        self._usage = {role: Usage() for role in processes}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._wall_s = 0.0

    def __enter__(self) -> Watch:
        self._begun = time.monotonic()
        self._cpu = {role: cpu_s(process) for role, process in self._processes.items()}
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._sample()
        self._wall_s = time.monotonic() - self._begun
        for role, process in self._processes.items():
            self._usage[role].cpu_s = cpu_s(process) - self._cpu[role]

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self._sample()

    def _sample(self) -> None:
        for role, process in self._processes.items():
            self._usage[role].rss_mib.append(process.memory_info().rss / MIB)

    def report(self) -> dict[str, dict[str, float]]:
        return {role: usage.row(self._wall_s) for role, usage in self._usage.items()}


def cpu_s(process: psutil.Process) -> float:
    """Processor seconds that it used since it began."""
    times = process.cpu_times()
    return float(times.user + times.system)
