"""The demonstration host's Celery app."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_emotion.demo.settings")
app = Celery("tutor_emotion_demo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
