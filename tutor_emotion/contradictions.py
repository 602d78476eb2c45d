"""System checks of settings that contradict each other or what is installed here: each of them
would start, and then fail with the first learner. Ids and hints; nothing is connected to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks

from tutor_emotion import redis_url
from tutor_emotion.conf import Settings, get_settings
from tutor_emotion.errors import BadInput

FORKS = frozenset({"prefork", "processes"})
WITH_HOST = frozenset(
    {"redis", "rediss", "valkey", "valkeys", "amqp", "amqps", "pyamqp", "sentinel"}
)
IN_MEMORY = frozenset({"memory", "filesystem"})
ICE = ("stun:", "stuns:", "turn:", "turns:")
TAG = "tutor_emotion"
NVIDIA = Path("/dev/nvidiactl")


def failed() -> list[CheckMessage]:
    """Each of our own checks that fails; neither a web server nor a worker asks Django's."""
    return [one for one in run_checks(tags=[TAG]) if one.is_serious() and not one.is_silenced()]


def said(one: CheckMessage) -> str:
    return f"({one.id}) {one.msg}" + (f" {one.hint}" if one.hint else "")


@register(TAG)
def settings_agree(**_: Any) -> list[CheckMessage]:
    try:
        here = get_settings()
    except BadInput:  # the settings' own check says it
        return []
    found = [*_of_device(here), *_of_addresses(here), *_of_relays(here), *_of_times(here)]
    queues = (here.QUEUE, here.GPU_QUEUE, here.CHORES_QUEUE)
    if len(set(queues)) < len(queues):
        said = (
            f"QUEUE, GPU_QUEUE and CHORES_QUEUE are {', '.join(queues)}: a slow webhook would "
            "hold up faces, or processors be taken for GPUs."
        )
        found.append(Error(said, hint="Give them different names.", id="tutor_emotion.E016"))
    if here.TRACES and find_spec("opentelemetry") is None:
        said = "TRACES names a collector, and OpenTelemetry is not installed here."
        hint = "pip install 'tutor-emotion[traces]', or leave TRACES empty."
        found.append(Error(said, hint=hint, id="tutor_emotion.E019"))
    return found


def _of_device(here: Settings) -> Iterator[CheckMessage]:
    if not here.DEVICE.startswith("cuda"):
        return
    build = torch_build()
    if build != "cuda":
        why = "torch is not installed here" if build is None else "torch here is built without CUDA"
        said = f"TUTOR_EMOTION['DEVICE'] is {here.DEVICE}, and {why}."
        hint = "Set it for the GPU worker alone and auto elsewhere, or install torch for CUDA."
        yield Error(said, hint=hint, id="tutor_emotion.E010")
    pool = str(getattr(settings, "CELERY_WORKER_POOL", "") or "")
    if pool in FORKS:
        yield Error(
            f"CELERY_WORKER_POOL is {pool}, which forks, and DEVICE is {here.DEVICE}: CUDA does "
            "not survive a fork.",
            hint='Set CELERY_WORKER_POOL = "solo": one worker process for each GPU.',
            id="tutor_emotion.E011",
        )


def torch_build() -> str | None:
    """``cuda`` or ``cpu``, of what is installed; None without torch. It loads nothing."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    try:
        written = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return "cpu"
    lines = [line for line in written.splitlines() if line.startswith(("cuda", "hip"))]
    return "cuda" if any("=" in line and not line.endswith("None") for line in lines) else "cpu"


def on_cuda(here: Settings) -> bool:
    """Whether the nets would run on a GPU here; without asking CUDA, which must not be touched
    before a fork."""
    if here.RUNNER == "scripted":
        return False
    there = here.DEVICE == "auto" and torch_build() == "cuda" and NVIDIA.exists()
    return here.DEVICE.startswith("cuda") or there


def _of_addresses(here: Settings) -> Iterator[CheckMessage]:
    try:
        redis_url.behind(here.REDIS_URL)
    except BadInput as error:
        yield Error(error.message, hint=error.hint, id="tutor_emotion.E018")
    for name, url in _addresses(here):
        wrong = what_is_wrong_with(url)
        if wrong:
            hint = "Write it as redis://:password@host:6379/0, or amqp://user:password@host/."
            yield Error(f"{name} {wrong}.", hint=hint, id="tutor_emotion.E012")
    broker = urlsplit(str(getattr(settings, "CELERY_BROKER_URL", "") or "")).scheme
    if broker in IN_MEMORY:
        said = f"CELERY_BROKER_URL is {broker}://: no doorbell reaches a worker in another process."
        hint = "Name a Redis, a Valkey or a RabbitMQ."
        yield Warning(said, hint=hint, id="tutor_emotion.W007")
    layer = getattr(settings, "CHANNEL_LAYERS", {}).get("default", {}).get("BACKEND", "")
    if not layer:
        said = "CHANNEL_LAYERS has no default: no Reading reaches a session, no row a teacher."
        hint = "See docs/integrate.md: channels_redis.pubsub.RedisPubSubChannelLayer."
        yield Error(said, hint=hint, id="tutor_emotion.E013")
    elif layer.endswith("InMemoryChannelLayer"):
        said = "CHANNEL_LAYERS is in memory: nothing of a worker reaches the web process."
        hint = "Use channels_redis.pubsub.RedisPubSubChannelLayer; in memory is for tests."
        yield Warning(said, hint=hint, id="tutor_emotion.W008")


def _addresses(here: Settings) -> Iterator[tuple[str, str]]:
    """Name and address of each server that the settings name by one text."""
    yield "TUTOR_EMOTION['REDIS_URL']", here.REDIS_URL
    broker = getattr(settings, "CELERY_BROKER_URL", None)
    if isinstance(broker, str) and broker:
        for one in broker.split(";"):
            yield "CELERY_BROKER_URL", one
    for alias, layer in getattr(settings, "CHANNEL_LAYERS", {}).items():
        hosts = layer.get("CONFIG", {}).get("hosts", ())
        if isinstance(hosts, (list, tuple)):
            for host in hosts:
                address = host.get("address") if isinstance(host, Mapping) else host
                if isinstance(address, str):
                    yield f"CHANNEL_LAYERS[{alias!r}]", address


def what_is_wrong_with(url: str) -> str:
    """Of a server's address, without its password; empty where it can be one."""
    if url.partition("://")[0] in redis_url.SENTINEL | redis_url.CLUSTER:
        return ""  # `redis_url.behind` reads these
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no address: its port or host cannot be read"
    if parts.scheme in WITH_HOST and not parts.hostname:
        return "has no host"
    if parts.scheme in WITH_HOST and port == 0:
        return "has the port 0"
    if parts.scheme == "unix" and not parts.path.strip("/"):
        return "has no path of a socket"
    if not parts.scheme or (
        not parts.netloc and not parts.path.strip("/") and parts.scheme not in IN_MEMORY
    ):
        return "is no address of a server"
    return ""


def _of_relays(here: Settings) -> Iterator[CheckMessage]:
    if here.TURN_URLS and not here.TURN_SECRET:
        said = "TURN_URLS is set and TURN_SECRET is not: no relay would take our credentials."
        hint = "Set TURN_SECRET to coturn's static-auth-secret."
        yield Error(said, hint=hint, id="tutor_emotion.E014")
    for url in [*here.TURN_URLS, *_ice_urls(here.ICE_SERVERS)]:
        if not url.startswith(ICE) or not url.partition(":")[2].split("?")[0].strip("/"):
            said = "TURN_URLS or ICE_SERVERS has an address that is none of STUN or TURN."
            hint = "Write it as turn:host:3478, or turn:host:3478?transport=tcp."
            yield Error(said, hint=hint, id="tutor_emotion.E015")
            return


def _ice_urls(servers: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for server in servers:
        urls = server.get("urls", "")
        yield from map(str, urls if isinstance(urls, (list, tuple)) else [urls])


def _of_times(here: Settings) -> Iterator[CheckMessage]:
    """Each pair as (what must be smaller, what must be larger, why)."""
    pairs = (
        ("FRAME_WATCHDOG_S", "STALLED_CLOSE_S", "a camera would be closed before it is stalled"),
        ("WINDOW_TTL_S", "READING_MAX_AGE_S", "Windows would be read whose Readings are too old"),
        ("SPILL_S", "WINDOW_TTL_S", "Windows would be gone before processors are asked"),
        ("KEEP_SIGNALS_DAYS", "KEEP_SESSIONS_DAYS", "signals go with their session"),
        ("KEEP_EVENTS_DAYS", "KEEP_SESSIONS_DAYS", "events go with their session"),
    )
    for smaller, larger, why in pairs:
        low, high = getattr(here, smaller), getattr(here, larger)
        if low > high:
            said = f"{smaller} is {low:g} and {larger} is {high:g}: {why}."
            hint = f"Let {smaller} be at most {larger}."
            yield Error(said, hint=hint, id="tutor_emotion.E017")
