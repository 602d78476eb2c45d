"""What stands in Valkey, as metrics: the same from every process, so take the ``max``, not the sum.

Asked at each scrape, for half a second at most; a Valkey that is away is one metric that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

import redis
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.backoff import NoBackoff
from redis.retry import Retry

from tutor_emotion import redis_url
from tutor_emotion.conf import get_settings
from tutor_emotion.inference.queue import GPU_WORKERS, WAITING, WORKERS
from tutor_emotion.inference.shared_clock import FAR_S, SharedClock
from tutor_emotion.telemetry import marks
from tutor_emotion.telemetry.families import FAMILIES, PREFIX, Family

PATIENCE_S = 0.5
QUEUE_UP = f"{PREFIX}queue_up"
QUEUE_WAITING = f"{PREFIX}queue_waiting"
QUEUE_OLDEST = f"{PREFIX}queue_oldest_age_seconds"
WORKERS_ALIVE = f"{PREFIX}workers"
ON_GPUS = f"{PREFIX}workers_on_gpus"
CHORE_DONE = f"{PREFIX}chore_done_timestamp_seconds"
HELP = {
    QUEUE_UP: "1 while Valkey (Redis) answers this process within half a second.",
    QUEUE_WAITING: "Learners whose Window waits for a worker now.",
    QUEUE_OLDEST: "How long the Window has waited that waits longest; 0 where none does.",
    WORKERS_ALIVE: "Workers that said within the last seconds that they live.",
    ON_GPUS: "Those of them that serve GPU_QUEUE.",
    CHORE_DONE: "When a nightly chore was last done (Unix time); absent where it never was.",
}
FAMILIES.update(
    {
        name: Family(name, "gauge", text, {"chore": marks.CHORES} if name == CHORE_DONE else {})
        for name, text in HELP.items()
    }
)


class ValkeyCollector(Collector):
    """Gauges of the queue, the workers and the chores."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """So that to register it asks nobody."""
        for name, text in HELP.items():
            yield GaugeMetricFamily(name, text)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found, done = standing(), marks.last_done()
        except redis.RedisError:
            yield GaugeMetricFamily(QUEUE_UP, HELP[QUEUE_UP], value=0)
            return
        for name, value in {QUEUE_UP: 1.0, **found}.items():
            yield GaugeMetricFamily(name, HELP[name], value=value)
        chores = GaugeMetricFamily(CHORE_DONE, HELP[CHORE_DONE], labels=["chore"])
        for chore, at_unix_s in done.items():
            chores.add_metric([chore], at_unix_s)
        yield chores


def standing() -> dict[str, float]:
    """The queue and the workers by name of metric. Raises redis.RedisError."""
    pipe = _client(get_settings().REDIS_URL).pipeline(transaction=True)
    pipe.zcard(WAITING)
    pipe.zrange(WAITING, 0, 0, withscores=True)
    pipe.zrange(WORKERS, 0, -1, withscores=True)
    pipe.zrange(GPU_WORKERS, 0, -1, withscores=True)
    pipe.time()
    waiting, oldest, workers, on_gpus, said = cast(Any, pipe.execute())
    now_s = SharedClock().heard(said)
    return {
        QUEUE_WAITING: waiting,
        QUEUE_OLDEST: max(0.0, now_s - oldest[0][1]) if oldest else 0.0,
        WORKERS_ALIVE: _alive(workers, now_s),
        ON_GPUS: _alive(on_gpus, now_s),
    }


def _alive(beats: Sequence[tuple[bytes, float]], now_s: float) -> int:
    return sum(now_s < until_s <= now_s + FAR_S for _name, until_s in beats)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis_url.connect(
        url,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )
