"""Where Celery's ``autodiscover_tasks()`` looks, in any host; the task is in ``inference``."""

from tutor_emotion.inference.tasks import run_windows

__all__ = ["run_windows"]
