"""What a worker takes waiting Windows from, and where it says that it lives."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from tutor_emotion import __version__, beats, redis_url
from tutor_emotion.beats import FORGOTTEN_S, Beat
from tutor_emotion.inference import schema
from tutor_emotion.inference.packing import UNREADABLE, Refused, Waiting, unpack
from tutor_emotion.inference.queue import (
    GPU_WORKERS,
    READERS,
    WAITING,
    WORKERS,
    client_options,
    keys_of,
)
from tutor_emotion.inference.shared_clock import SharedClock
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)


class Slots:
    """Synchronous, one client for its lifetime."""

    def __init__(self, url: str) -> None:
        self._redis = redis_url.connect(url, **client_options())
        self._since_s = time.monotonic()

    def take(
        self,
        limit: int,
        line: str = WAITING,
        refuse: Callable[[Refused], None] = lambda refused: schema.tell(refused.error),
    ) -> list[Waiting]:
        """All waiting Windows up to ``limit``, longest waiting first; each is taken once. Those of
        another version go to ``refuse``."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zpopmin(line, limit)
        pipe.time()
        slots, said = pipe.execute()
        if not slots:
            return []
        now_s = SharedClock().heard(said)
        for _, since_s in slots:
            metrics.WINDOW_QUEUE_AGE.observe(max(0.0, now_s - since_s))
        taken: list[Waiting] = []
        for one in self._take_all([slot.decode() for slot, _ in slots]):
            if isinstance(one, Refused):
                refuse(one)
            elif one is not None:
                taken.append(one)
        return taken

    def _take_all(self, slots: list[str]) -> list[Waiting | Refused | None]:
        """In one round trip; the transaction leaves no half of a Window to anybody else."""
        pipe = self._redis.pipeline(transaction=True)
        for slot in slots:
            head_key, speech_key = keys_of(slot)
            pipe.getdel(head_key)
            pipe.lrange(speech_key, 0, -1)
            pipe.delete(speech_key)
        pipe.time()
        *rows, said = pipe.execute()
        now_s = SharedClock().heard(said)
        return [
            self._unpacked(head, speech, now_s)
            for head, speech in zip(rows[0::3], rows[1::3], strict=True)
        ]

    @staticmethod
    def _unpacked(
        head: bytes | None, speech: list[bytes], now_s: float
    ) -> Waiting | Refused | None:
        if not head:
            metrics.WINDOWS_UNREADABLE.labels(why="expired").inc()
            return None
        try:
            return unpack(head, speech, now_s)
        except UNREADABLE as error:
            metrics.WINDOWS_UNREADABLE.labels(why="damaged").inc()
            log.warning("a waiting Window could not be read: %s", type(error).__name__)
            return None

    def beat(
        self,
        name: str,
        version: str,
        alive_s: float,
        *,
        reads_text: bool = False,
        on_gpu: bool = False,
    ) -> None:
        """Say that this worker lives, for ``alive_s`` more seconds, whether it reads text, and
        whether it serves the GPUs' queue."""
        now = SharedClock().heard(self._redis.time())
        up_s = time.monotonic() - self._since_s
        beat = Beat("worker", name, __version__, schema.SCHEMA, up_s, now, now + alive_s, version)
        pipe = self._redis.pipeline(transaction=True)
        pipe.zadd(WORKERS, {f"{name}|{version}": now + alive_s})
        pipe.zremrangebyscore(WORKERS, "-inf", now)
        for key, is_one in ((READERS, reads_text), (GPU_WORKERS, on_gpu)):
            if is_one:
                pipe.zadd(key, {name: now + alive_s})
            pipe.zremrangebyscore(key, "-inf", now)
        for key in (WORKERS, READERS, GPU_WORKERS):
            pipe.expire(key, FORGOTTEN_S)
        beats.put(pipe, beat)
        pipe.execute()

    def goodbye(self, name: str, version: str) -> None:
        """This worker ends in order: nobody waits for it, nor misses it."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(WORKERS, f"{name}|{version}")
        for key in (READERS, GPU_WORKERS):
            pipe.zrem(key, name)
        beats.remove(pipe, "worker", name)
        pipe.execute()
