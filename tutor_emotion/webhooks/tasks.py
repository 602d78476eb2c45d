"""One delivery: the task carries which row and which webhook, and nothing of anybody."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import shared_task

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.telemetry import metrics
from tutor_emotion.webhooks.message import Kind, headers_of, message_of
from tutor_emotion.webhooks.posting import post

log = logging.getLogger(__name__)
TASK = "tutor_emotion.webhook"
WAITS_S = (10, 60, 600, 3600)  # before each further attempt


@shared_task(bind=True, name=TASK, ignore_result=True, max_retries=len(WAITS_S))  # type: ignore[untyped-decorator]
def deliver(self: Any, kind: Kind, pk: int, number: int) -> None:
    """Say it to the webhook of this number in the settings; later again where it is away."""
    hooks = get_settings().WEBHOOKS
    try:
        message = message_of(kind, pk) if number < len(hooks) else None
        if message is None:
            return
        hook = hooks[number]
        post(hook.url, message.body, headers_of(message, hook.key, int(time.time())))
        metrics.WEBHOOKS.labels(what="delivered").inc()
    except TutorEmotionError as error:
        tries = self.request.retries
        if not error.retry or tries >= len(WAITS_S):
            metrics.WEBHOOKS.labels(what="failed").inc()
            log.warning("webhook %d was not told of %s %d: %s", number, kind, pk, error.code)
            return
        metrics.WEBHOOKS.labels(what="retried").inc()
        raise self.retry(countdown=WAITS_S[tries], exc=error) from None
