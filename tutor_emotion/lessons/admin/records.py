"""What learners did in lessons, to be read."""

from __future__ import annotations

from typing import Any, get_args

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion import api as plugin
from tutor_emotion.admin.large import KeyFilter, Large
from tutor_emotion.admin.records import AdaptationFilter
from tutor_emotion.admin.scope import Looked, ReadOnly
from tutor_emotion.lessons.marking.base import Verdict
from tutor_emotion.lessons.models import Attempt, LessonAdaptation, Mastery


class _Record(Looked, Large, ReadOnly):
    """What happened is read, not written, by those who see its learner in its course.

    ``course_path`` leads to the key of the course.
    """

    course_path = ""

    def about(self, row: Any) -> tuple[Any, str]:
        key: Any = row
        for name in self.course_path.split("__"):
            key = getattr(key, name)
        return row.learner_id, str(key)

    def visible(self, user: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        if user.is_superuser:
            return rows
        theirs = Q(pk__in=[])
        for key, learners in plugin.learners_seen_by(user).items():
            one = Q(**{self.course_path: key})
            theirs |= one if learners is None else one & Q(learner__in=learners)
        return rows.filter(theirs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return self.visible(request.user).order_by(*rows.query.order_by)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        rows = self.visible(request.user)
        if obj is None:
            return bool(request.user.is_superuser or plugin.learners_seen_by(request.user))
        return rows.filter(pk=obj.pk).exists()


class VerdictFilter(KeyFilter):
    title, parameter_name, path = _("verdict"), "verdict", "verdict"

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        return [(word, word) for part in get_args(Verdict) for word in get_args(part)]


@admin.register(Attempt)
class AttemptAdmin(_Record):
    course_path = "step__lesson__course_key"
    list_display = ("step", "learner", "verdict", "took_s", "created_at")
    list_filter = (VerdictFilter, "step__lesson")
    ordering = ("-created_at", "-id")
    list_select_related = ("step__lesson", "learner")


@admin.register(LessonAdaptation)
class LessonAdaptationAdmin(_Record):
    course_path = "lesson__course_key"
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
    list_filter = ("lesson", AdaptationFilter)
    ordering = ("-created_at", "-id")
    list_select_related = ("learner", "lesson")


@admin.register(Mastery)
class MasteryAdmin(_Record):
    """No card and no probability to three digits: a teacher reads where a learner is."""

    course_path = "skill__course_key"
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
