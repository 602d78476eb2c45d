"""Who sees which rows: a superuser all, a teacher on the staff those of their own courses.

Teaching a course is what grants; no Django permission has to be ticked for it. Adding and
deleting need the usual model permissions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from tutor_emotion.models import Course

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
else:  # Django's own class cannot be subscribed at run time
    BaseAdmin = admin.ModelAdmin


def courses_of(user: Any) -> QuerySet[Course]:
    """The courses that this user may see in the admin."""
    if user.is_superuser:
        return Course.objects.all()
    return Course.objects.filter(teachers=user.pk)


def name_of(user: Any) -> str:
    """How a person is shown to a teacher."""
    return str(user.get_full_name() or user.get_username())


class CourseScoped(BaseAdmin):
    """Rows of the courses that the user teaches. ``course_path`` leads from a row to its course."""

    course_path = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        lookup = f"{self.course_path}__teachers" if self.course_path else "teachers"
        return rows.filter(**{lookup: request.user.pk})

    def teaches(self, request: HttpRequest, obj: Model | None) -> bool:
        """Whether the user teaches the course of ``obj`` (any course, where it is None)."""
        courses = courses_of(request.user)
        if obj is None:
            return courses.exists()
        course: Any = obj
        for name in filter(None, self.course_path.split("__")):
            course = getattr(course, name)
        return courses.filter(pk=course.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.teaches(request, obj)


class ReadOnly(BaseAdmin):
    """Rows that only the plugin writes. Whoever may erase people may erase these with them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
