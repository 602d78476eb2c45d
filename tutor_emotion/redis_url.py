"""One address for Redis or Valkey, however it is run: alone, over TLS, or behind Sentinels.

``redis://:password@host:6379/0``, the same with ``rediss`` over TLS, or
``redis+sentinel://:password@host:26379,host:26379/0?service=main`` (``rediss+sentinel`` where the
servers and the Sentinels speak TLS; ``&sentinel_password=…`` where the Sentinels ask for one).
A cluster is not taken: Celery and channels have no client for one, and a batch of ours changes
several keys together. Knows no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, quote, unquote, urlsplit

import redis
import redis.asyncio
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.sentinel import Sentinel, SentinelConnectionPool

from tutor_emotion.errors import BadInput

SENTINEL = frozenset({"redis+sentinel", "rediss+sentinel"})
CLUSTER = frozenset({"redis+cluster", "rediss+cluster"})
SENTINEL_PORT = 26379
# What a Sentinel is asked for is asked for again elsewhere, so none of them is waited for long.
SENTINEL_PATIENCE_S = 1.0
EXAMPLE = "redis+sentinel://:password@host:26379,host:26379/0?service=main"


@dataclass(frozen=True, slots=True)
class Behind:
    """Servers behind Sentinels. ``options`` are of a connection to the server itself."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    options: dict[str, Any]
    sentinel_options: dict[str, Any]

    @property
    def tls(self) -> bool:
        return bool(self.options.get("ssl"))


def behind(url: str) -> Behind | None:
    """What an address says of Sentinels; None where it names the server itself.

    Raises:
        BadInput: ``bad_redis_url``; ``redis_cluster``.
    """
    parts = urlsplit(url)
    if parts.scheme in CLUSTER:
        said = "A Redis cluster is not supported."
        raise BadInput("redis_cluster", said, hint=f"Use Sentinels: {EXAMPLE}")
    if parts.scheme not in SENTINEL:
        return None
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    query = parse_qs(parts.query)
    unknown = sorted(query.keys() - {"service", "sentinel_password"})
    try:
        hosts = tuple(_host(one) for one in where.split(","))
        number = int(parts.path.strip("/") or 0)
    except ValueError:
        raise _bad("its hosts or the number after them cannot be read") from None
    if "service" not in query:
        raise _bad("it has no ?service=, the name under which the Sentinels know the server")
    if unknown:
        raise _bad(f"nobody knows {unknown[0]}")
    tls = {"ssl": True} if parts.scheme.startswith("rediss") else {}
    options = {"db": number, **_credentials(unquote(user), unquote(password)), **tls}
    asked = _credentials("", query.get("sentinel_password", [""])[0])
    limits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), SENTINEL_PATIENCE_S)
    return Behind(hosts, query["service"][0], options, {**limits, **asked, **tls})


def _host(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0:
        raise ValueError
    return parts.hostname, parts.port or SENTINEL_PORT


def _credentials(user: str, password: str) -> dict[str, str]:
    given = {"username": user, "password": password}
    return {name: value for name, value in given.items() if value}


def _bad(what: str) -> BadInput:
    return BadInput("bad_redis_url", f"REDIS_URL: {what}.", hint=f"Write it as {EXAMPLE}")


def _of_settings(url: str) -> Behind | None:
    """Settings are read before they can be checked; ``tutor_emotion.E018`` says it."""
    try:
        return behind(url)
    except BadInput:
        return None


# --- for whoever connects -------------------------------------------------------------------------


def connect(url: str, **options: Any) -> redis.Redis:
    """A client; behind Sentinels one that finds the new server after a failover."""
    found = behind(url)
    if found is None:
        return redis.Redis.from_url(url, **options)
    asked = _ask(found)
    made = asked.master_for(found.service, **{**found.options, **options})
    return cast(redis.Redis, made)


def _ask(found: Behind) -> Any:
    options = found.sentinel_options
    return Sentinel(found.sentinels, sentinel_kwargs=options)  # type: ignore[no-untyped-call]


def connect_async(url: str, **options: Any) -> redis.asyncio.Redis:
    """The same on an event loop."""
    found = behind(url)
    if found is None:
        return redis.asyncio.from_url(url, **options)
    asked = AsyncSentinel(found.sentinels, sentinel_kwargs=found.sentinel_options)  # type: ignore[no-untyped-call]
    made = asked.master_for(found.service, **{**found.options, **options})
    return cast(redis.asyncio.Redis, made)


class Pool(redis.ConnectionPool):
    """For Django's cache: ``OPTIONS = {"pool_class": "tutor_emotion.redis_url.Pool"}``."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Any:
        found = behind(url)
        if found is None:
            return redis.ConnectionPool.from_url(url, **options)
        asked = _ask(found)
        whole = {**found.options, **options}
        return SentinelConnectionPool(found.service, asked, **whole)  # type: ignore[no-untyped-call]


def channel_host(url: str) -> str | dict[str, Any]:
    """One of the ``hosts`` of a channel layer of channels_redis."""
    found = _of_settings(url)
    if found is None:
        return url
    return {
        "sentinels": list(found.sentinels),
        "master_name": found.service,
        "sentinel_kwargs": found.sentinel_options,
        **found.options,
    }


def broker(url: str) -> dict[str, Any]:
    """Celery's settings for this broker: ``BROKER_URL`` and what belongs to it.

    Any address that Kombu knows passes through (``amqp://`` …).
    """
    found = _of_settings(url)
    if found is None:
        return {"BROKER_URL": url}
    who = ":".join(quote(str(found.options.get(n, "")), safe="") for n in ("username", "password"))
    login = "" if who == ":" else f"{who}@"
    urls = [f"sentinel://{login}{_text(one)}/{found.options['db']}" for one in found.sentinels]
    options = {"master_name": found.service, "sentinel_kwargs": found.sentinel_options}
    tls = {"BROKER_USE_SSL": True} if found.tls else {}
    return {"BROKER_URL": ";".join(urls), "BROKER_TRANSPORT_OPTIONS": options, **tls}


def _text(host: tuple[str, int]) -> str:
    name, port = host
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
