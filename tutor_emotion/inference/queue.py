"""The only place where media rests: one slot a learner in Redis, for seconds.

Newest wins: a Window replaces the frames of the one that still waits and keeps its undelivered
utterances (three at most, ``UTTERANCE_MAX_AGE_S`` old at most). A slot's name is a random token of
the connection; nothing in Redis says whose it is. The doorbell carries no media and no identity.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from celery import current_app
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tutor_emotion import __version__, beats, redis_url
from tutor_emotion.beats import Beat
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Window
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import schema
from tutor_emotion.inference.packing import (
    UNREADABLE,
    Refused,
    Waiting,
    pack_utterance,
    pack_window,
    unpack,
)
from tutor_emotion.inference.shared_clock import FAR_S, SharedClock
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
WAITING = "te:waiting"
ASKED = "te:asked"  # Windows of which somebody asks why
WORKERS = "te:workers"
READERS = "te:readers"  # workers with a sentence encoder
FORGOTTEN_S = 3600  # that long without a worker, and their lists go too
ASK_AGAIN_S = 5.0
TASK = "tutor_emotion.run_windows"
KEPT_UTTERANCES = 3
DOORBELL_EXPIRES_S = 2.0


def client_options() -> dict[str, Any]:
    """How this house talks to Valkey."""
    # A broker that is away must cost a Window, not the event loop's patience.
    return {
        "socket_timeout": 2.0,
        "socket_connect_timeout": 1.0,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 15,
    }


# --- the web process's side ----------------------------------------------------------------------

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()
_clock = SharedClock()


def _client() -> redis.asyncio.Redis:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = redis_url.connect_async(get_settings().REDIS_URL, **client_options())
    return _clients[loop]


def _keys(slot: str) -> tuple[str, str]:
    return f"te:window:{slot}", f"te:speech:{slot}"


async def put(slot: str, reply_to: str, window: Window, line: str = WAITING) -> None:
    """Let a Window wait in its slot, to be read, or in the line ``ASKED`` to be reasoned about.

    Raises:
        Unavailable: ``queue_unavailable``; the next Window is the retry.
    """
    try:
        await _put(slot, reply_to, window, line)
    except redis.RedisError:
        raise Unavailable("queue_unavailable", "The inference queue is away.") from None


async def _put(slot: str, reply_to: str, window: Window, line: str) -> None:
    settings = get_settings()
    head, speech = _keys(slot)
    if not _clock.known:
        _clock.heard(await _client().time())
    now_s = _clock.now()
    async with _client().pipeline(transaction=True) as pipe:
        pipe.set(head, pack_window(reply_to, window), px=int(settings.WINDOW_TTL_S * 1000))
        for utterance in window.utterances:
            pipe.rpush(speech, pack_utterance(utterance, now_s))
        if window.utterances:
            pipe.ltrim(speech, -KEPT_UTTERANCES, -1)
            pipe.pexpire(speech, int(settings.UTTERANCE_MAX_AGE_S * 1000))
        pipe.zadd(line, {slot: now_s}, nx=True)
        pipe.expire(line, 60)
        pipe.time()
        _clock.heard((await pipe.execute())[-1])


async def drop(slot: str) -> None:
    """Leave no Window of this slot waiting (stop, pause, revoked consent)."""
    try:
        async with _client().pipeline(transaction=True) as pipe:
            pipe.delete(*_keys(slot))
            pipe.zrem(WAITING, slot)
            pipe.zrem(ASKED, slot)
            await pipe.execute()
    except redis.RedisError:
        raise Unavailable("queue_unavailable", "The inference queue is away.") from None


_readers: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[float, bool]] = WeakKeyDictionary()


async def reads_text() -> bool:
    """Whether a worker is alive that can read typed messages; asked every ``ASK_AGAIN_S``.

    A broker that is away is a no.
    """
    loop = asyncio.get_running_loop()
    asked_s, answer = _readers.get(loop, (-math.inf, False))
    if loop.time() - asked_s < ASK_AGAIN_S:
        return answer
    try:
        now_s = SharedClock().heard(await _client().time())
        alive = await _client().zcount(READERS, now_s, now_s + FAR_S)
    except redis.RedisError:
        alive = 0
    _readers[loop] = loop.time(), bool(alive)
    return bool(alive)


def workers() -> list[str]:
    """Versions of the Runners that are alive now; synchronous, for health checks. Behind that of a
    worker with which this process cannot talk stands ``schema_mismatch``.

    Raises:
        Unavailable: ``queue_unavailable``.
    """
    try:
        with redis_url.connect(get_settings().REDIS_URL, **client_options()) as client:
            now_s = _now_of(client)
            alive = cast(list[bytes], client.zrangebyscore(WORKERS, now_s, now_s + FAR_S))
        schemas = {beat.name: beat.schema for beat in beats.heard().beats if beat.kind == "worker"}
    except redis.RedisError:
        raise Unavailable("queue_unavailable", "The inference queue is away.") from None
    return [_called(one.decode(), schemas) for one in alive]


def _called(one: str, schemas: Mapping[str, int]) -> str:
    name, _, version = one.partition("|")
    theirs = schemas.get(name, 0)  # a worker from before there were schemas says none
    return version if theirs == schema.SCHEMA else f"{version} schema_mismatch:{theirs}"


def _now_of(client: redis.Redis) -> float:
    return SharedClock().heard(client.time())


class Doorbell:
    """Tells the workers that there is work; at most one ring of this process is under way.

    Celery's publish blocks (seconds, when the broker is away), so it never runs on the event loop.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")
        self._ringing = False
        self._again = False

    def ring(self) -> None:
        if self._ringing:
            self._again = True
            return
        self._ringing = True
        future = asyncio.get_running_loop().run_in_executor(self._thread, _send_doorbell)
        future.add_done_callback(self._rung)

    def _rung(self, _: asyncio.Future[None]) -> None:
        self._ringing = False
        if self._again:
            self._again = False
            self.ring()


def _send_doorbell() -> None:
    # What Kombu knows of a transport comes under a name of its own; the rest comes as it is: also
    # what a broker refuses because it is full.
    broker = current_app.connection_for_write()
    lost = (*broker.connection_errors, *broker.channel_errors, KombuError, OSError)
    try:
        current_app.send_task(
            TASK,
            queue=get_settings().QUEUE,
            expires=DOORBELL_EXPIRES_S,
            ignore_result=True,
            retry=False,
        )
    except lost:
        metrics.DOORBELLS.labels(what="lost").inc()
        return  # the next Window rings again
    metrics.DOORBELLS.labels(what="rung").inc()


doorbell = Doorbell()

# --- the worker's side ----------------------------------------------------------------------------


class Slots:
    """What a worker takes from: synchronous, one client for its lifetime."""

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
            head_key, speech_key = _keys(slot)
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

    def beat(self, name: str, version: str, alive_s: float, *, reads_text: bool = False) -> None:
        """Say that this worker lives, for ``alive_s`` more seconds, and whether it reads text."""
        now = _now_of(self._redis)
        up_s = time.monotonic() - self._since_s
        beat = Beat("worker", name, __version__, schema.SCHEMA, up_s, now, now + alive_s, version)
        pipe = self._redis.pipeline(transaction=True)
        pipe.zadd(WORKERS, {f"{name}|{version}": now + alive_s})
        pipe.zremrangebyscore(WORKERS, "-inf", now)
        if reads_text:
            pipe.zadd(READERS, {name: now + alive_s})
        pipe.zremrangebyscore(READERS, "-inf", now)
        for key in (WORKERS, READERS):
            pipe.expire(key, FORGOTTEN_S)
        beats.put(pipe, beat)
        pipe.execute()

    def goodbye(self, name: str, version: str) -> None:
        """This worker ends in order: nobody waits for it, nor misses it."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(WORKERS, f"{name}|{version}")
        pipe.zrem(READERS, name)
        beats.remove(pipe, "worker", name)
        pipe.execute()
