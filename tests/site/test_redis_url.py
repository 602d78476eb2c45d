"""Redis alone, over TLS, behind Sentinels; and what is refused. Sentinels are real ones."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.core.cache.backends.redis import RedisCache
from kombu import Connection

from tutor_emotion import contradictions, redis_url
from tutor_emotion.demo.children import tied_to_parent
from tutor_emotion.demo.valkey import EmbeddedValkey, free_port
from tutor_emotion.errors import BadInput

PASSWORD = "only-here"
TWO = "redis+sentinel://ada:p%40ss@a:1,[::1]:2/3?service=main"


@dataclass
class Failing:
    """A primary, a replica of it, and one Sentinel that looks after them."""

    folder: Path
    primary: int
    replica: int
    sentinel: int
    running: dict[int, subprocess.Popen[bytes]]

    @property
    def url(self) -> str:
        return f"redis+sentinel://:{PASSWORD}@127.0.0.1:{self.sentinel}/0?service=main"

    def start(self, port: int, *lines: str, sentinel: bool = False) -> None:
        conf = self.folder / f"{port}.conf"
        conf.write_text("\n".join([f"port {port}", "bind 127.0.0.1", f"dir {self.folder}", *lines]))
        command = [EmbeddedValkey(0).command[0], str(conf), *(["--sentinel"] if sentinel else [])]
        with (self.folder / f"{port}.log").open("wb") as log:
            self.running[port] = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=tied_to_parent()
            )

    def master(self) -> int:
        asked = redis.Redis(port=self.sentinel, socket_timeout=1)
        return int(asked.sentinel_get_master_addr_by_name("main")[1])


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failing]:
    it = Failing(tmp_path_factory.mktemp("sentinel"), free_port(), free_port(), free_port(), {})
    both = (
        f"requirepass {PASSWORD}",
        f"masterauth {PASSWORD}",
        'save ""',
        "repl-diskless-sync-delay 0",
    )
    it.start(it.primary, *both)
    it.start(it.replica, *both, f"replicaof 127.0.0.1 {it.primary}")
    replica = redis.Redis(port=it.replica, password=PASSWORD)
    until(lambda: replica.info("replication").get("master_link_status") == "up")
    it.start(
        it.sentinel,
        f"sentinel monitor main 127.0.0.1 {it.primary} 1",
        f"sentinel auth-pass main {PASSWORD}",
        "sentinel down-after-milliseconds main 500",
        "sentinel failover-timeout main 2000",
        sentinel=True,
    )
    asked = redis.Redis(port=it.sentinel)
    until(lambda: int(asked.sentinel_master("main")["num-slaves"]) == 1, 20)
    yield it
    for process in it.running.values():
        process.kill()
        process.wait(10)


def until(true, seconds: float = 15.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except (redis.RedisError, OSError):
            pass
        assert time.monotonic() < end
        time.sleep(0.05)


# --- it works -------------------------------------------------------------------------------------


def test_an_address_names_the_sentinels_the_service_and_who_asks() -> None:
    found = redis_url.behind(TWO)
    assert found is not None
    assert found.sentinels == (("a", 1), ("::1", 2))
    assert (found.service, found.options) == (
        "main",
        {"db": 3, "username": "ada", "password": "p@ss"},
    )
    assert not found.tls


def test_celery_is_told_the_same(settings: object) -> None:
    told = redis_url.broker(TWO)
    assert told["BROKER_URL"] == "sentinel://ada:p%40ss@a:1/3;sentinel://ada:p%40ss@[::1]:2/3"
    assert told["BROKER_TRANSPORT_OPTIONS"]["master_name"] == "main"
    assert redis_url.broker(TWO.replace("redis+", "rediss+"))["BROKER_USE_SSL"] is True


def test_everything_of_ours_lives_through_a_failover(failing: Failing) -> None:
    client = redis_url.connect(failing.url, socket_timeout=1)
    cache = RedisCache(failing.url, {"OPTIONS": {"pool_class": "tutor_emotion.redis_url.Pool"}})
    told = redis_url.broker(failing.url)
    broker = Connection(told["BROKER_URL"], transport_options=told["BROKER_TRANSPORT_OPTIONS"])
    doorbell = broker.SimpleQueue("doorbell")

    async def channel() -> str:
        layer = RedisPubSubChannelLayer(hosts=[redis_url.channel_host(failing.url)])
        name = await layer.new_channel()
        await layer.send(name, {"type": "said"})
        heard = await asyncio.wait_for(layer.receive(name), 5)
        await layer.flush()
        return str(heard["type"])

    async def asynchronous() -> bool:
        async with redis_url.connect_async(failing.url, socket_timeout=1) as other:
            return bool(await other.set("asynchronous", 1))

    def all_work() -> bool:
        assert client.set("one", 1)
        cache.set("two", 2)
        assert cache.get("two") == 2
        doorbell.put({"three": 3})
        message = doorbell.get(timeout=5)
        message.ack()
        assert asyncio.run(channel()) == "said"
        return asyncio.run(asynchronous())

    assert all_work()
    failing.running[failing.primary].kill()
    until(lambda: failing.master() == failing.replica, 20)
    until(all_work)  # a connection that is kept says once that it is gone
    broker.close()


# --- its edges ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://:p@h:1/0", "amqp://u:p@h:5672//"])
def test_other_addresses_pass_through(url: str) -> None:
    assert redis_url.behind(url) is None
    assert redis_url.channel_host(url) == url
    assert redis_url.broker(url) == {"BROKER_URL": url}


def test_tls_reaches_the_connection() -> None:
    pool = redis_url.connect("rediss://:p@h:1/0").connection_pool
    assert pool.connection_class is redis.SSLConnection
    behind = redis_url.connect("rediss+sentinel://a/0?service=m&sentinel_password=q")
    assert "SSL" in behind.connection_pool.connection_class.__name__


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("redis+sentinel://a:1/0", "service"),
        ("redis+sentinel://a:x/0?service=m", "hosts"),
        ("redis+sentinel://a:0/0?service=m", "hosts"),
        ("redis+sentinel://a,/0?service=m", "hosts"),
        ("redis+sentinel://a/x?service=m", "number"),
        ("redis+sentinel://a/0?service=m&servce=n", "servce"),
        ("redis+cluster://a:1/0", "cluster is not supported"),
    ],
)
def test_the_check_refuses_what_nobody_can_reach(url: str, word: str, settings: object) -> None:
    with pytest.raises(BadInput) as caught:
        redis_url.behind(url)
    assert word in caught.value.message
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REDIS_URL": url}  # type: ignore[attr-defined]
    found = [one for one in contradictions.settings_agree() if one.id == "tutor_emotion.E018"]
    assert [one.msg for one in found] == [caught.value.message]
    assert "redis+sentinel://" in str(found[0].hint)
    assert redis_url.broker(url) == {"BROKER_URL": url}, "settings can be read; the check says it"
