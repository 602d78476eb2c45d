"""Schools: a human contact, and who administers them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tutor_emotion import services
from tutor_emotion.admin.fairness import fairness_view
from tutor_emotion.admin.history import WithHistory
from tutor_emotion.models import School


@admin.register(School)
class SchoolAdmin(WithHistory):
    list_display = ("name", "contact", "classes_count")
    search_fields = ("name",)
    fields = ("name", "contact", "admins")
    raw_id_fields = ("admins",)
    change_list_template = "tutor_emotion/admin/schools.html"

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(partial(fairness_view, admin=self)))
        return [path("fairness/", view, name="tutor_emotion_fairness"), *super().get_urls()]

    def visible(self, user: Any) -> QuerySet[School]:
        return services.schools_of(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[School]:
        rows: QuerySet[School] = super().get_queryset(request)
        return rows.annotate(classes_n=Count("classes"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A school's admins keep its contact; who they are is the site's to say."""
        return () if request.user.is_superuser else ("name", "admins")

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        users = self.admin_site._registry.get(get_user_model())
        return ("admins",) if users and users.search_fields else ()

    @admin.display(description=_("classes"), ordering="classes_n")
    def classes_count(self, school: Any) -> int:
        return int(school.classes_n)
