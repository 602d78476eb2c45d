"""Puts deliveries into the queue from a thread of its own.

Celery's publish can block for seconds when the broker is away, and no lesson waits for that.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

from celery import current_app
from kombu.exceptions import KombuError

from tutor_emotion import signals
from tutor_emotion.conf import get_settings
from tutor_emotion.telemetry import metrics
from tutor_emotion.webhooks.message import Kind, Record
from tutor_emotion.webhooks.tasks import TASK

log = logging.getLogger(__name__)
MOST_WAITING = 1_000
EXPIRES_S = 24 * 3600

_thread = ThreadPoolExecutor(1, thread_name_prefix="webhooks")
_places = BoundedSemaphore(MOST_WAITING)


def connect() -> None:
    """Hear what a host's own receivers hear."""
    signals.affect_signal.connect(_signalled, dispatch_uid="tutor_emotion.webhooks")
    signals.adaptation.connect(_adapted, dispatch_uid="tutor_emotion.webhooks")


def _signalled(record: Record, **_: Any) -> None:
    _queue("affect_signal", record.pk)


def _adapted(record: Record, **_: Any) -> None:
    _queue("adaptation", record.pk)


def _queue(kind: Kind, pk: int) -> None:
    for number in range(len(get_settings().WEBHOOKS)):
        if not _places.acquire(blocking=False):
            metrics.WEBHOOKS.labels(what="dropped").inc()
            log.warning("webhook %d was not told of %s %d: too many wait", number, kind, pk)
            continue
        _thread.submit(_publish, kind, pk, number)


def _publish(kind: Kind, pk: int, number: int) -> None:
    try:
        current_app.send_task(
            TASK,
            args=(kind, pk, number),
            queue=get_settings().CHORES_QUEUE,
            expires=EXPIRES_S,
            ignore_result=True,
            retry=False,
        )
    except (*current_app.connection_for_write().connection_errors, KombuError, OSError) as error:
        metrics.WEBHOOKS.labels(what="dropped").inc()
        log.warning("webhook %d was not told of %s %d: %s", number, kind, pk, type(error).__name__)
    finally:
        _places.release()
