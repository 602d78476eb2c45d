"""Lessons in the admin: steps with their variants, and what learners did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from tutor_emotion.lessons.models import Attempt, Lesson, LessonAdaptation, Step, Variant

if TYPE_CHECKING:  # Django's own classes take no type arguments when they run
    _VariantInline = admin.StackedInline[Variant, Step]
    _Admin = admin.ModelAdmin[Any]
else:
    _VariantInline, _Admin = admin.StackedInline, admin.ModelAdmin


class VariantInline(_VariantInline):
    model = Variant
    extra = 0


@admin.register(Lesson)
class LessonAdmin(_Admin):
    list_display = ("title", "course_key", "slug", "order")


@admin.register(Step)
class StepAdmin(_Admin):
    list_display = ("title", "lesson", "order", "skill", "difficulty")
    list_filter = ("lesson", "skill")
    inlines: ClassVar = [VariantInline]


class _Record(_Admin):
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
