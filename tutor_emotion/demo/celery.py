"""The demonstration host's Celery app."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_emotion.demo.settings")
app = Celery("tutor_emotion_demo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]
def as_the_settings_say(**_: Any) -> None:
    """With this here, Celery leaves the logs to Django's LOGGING."""
