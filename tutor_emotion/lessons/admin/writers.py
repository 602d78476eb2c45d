"""Who writes what: a superuser everything, a teacher the courses whose classes they all teach."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from tutor_emotion import api as plugin
from tutor_emotion.admin.theme import ModelAdmin
from tutor_emotion.lessons.models import LessonCourse


def written_by(user: Any) -> QuerySet[LessonCourse]:
    """The courses whose lessons this user writes."""
    if user.is_superuser:
        return LessonCourse.objects.all()
    return LessonCourse.objects.filter(key__in=plugin.course_keys_written_by(user))


class Written(ModelAdmin[Any]):
    """Rows of those courses. ``key_path`` leads from a row to the key of its course."""

    key_path = "course_key"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        keys = written_by(request.user).values("key")
        return rows.filter(**{f"{self.key_path}__in": keys})

    def writes(self, request: HttpRequest, obj: Model | None) -> bool:
        """Whether the user writes the course of ``obj`` (any course, where it is None)."""
        user = request.user
        if not user.is_active or not getattr(user, "is_staff", False):
            return False
        if getattr(user, "is_superuser", False):
            return True
        courses = written_by(user)
        if obj is None:
            return courses.exists()
        key: Any = obj
        for name in self.key_path.split("__"):
            key = getattr(key, name)
        return courses.filter(key=key).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.writes(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.writes(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.writes(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.writes(request, None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.writes(request, obj)


def course_choices(user: Any) -> list[tuple[str, str]]:
    """For a form's field of a course's key."""
    return [(course.key, course.title) for course in written_by(user)]
