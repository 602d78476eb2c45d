"""The only place where media rests: one slot a learner in Redis, for seconds.

Newest wins: a Window replaces the frames of the one that still waits and keeps its undelivered
utterances (three at most, ``UTTERANCE_MAX_AGE_S`` old at most). A slot's name is a random token of
the connection; nothing in Redis says whose it is. The doorbell carries no media and no identity.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Any, cast
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from tutor_emotion import beats, redis_url
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Window
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import schema
from tutor_emotion.inference.doorbell import ASK_AGAIN_S, Doorbell
from tutor_emotion.inference.packing import (
    pack_utterance,
    pack_window,
)
from tutor_emotion.inference.shared_clock import FAR_S, SharedClock

log = logging.getLogger(__name__)
WAITING = "te:waiting"
ASKED = "te:asked"  # Windows of which somebody asks why
WORKERS = "te:workers"
GPU_WORKERS = "te:workers:gpu"  # those of them that serve GPU_QUEUE
READERS = "te:readers"  # workers with a sentence encoder
KEPT_UTTERANCES = 3


def client_options() -> dict[str, Any]:
    """How this house talks to Valkey."""
    # A broker that is away must cost a Window, not the event loop's patience.
    return {
        "socket_timeout": 2.0,
        "socket_connect_timeout": 1.0,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 15,
    }


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()
_clock = SharedClock()


def _client() -> redis.asyncio.Redis:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = redis_url.connect_async(get_settings().REDIS_URL, **client_options())
    return _clients[loop]


def keys_of(slot: str) -> tuple[str, str]:
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
    head, speech = keys_of(slot)
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
        pipe.zcount(WORKERS, now_s, now_s + FAR_S)
        pipe.zcount(GPU_WORKERS, now_s, now_s + FAR_S)
        pipe.time()
        *_, alive, on_gpus, time_now = await pipe.execute()
    doorbell.hear(alive, on_gpus)
    _clock.heard(time_now)


async def drop(slot: str) -> None:
    """Leave no Window of this slot waiting (stop, pause, revoked consent)."""
    try:
        async with _client().pipeline(transaction=True) as pipe:
            pipe.delete(*keys_of(slot))
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


async def waited_s() -> float | None:
    """How long the first Window in the line has waited; None where none does, or nobody knows."""
    try:
        async with _client().pipeline(transaction=True) as pipe:
            pipe.zrange(WAITING, 0, 0, withscores=True)
            pipe.time()
            first, time_now = await pipe.execute()
    except redis.RedisError:
        return None
    now_s = _clock.heard(time_now)
    return now_s - first[0][1] if first else None


doorbell = Doorbell(waited_s)
