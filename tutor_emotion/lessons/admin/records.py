"""What learners did in lessons, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.theme import ModelAdmin
from tutor_emotion.lessons.models import Attempt, LessonAdaptation, Mastery


class _Record(ModelAdmin[Any]):
    """What happened is read, not written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self,
        request: HttpRequest,
        obj: object = None,
    ) -> bool:
        return False


@admin.register(Attempt)
class AttemptAdmin(_Record):
    list_display = ("step", "learner", "verdict", "took_s", "created_at")
    list_filter = ("verdict", "step__lesson")
    list_select_related = ("step", "learner")


@admin.register(LessonAdaptation)
class LessonAdaptationAdmin(_Record):
    list_display = (
        "kind",
        "mode",
        "learner",
        "lesson",
        "step",
        "carried_out_as",
        "carried_out_at",
        "recovered",
    )
    list_filter = ("lesson", "kind")
    list_select_related = ("learner", "lesson")


@admin.register(Mastery)
class MasteryAdmin(_Record):
    """No card and no probability to three digits: a teacher reads where a learner is."""

    list_display = ("skill", "learner", "belief", "answers", "run", "mastered_at", "due_at")
    list_filter = ("skill__course_key", "skill")
    list_select_related = ("skill", "learner")
    search_fields = ("skill__name", "skill__key")
    fields = (
        "skill",
        "learner",
        "belief",
        "answers",
        "right",
        "run",
        "mastered_at",
        "due_at",
        "updated_at",
    )

    @admin.display(description=_("believed to be known"), ordering="p_known")
    def belief(self, row: Mastery) -> str:
        return f"{row.p_known:.0%}"
