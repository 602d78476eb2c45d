from __future__ import annotations

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "tutor_emotion.lessons"
    label = "tutor_emotion_lessons"
    default_auto_field = "django.db.models.BigAutoField"
