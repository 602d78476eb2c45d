"""Where Celery's ``autodiscover_tasks()`` looks, in any host; the others are in their rooms."""

from __future__ import annotations

from celery import shared_task

from tutor_emotion import services
from tutor_emotion.inference.tasks import run_windows
from tutor_emotion.webhooks.tasks import deliver

__all__ = ["deliver", "prune", "run_windows"]


@shared_task(name="tutor_emotion.prune", ignore_result=True)  # type: ignore[untyped-decorator]
def prune() -> None:
    """Delete what is over its period; once a night is enough, and twice at once does no harm."""
    services.prune()
