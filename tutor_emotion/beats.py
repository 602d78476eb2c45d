"""Who is alive: web processes and workers say so every few seconds, in Valkey, and what they are.

A beat ends by itself; one that ended without a goodbye stays for an hour as somebody who died.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeAlias, cast

import redis

from tutor_emotion import redis_url
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference.shared_clock import SharedClock

Kind: TypeAlias = Literal["web", "worker"]
KEY = "te:beats"
BEAT_S = 3.0
ALIVE_S = 3 * BEAT_S
FORGOTTEN_S = 3600
OPTIONS = {"socket_timeout": 2.0, "socket_connect_timeout": 1.0}


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process says of itself. It is alive until ``until_s`` (Unix seconds of Valkey's clock,
    as ``at_s``) and has run for ``up_s``.

    ``schema`` is that of Windows and Readings. A worker has a ``runner``, the version of its
    models; a web process has ``sessions`` and of which ``courses`` (their number of the database),
    and counts what it ``refused`` by code since it started.
    """

    kind: Kind
    name: str
    release: str
    schema: int
    up_s: float
    at_s: float
    until_s: float
    runner: str = ""
    sessions: int = 0
    courses: Mapping[str, int] = field(default_factory=dict)
    draining: bool = False
    refused: Mapping[str, int] = field(default_factory=dict)

    def alive(self, now_s: float) -> bool:
        return self.until_s > now_s


def put(pipe: Any, beat: Beat) -> None:
    """Say this as part of a pipeline."""
    pipe.hset(KEY, _field(beat.kind, beat.name), json.dumps(asdict(beat)))
    pipe.expire(KEY, FORGOTTEN_S)


def remove(pipe: Any, kind: Kind, name: str) -> None:
    """Say goodbye: who ended in order is nobody who died."""
    pipe.hdel(KEY, _field(kind, name))


@dataclass(frozen=True, slots=True)
class Heard:
    """``beats`` of everybody who is alive at ``now_s``, or died within the hour before."""

    now_s: float
    beats: tuple[Beat, ...]

    def alive(self, kind: Kind) -> list[Beat]:
        return [beat for beat in self.beats if beat.kind == kind and beat.alive(self.now_s)]


def heard() -> Heard:
    """Web processes first, then by name.

    Raises:
        Unavailable: ``queue_unavailable``.
    """
    try:
        with redis_url.connect(get_settings().REDIS_URL, **OPTIONS) as client:
            now_s = SharedClock().heard(client.time())
            rows = cast(dict[bytes, bytes], client.hgetall(KEY))
            beats = {name: _read(json.loads(row)) for name, row in rows.items()}
            old = [n for n, b in beats.items() if b.until_s < now_s - FORGOTTEN_S]
            if old:
                client.hdel(KEY, *[name.decode() for name in old])
    except (redis.RedisError, OSError):
        raise Unavailable("queue_unavailable", "The inference queue is away.") from None
    found = [beat for name, beat in beats.items() if name not in old]
    return Heard(now_s, tuple(sorted(found, key=lambda beat: (beat.kind, beat.name))))


def _field(kind: Kind, name: str) -> str:
    return f"{kind}|{name}"


def _read(row: dict[str, Any]) -> Beat:
    """A beat; of another version's, the fields that we know."""
    known = {f.name for f in fields(Beat)}
    return Beat(**{key: value for key, value in row.items() if key in known})
