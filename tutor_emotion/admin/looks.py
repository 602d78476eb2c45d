"""Who looked at whom, to read: a superuser's business, as is that of a learner's own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.large import CourseFilter, Large
from tutor_emotion.admin.scope import NeverAlone, name_of
from tutor_emotion.models import Look

NOBODY = "–"


@admin.register(Look)
class LookAdmin(Large, NeverAlone):
    """Nothing is added, changed or deleted here; rows go with their learner, or by retention."""

    list_display = ("last_at", "who", "role", "page", "whom", "course", "school_class", "count")
    list_filter = ("page", "role", CourseFilter)
    list_select_related = ("by", "learner", "course", "school_class")

    def visible(self, user: Any) -> QuerySet[Look]:
        return Look.objects.all() if user.is_superuser else Look.objects.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("who looked"), ordering="by")
    def who(self, look: Look) -> str:
        return name_of(look.by) if look.by else NOBODY

    @admin.display(description=_("learner"), ordering="learner")
    def whom(self, look: Look) -> str:
        return name_of(look.learner) if look.learner else NOBODY
