"""What all processes of a site count and mark together, in Redis: small, and gone by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tutor_emotion import redis_url
from tutor_emotion.conf import get_settings

PREFIX = "tutor_emotion:shared:"
PATIENCE_S = 0.5  # a door waits no longer than that for the counter behind it


def first(name: str, for_s: int) -> bool:
    """Whether nobody has marked this name in the last ``for_s`` seconds; marks it.

    Raises:
        redis.RedisError: the server is away.
    """
    return bool(_client().set(PREFIX + name, 1, nx=True, ex=for_s))


def count(names: Sequence[str], for_s: int) -> list[int]:
    """Count one visit under each name, and say how many there were; a name is forgotten after
    ``for_s`` from its last visit.

    Raises:
        redis.RedisError: the server is away.
    """
    with _client().pipeline(transaction=False) as together:
        for name in names:
            together.incr(PREFIX + name)
            together.expire(PREFIX + name, for_s)
        return [int(answer) for answer in together.execute()[::2]]


def mark(name: str, value: float) -> None:
    """Keep one number under a name, in place of the last. Raises as ``first``."""
    _client().set(PREFIX + name, value)


def marked(names: Sequence[str]) -> list[float | None]:
    """What ``mark`` kept under each name, None where nothing. Raises as ``first``."""
    found = cast(list[bytes | None], _client().mget([PREFIX + name for name in names]))
    return [None if value is None else float(value) for value in found]


def _client() -> redis.Redis:
    return _client_of(get_settings().REDIS_URL)


@lru_cache(maxsize=4)
def _client_of(url: str) -> redis.Redis:
    return redis_url.connect(
        url,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),  # the client's own would take seconds
    )
