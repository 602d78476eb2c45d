"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TutorEmotionConfig(AppConfig):
    name = "tutor_emotion"
    verbose_name = _("Affect-aware pacing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Each of these but the last registers its checks.
        from tutor_emotion import checks, contradictions, deploy_checks, lately  # noqa: F401
        from tutor_emotion.telemetry import statements
        from tutor_emotion.webhooks import sending

        sending.connect()
        statements.connect()
        lately.connect()
