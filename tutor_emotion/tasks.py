"""Where Celery's ``autodiscover_tasks()`` looks, in any host; the tasks are in their rooms."""

from tutor_emotion.inference.tasks import run_windows
from tutor_emotion.webhooks.tasks import deliver

__all__ = ["deliver", "run_windows"]
