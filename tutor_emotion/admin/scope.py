"""Who sees which rows: `services.access` decides, here it is put into Django's admin.

Teaching is what grants; no Django permission has to be ticked for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from tutor_emotion import services
from tutor_emotion.admin.theme import ModelAdmin
from tutor_emotion.models import Course, LearnerId

SEEN = "_tutor_emotion_seen"


def name_of(user: Any) -> str:
    """How a person is shown to a teacher."""
    return str(user.get_full_name() or user.get_username())


class Scoped(ModelAdmin[Any]):
    """Rows that the user may see, and no others."""

    def visible(self, user: Any) -> QuerySet[Any]:
        """Which these are; an admin that forgets to say shows nobody anything."""
        rows: QuerySet[Any] = self.model._default_manager.none()
        return rows

    def sees(self, request: HttpRequest, obj: Model | None) -> bool:
        """Whether the user sees ``obj`` (any row at all, where it is None)."""
        if not request.user.is_active:
            return False
        rows = self.visible(request.user)
        return rows.filter(pk=obj.pk).exists() if obj else rows.exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        return rows.filter(pk__in=self.visible(request.user).values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj)


class NeverAlone(Scoped):
    """Rows that nobody deletes by themselves; they go with their person, course or school.

    The permission stays Django's own, or nobody could erase those.
    """

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        return {name: one for name, one in actions.items() if name != "delete_selected"}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {"show_delete": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise PermissionDenied


class OfTheSession(Scoped):
    """Rows of the sessions that the user may look back at; ``session_path`` leads to them."""

    session_path = ""

    def visible(self, user: Any) -> QuerySet[Any]:
        lookup = f"{self.session_path}__in" if self.session_path else "pk__in"
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.filter(**{lookup: services.sessions_of(user)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without a table joined to itself, which reads all of it."""
        rows: QuerySet[Any] = super(Scoped, self).get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        sessions = services.sessions_of(request.user)
        if self.session_path:
            return rows.filter(**{f"{self.session_path}__in": sessions})
        return sessions.order_by(*rows.query.order_by)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return services.courses_of(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)


class ReadOnly(ModelAdmin[Any]):
    """Rows that only the plugin writes. Who may erase people may erase those with them they see."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A permission to delete is none to reach what one does not see."""
        may = super().has_delete_permission(request, obj)
        return may and self.has_view_permission(request, obj)


class Looked(ModelAdmin[Any]):
    """Rows with a learner on them: who opens one, or a list of them, can be read by the learner."""

    def about(self, row: Any) -> tuple[LearnerId, str]:
        """Whom a row is about, and the key of the course in which."""
        return row.learner_id, row.course.key

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(request, *args, **kwargs)
        # A page may fetch its row more than once; it is one look.
        if row is not None and getattr(request, SEEN, None) != row.pk:
            setattr(request, SEEN, row.pk)
            if self.has_view_permission(request, row):
                self._record(request, "record", [row])
        return row

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changelist_view(request, *args, **kwargs)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            self._record(request, "list", shown["cl"].result_list)
        return response

    def _record(self, request: HttpRequest, page: str, rows: Iterable[Any]) -> None:
        seen: dict[str, set[LearnerId]] = defaultdict(set)
        for row in rows:
            learner, key = self.about(row)
            seen[key].add(learner)
        courses = {course.key: course for course in Course.objects.filter(key__in=seen)}
        of_courses: dict[Course | None, set[LearnerId]] = defaultdict(set)
        for key, learners in seen.items():
            of_courses[courses.get(key)] |= learners
        services.record_looks(request.user, page, of_courses)
