"""What the site's processes hold, looked at from outside and asked from inside."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import psutil
import redis

from tests.load.processes import MIB, of_port

ANSWER_LIMIT_S, LOOK_S = 8.0, 0.05
LASTS = -1  # the time to live of a key that has none
ROLES = ("web", "worker")
Phase: TypeAlias = Literal["warm", "rest", "run"]


@dataclass(frozen=True, slots=True)
class Held:
    """One process. MiB; ``tasks`` of asyncio, ``blocks`` of Python's allocator, and what C's has
    given out and keeps free: None where the process did not answer in time."""

    rss_mib: float
    uss_mib: float
    threads: int
    files: int
    children: int
    tasks: int | None = None
    blocks: int | None = None
    malloc_used_mib: float | None = None
    malloc_free_mib: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """All of them at one time. ``minute`` counts from the start, ``load`` is the load average.

    ``keys`` are Valkey's; ``lasting`` those of them that do not expire by themselves.
    """

    minute: float
    phase: Phase
    present: int
    load: float
    processes: Mapping[str, Held]
    keys: int
    lasting: tuple[str, ...]
    valkey_mib: float
    types: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As JSON, without the objects by type."""
        row = asdict(self)
        row.pop("types")
        return row | {"lasting": len(self.lasting)}


class Sampler:
    """Of the processes that serve ``port``; ``asked`` is the folder of their answers."""

    def __init__(self, port: int, redis_url: str, asked: Path) -> None:
        found = of_port(port)
        self._processes = {role: found[role] for role in ROLES}
        self._valkey = redis.Redis.from_url(redis_url)
        self._asked = asked
        self._began = time.monotonic()

    @property
    def minute(self) -> float:
        return (time.monotonic() - self._began) / 60

    def sample(self, phase: Phase, present: int, *, count: bool = False) -> Sample:
        """``count``: the processes collect their garbage first, and count objects by type."""
        held, types = dict[str, Held](), dict[str, Mapping[str, int]]()
        for role, process in self._processes.items():
            said = self._ask(process.pid, signal.SIGRTMIN if count else signal.SIGUSR2)
            types[role] = said.pop("types", {})
            held[role] = _weigh(process, said)
        memory = self._valkey.info("memory")
        return Sample(
            round(self.minute, 3),
            phase,
            present,
            os.getloadavg()[0],
            held,
            int(self._valkey.dbsize()),
            tuple(self._lasting()),
            round(memory["used_memory"] / MIB, 2),
            types,
        )

    def _lasting(self) -> Iterator[str]:
        for key in sorted(self._valkey.scan_iter(count=1000)):
            if self._valkey.ttl(key) == LASTS:
                yield key.decode(errors="replace")

    def _ask(self, pid: int, number: int) -> dict[str, Any]:
        answer, asked_at = self._asked / f"{pid}.json", time.time()
        os.kill(pid, number)
        end = time.monotonic() + ANSWER_LIMIT_S
        while time.monotonic() < end:
            if answer.exists() and (said := json.loads(answer.read_text()))["at"] >= asked_at:
                said.pop("at")
                return dict(said)
            time.sleep(LOOK_S)
        return {}


def _weigh(process: psutil.Process, said: Mapping[str, Any]) -> Held:
    with process.oneshot():
        memory = process.memory_full_info()
        return Held(
            rss_mib=round(memory.rss / MIB, 2),
            uss_mib=round(memory.uss / MIB, 2),
            threads=process.num_threads(),
            files=process.num_fds(),
            children=len(process.children(recursive=True)),
            **said,
        )
