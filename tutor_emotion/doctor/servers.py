"""The servers that a site stands on: database, Valkey, broker, channel layer, and their clocks."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from typing import Any, cast

import redis
from celery import current_app
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import KombuError

from tutor_emotion import redis_url
from tutor_emotion.conf import get_settings
from tutor_emotion.doctor.diagnosis import Diagnosis, fail, ok, warn, worst
from tutor_emotion.inference.queue import client_options

SLOW_MS = 20.0
PINGS = 20
FAR_S = 1.0  # tickets and TURN credentials are good for minutes; what is far off by then is broken
TOO_FAR_S = 5.0
MANY_DOORBELLS = 1000
ROUND_TRIPS, ROUND_TRIP_S = 9, 3.0


def database() -> Diagnosis:
    """It answers, quickly."""
    try:
        took_ms = statistics.median(_timed(_select_1) for _ in range(PINGS))
    except DatabaseError as error:
        hint = "Start it, or look at DATABASES, its password and its limit of connections."
        return fail(f"The database does not answer ({type(error).__name__}).", hint)
    said = f"{connection.vendor} answers in {took_ms:.1f} ms."
    if took_ms > SLOW_MS:
        return warn(said, "Each page asks several times: put it nearer.")
    if connection.vendor == "sqlite":
        return ok(f"{said} SQLite is for one machine.")
    return ok(said)


def migrations() -> Diagnosis:
    """Those of this release are applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = f"{plan[0][0].app_label}.{plan[0][0].name}"
        return fail(f"{len(plan)} are not applied, {first} first.", "Run manage.py migrate.")
    unknown = executor.loader.applied_migrations.keys() - executor.loader.graph.nodes.keys()
    if any(app.startswith("tutor_emotion") for app, _ in unknown):
        hint = "This process is older than the database: install the newer release here."
        return fail("The database has migrations that this release does not know.", hint)
    return ok("All are applied.")


def valkey() -> Diagnosis:
    """It is there, keeps nothing on a disk, throws away what may go and has room."""
    with redis_url.connect(get_settings().REDIS_URL, **client_options()) as client:
        try:
            took_ms = statistics.median(_timed(client.ping) for _ in range(PINGS))
            info = cast(dict[str, Any], client.info())
            chosen = _configured(client)
        except (redis.RedisError, OSError) as error:
            hint = "Start it, or look at REDIS_URL, its password and the network between."
            return fail(f"Valkey does not answer ({type(error).__name__}).", hint)
    name = "valkey" if "valkey_version" in info else "redis"
    version = info.get("valkey_version", info.get("redis_version", "?"))
    found = [*_at_rest(info, chosen), *_room(info)]
    if took_ms > SLOW_MS:
        found.append(warn(f"A ping takes {took_ms:.1f} ms.", "Put it into the same network."))
    clients, policy = info.get("connected_clients", 0), info.get("maxmemory_policy", "?")
    good = f"{name} {version}, {took_ms:.1f} ms, {clients} clients, {policy}, nothing on a disk."
    return worst(found, good)


def _configured(client: redis.Redis) -> dict[str, str]:
    """What it is set to; empty where a host of its own does not let us ask."""
    try:
        return cast(dict[str, str], client.config_get("save", "appendonly"))
    except redis.ResponseError:
        return {}


def _at_rest(info: dict[str, Any], chosen: dict[str, str]) -> list[Diagnosis]:
    off = 'Switch both off: save "" and appendonly no. Faces and voices must be in memory alone.'
    found = []
    if info.get("aof_enabled") or chosen.get("appendonly") == "yes":
        found.append(fail("It writes an append-only file: media would be at rest.", off))
    if chosen.get("save"):
        found.append(fail("It writes snapshots: media would be at rest.", off))
    started_s = info.get("server_time_usec", 0) / 1e6 - info.get("uptime_in_seconds", 0)
    # One that never saved gives the time of its start.
    if not chosen and info.get("rdb_last_save_time", 0) > started_s + 60:
        found.append(fail("It has written a snapshot since it started.", off))
    return found


def _room(info: dict[str, Any]) -> list[Diagnosis]:
    found = []
    policy, most = info.get("maxmemory_policy", ""), info.get("maxmemory", 0)
    used = info["used_memory"]
    if policy.startswith("allkeys"):
        hint = "Set maxmemory-policy volatile-ttl: what has no end (Celery's queues) must stay."
        found.append(fail(f"Its policy is {policy}: doorbells would be thrown away.", hint))
    elif policy == "noeviction" and most:
        hint = "Set maxmemory-policy volatile-ttl: a Window may go, an answer that is late may not."
        found.append(warn("Its policy is noeviction: full, it refuses everything.", hint))
    if not most:
        hint = "Set maxmemory below what the machine has, or the system ends it one day."
        found.append(warn("It has no limit of memory.", hint))
    elif used > 0.8 * most:
        found.append(warn(f"Its memory is {100 * used / most:.0f} % full.", "Give it more."))
    clients, limit = info.get("connected_clients", 0), info.get("maxclients", 0)
    if limit and clients > 0.8 * limit:
        found.append(warn(f"{clients} of {limit} clients are connected.", "Raise maxclients."))
    return found


def broker() -> Diagnosis:
    """Celery reaches it, and doorbells do not pile up."""
    here = get_settings()
    try:
        with current_app.connection_for_write() as asked:
            asked.ensure_connection(max_retries=1, interval_start=0, timeout=3)
            scheme = asked.transport_cls if isinstance(asked.transport_cls, str) else "broker"
            waiting = {q: _waiting(asked, q) for q in (here.QUEUE, here.GPU_QUEUE)}
    except (KombuError, OSError) as error:
        hint = "Start it, or look at CELERY_BROKER_URL, its user and its password."
        return fail(f"Celery's broker does not answer ({type(error).__name__}).", hint)
    deaf = [
        warn(
            f"{rings} doorbells wait in {queue}: nobody answers them.",
            f"Start workers: celery worker --pool solo --queues {queue}.",
        )
        for queue, rings in waiting.items()
        if rings > MANY_DOORBELLS
    ]
    return worst(deaf, f"{scheme} answers; {sum(waiting.values())} doorbells wait.")


def _waiting(asked: Any, queue: str) -> int:
    """Messages of a queue; 0 where it was never declared."""
    channel = asked.channel()
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except (*asked.channel_errors, KeyError):
        return 0


def layer() -> Diagnosis:
    """A message to a group comes back."""
    took_ms = 1000 * asyncio.run(_round_trip())
    name = type(get_channel_layer()).__name__
    said = f"{name} brings a message round in {took_ms:.1f} ms."
    if "InMemory" in name:
        return warn(f"{said} It reaches one process.", "Use channels_redis.pubsub for more.")
    return ok(said) if took_ms < 10 * SLOW_MS else warn(said, "Put Valkey nearer.")


async def _round_trip() -> float:
    """Seconds, of the quickest: the other checks keep this process busy."""
    found = get_channel_layer()
    channel = await found.new_channel()
    group = f"te.doctor.{secrets.token_hex(8)}"
    await found.group_add(group, channel)
    async with asyncio.timeout(ROUND_TRIP_S):
        took_s = [await _once(found, group, channel) for _ in range(ROUND_TRIPS)]
    await found.group_discard(group, channel)
    return min(took_s)


async def _once(found: Any, group: str, channel: str) -> float:
    begun_s = time.perf_counter()
    await found.group_send(group, {"type": "doctor.hello"})
    await found.receive(channel)
    return time.perf_counter() - begun_s


def clock() -> Diagnosis:
    """This machine's clock against Valkey's and the database's."""
    with redis_url.connect(get_settings().REDIS_URL, **client_options()) as client:
        said = cast(tuple[int, int], client.time())
        off = {"Valkey": time.time() - said[0] - said[1] / 1e6}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            off["the database"] = time.time() - float(cursor.fetchone()[0])
    name, far_s = max(off.items(), key=lambda pair: abs(pair[1]))
    good = f"At most {abs(far_s):.2f} s off {' and '.join(off)}."
    hint = "Let chrony or systemd-timesyncd set the clocks of all machines."
    if abs(far_s) > TOO_FAR_S:
        return fail(f"{abs(far_s):.1f} s off {name}: tickets and TURN credentials end.", hint)
    return warn(f"{abs(far_s):.1f} s off {name}.", hint) if abs(far_s) > FAR_S else ok(good)


def _select_1() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _timed(ask: Any) -> float:
    """Milliseconds."""
    begun_s = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - begun_s)
