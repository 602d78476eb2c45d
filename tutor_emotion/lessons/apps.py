"""The reference lesson engine: an optional app that uses the plugin as any platform would."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LessonsConfig(AppConfig):
    name = "tutor_emotion.lessons"
    label = "tutor_emotion_lessons"
    verbose_name = _("Lessons")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tutor_emotion.lessons import keeping, receivers  # noqa: F401 - connect to the plugin
