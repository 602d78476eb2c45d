"""The last faults of all processes of a site, for its operator: a short list in Valkey.

Only what ``faults.Fault`` has: numbers, codes, types and lines; nobody's name, nothing that was
written. It is bounded, and gone by itself. Whoever meets a fault never waits for Valkey: a thread
writes, and what was met while Valkey was away is written when it is back.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import socket
import threading
import time
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

import redis

from tutor_emotion import faults, redis_url
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.faults import Fault

KEY = "tutor_emotion:lately"
KEPT = 50
KEPT_S = 7 * 24 * 3600
AGAIN_S = 2.0
OPTIONS = {"socket_timeout": 2.0, "socket_connect_timeout": 1.0}


@dataclass(frozen=True, slots=True)
class Lately:
    """A fault, when (Unix seconds) and in which process."""

    fault: Fault
    at_s: float
    process: str


class Writer:
    """Writes faults one after another, in a thread of its own that starts with the first one."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[str] = queue.Queue(KEPT)
        self._lock = threading.Lock()
        self._pid = 0  # a thread does not survive a fork

    def hear(self, fault: Fault) -> None:
        """Takes it, or drops it where ``KEPT`` wait already."""
        row = {**asdict(fault), "at_s": time.time(), "process": process_name()}
        try:
            self._waiting.put_nowait(json.dumps(row))
        except queue.Full:
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._write, name="lately", daemon=True).start()

    def _write(self) -> None:
        while True:
            row = self._waiting.get()
            while not self._written(row):
                time.sleep(AGAIN_S)
            self._waiting.task_done()

    def flush(self, limit_s: float = 1.0) -> None:
        """Let what waits be written, where that is quickly done: the process ends."""
        end_s = time.monotonic() + limit_s
        while self._waiting.unfinished_tasks and time.monotonic() < end_s:
            time.sleep(0.02)

    @staticmethod
    def _written(row: str) -> bool:
        try:
            with redis_url.connect(get_settings().REDIS_URL, **OPTIONS) as client:
                pipe = client.pipeline(transaction=True)
                pipe.lpush(KEY, row)
                pipe.ltrim(KEY, 0, KEPT - 1)
                pipe.expire(KEY, KEPT_S)
                pipe.execute()
        except (redis.RedisError, OSError):
            return False
        return True


_writer = Writer()


def connect() -> None:
    """Hear of every fault of this process from now on."""
    if _writer.hear not in faults.hearers:
        faults.hearers.append(_writer.hear)
        atexit.register(_writer.flush)


def process_name() -> str:
    """By which a process of this site is called everywhere: its host's name and its number."""
    return f"{socket.gethostname()}-{os.getpid()}"


def last() -> list[Lately]:
    """The newest first.

    Raises:
        Unavailable: ``queue_unavailable``.
    """
    try:
        with redis_url.connect(get_settings().REDIS_URL, **OPTIONS) as client:
            rows = cast(list[bytes], client.lrange(KEY, 0, KEPT - 1))
    except (redis.RedisError, OSError):
        raise Unavailable("queue_unavailable", "The inference queue is away.") from None
    return [_read(json.loads(row)) for row in rows]


def _read(row: dict[str, Any]) -> Lately:
    """One row; of another version's, what we know."""
    known = {f.name: row.get(f.name, "") for f in fields(Fault)}
    return Lately(Fault(**known), float(row["at_s"]), str(row["process"]))
