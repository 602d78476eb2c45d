"""What a scrape gets, and who may have it."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from functools import cache
from typing import Literal, TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from tutor_emotion import __version__
from tutor_emotion.conf import get_settings
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.telemetry import metrics, traces
from tutor_emotion.telemetry.collector import ValkeyCollector

Role: TypeAlias = Literal["web", "worker", "chores"]
CONTENT_TYPE = CONTENT_TYPE_LATEST


class _WithoutCreated(Collector):
    """All of the process, but not when each counter began: a second series of each."""

    def collect(self) -> Iterator[Metric]:
        for metric in REGISTRY.collect():
            metric.samples = [s for s in metric.samples if not s.name.endswith("_created")]
            yield metric


@cache
def _registered() -> None:
    REGISTRY.register(ValkeyCollector())


def build(role: Role, runner: str = "") -> None:
    """Say what runs in this process; again where the Runner changes."""
    traces.begin(role)
    metrics.build(__version__, str(SCHEMA), role, runner)


def text() -> bytes:
    """Every metric of this process, in Prometheus' text format."""
    _registered()
    return generate_latest(_WithoutCreated())


def may_read(authorization: str) -> bool:
    """Whether this ``Authorization`` header carries the token of the settings.

    Without a token nobody may over the site's own address; on ``METRICS_PORT`` of loopback
    everybody of this machine may.
    """
    token = get_settings().METRICS_TOKEN
    return bool(token) and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())
