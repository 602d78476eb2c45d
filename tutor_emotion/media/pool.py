"""The few threads in which media is decoded, faces are cropped and speech is found, for all.

FFmpeg, LiteRT, ONNX Runtime and OpenCV release the GIL, so threads do. A track has no thread of its
own: forty learners would be eighty of them, each woken for every packet.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache

from tutor_emotion import core_dumps, faults

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def media_pool() -> ThreadPoolExecutor:
    """One pool for the process, made when the first learner needs it."""
    core_dumps.forbid()
    threads = min(4, os.cpu_count() or 1)
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix="tutor-media")


class Strand:
    """One track's turn in the pool: ``work`` runs after each ``wake``, and never twice at once.

    What ``work`` raises is noted and ends that turn only.
    """

    def __init__(self, pool: Executor, work: Callable[[], None]) -> None:
        self._pool = pool
        self._work = work
        self._lock = threading.Lock()
        self._running = False
        self._again = False

    @property
    def busy(self) -> bool:
        return self._running

    def wake(self) -> None:
        """There is something to do. From any thread."""
        with self._lock:
            self._again = True
            if self._running:
                return
            self._running = True
        try:
            self._pool.submit(self._run)
        except RuntimeError:  # the process ends, and its pool has
            self._running = False

    def _run(self) -> None:
        while self._goes_on():
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 the next turn must come
                faults.note(logger, "a turn of a track", error)

    def _goes_on(self) -> bool:
        with self._lock:
            self._running, self._again = self._again, False
            return self._running
