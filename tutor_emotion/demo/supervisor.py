"""Starts Valkey, the web server and one worker, waits until all are healthy, ends all together."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import redis

from tutor_emotion.conf import get_settings
from tutor_emotion.demo.children import Child
from tutor_emotion.demo.valkey import EmbeddedValkey
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference.queue import WORKERS

WS_MAX_BYTES = 96 * 1024  # above the 64 KiB that a message may have: those are refused with a code
# A frozen browser is noticed after interval + timeout. A closed one is noticed at once.
WS_PING_S = 10
STOP_S = 10.0
POLL_S = 0.1
SERVE_METRICS = ("worker", "web", "chores")  # the first on METRICS_PORT, each other on the next


@dataclass(frozen=True)
class Plan:
    """Where everything runs.

    `host` is an IP address; `redis_url` is of a server that runs already, or None.
    """

    host: str
    port: int
    root: Path
    var: Path
    redis_url: str | None = None

    @property
    def address(self) -> str:
        """The address for a browser: cameras need https or the name localhost."""
        here = ip_address(self.host).is_loopback or ip_address(self.host).is_unspecified
        named = "localhost" if here else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{named}:{self.port}/"


def web(plan: Plan) -> Child:
    command = [
        *(sys.executable, "-m", "uvicorn", "tutor_emotion.demo.asgi:application"),
        *("--host", plan.host, "--port", str(plan.port)),
        *("--lifespan", "off", "--no-access-log", "--no-server-header"),
        # h11 refuses headers of more than 64 KiB; uvicorn's quicker parser takes any size.
        *("--http", "h11"),
        *("--ws-max-size", str(WS_MAX_BYTES), "--ws-per-message-deflate", "false"),
        *("--ws-ping-interval", str(WS_PING_S), "--ws-ping-timeout", str(WS_PING_S)),
        *("--timeout-graceful-shutdown", "3"),
    ]
    return Child("web", command, plan.var / "log" / "web.log")


def worker(plan: Plan) -> Child:
    return _celery("worker", get_settings().QUEUE, plan)


def chores(plan: Plan) -> Child:
    """Delivers webhooks: an address that does not answer keeps no Window waiting."""
    return _celery("chores", get_settings().CHORES_QUEUE, plan)


def _celery(name: str, queue: str, plan: Plan) -> Child:
    # solo: CUDA does not survive a fork, and neither does torch on a CPU once it has run.
    command = [
        *(sys.executable, "-m", "celery", "-A", "tutor_emotion.demo", "worker"),
        *("--pool", "solo", "--queues", queue, "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]
    return Child(name, command, plan.var / "log" / f"{name}.log")


class Supervisor:
    """The demonstration's processes, as one thing that starts, runs and stops.

    Args:
        plan: where everything runs.
        tell: is told, in a few words, what is being waited for.
    """

    def __init__(self, plan: Plan, tell: Callable[[str], None]) -> None:
        self.plan = plan
        self.tell = tell
        self.children: list[Child] = []
        self.stopping = False
        # Each thread that decodes would else have a heap of its own, which never shrinks again:
        # docs/database.md#an-hour-of-learners-who-come-and-go
        self._env = {"MALLOC_ARENA_MAX": "2", **os.environ}

    @contextmanager
    def stops_on_signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end everything in order; a second one ends it at once."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, *_: object) -> None:
        if self.stopping:
            for child in self.children:
                child.kill()
        self.stopping = True

    def start(self, prepare: Callable[[], None], timeout_s: float = 120.0) -> None:
        """Returns when all are healthy, or when a signal asked to stop.

        `prepare` makes the database ready. The worker takes longest to start and needs none of it,
        so it starts before that; the web server starts after, and never serves a half-made site.

        Raises:
            Unavailable: ``child_died`` or ``not_healthy``, with the end of the log.
        """
        url = self.plan.redis_url or self._start_valkey()
        self._env["REDIS_URL"] = url
        self._until(lambda: _answers(url), "valkey", 15.0)
        self._start(worker(self.plan))
        self.tell("database")
        prepare()
        if self.stopping:
            return
        self._start(web(self.plan))
        if get_settings().WEBHOOKS:
            self._start(chores(self.plan))
        self._until(self._web_is_ready, "web", timeout_s)
        self._until(lambda: _worker_is_ready(url), "worker", timeout_s)

    def _start_valkey(self) -> str:
        embedded = EmbeddedValkey.on_free_port()
        self.plan.var.mkdir(parents=True, exist_ok=True)
        log = self.plan.var / "log" / "valkey.log"
        self._start(Child("valkey", embedded.command, log, embedded.config(self.plan.var)))
        return embedded.url

    def _start(self, child: Child) -> None:
        env = self._env
        if child.name in SERVE_METRICS and (first := get_settings().METRICS_PORT):
            port = first + SERVE_METRICS.index(child.name)
            env = {**env, "TUTOR_EMOTION_METRICS_PORT": str(port)}
        self.children.append(child)
        child.start(env, self.plan.root)

    def _until(self, ready: Callable[[], bool], name: str, timeout_s: float) -> None:
        self.tell(name)
        end = time.monotonic() + timeout_s
        while not self.stopping and not ready():
            self.check()
            if time.monotonic() > end:
                raise Unavailable(
                    "not_healthy",
                    f"{name} is not healthy after {timeout_s:.0f} s",
                    hint=self._log_of(name),
                )
            time.sleep(POLL_S)

    def _web_is_ready(self) -> bool:
        return _is_ready(self.plan.address + "readyz")

    def check(self) -> None:
        """Raises Unavailable, ``child_died``, when one of them has ended by itself."""
        for child in self.children:
            code = child.exit_code
            if code is not None and not self.stopping:
                raise Unavailable(
                    "child_died",
                    f"{child.name} ended by itself with code {code}",
                    hint=self._log_of(child.name),
                )

    def _log_of(self, name: str) -> str:
        child = next((child for child in self.children if child.name == name), None)
        return "" if child is None else "\n".join([f"the end of {child.log}:", *child.tail()])

    def run(self) -> None:
        """Watches until a signal comes. Raises Unavailable, ``child_died``."""
        while not self.stopping:
            self.check()
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ends all, the last started first; who has not ended in 10 s is killed."""
        self.stopping = True
        # Valkey last: web and worker say goodbye through it.
        own = [child for child in self.children if child.name == "valkey"]
        others = [child for child in self.children if child.name != "valkey"]
        for group in (others, own):
            for child in group:
                child.terminate()
            end = time.monotonic() + STOP_S
            for child in group:
                if not child.wait(max(0.0, end - time.monotonic())):
                    child.kill()
                    child.wait(STOP_S)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _worker_is_ready(url: str) -> bool:
    """Whether a Runner is loaded and says so."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
            now, _ = client.time()  # the clock that the workers go by
            return bool(client.zcount(WORKERS, now, "+inf"))
    except redis.RedisError:
        return False


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
