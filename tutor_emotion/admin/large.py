"""Lists of tables that grow for years: no page counts, reads or sorts a whole one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.theme import ModelAdmin

MOST_LISTED = 10_000  # to count more costs more than anybody turns pages


class ToMost(Paginator):  # type: ignore[type-arg] # no generic at runtime
    """Counts to MOST_LISTED and no further; what comes after them is found by a filter."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_LISTED].count())


class Large(ModelAdmin[Any]):
    """The newest rows of a large table; who looks is told where there are more."""

    paginator = ToMost
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changelist_view(request, *args, **kwargs)
        listed = (getattr(response, "context_data", None) or {}).get("cl")
        if listed is not None and listed.result_count >= MOST_LISTED:
            text = gettext("The first %(n)d are listed. A filter or a search shows others.")
            self.message_user(request, text % {"n": MOST_LISTED}, messages.INFO)
        return response


class KeyFilter(admin.SimpleListFilter):
    """Rows by what a column leads to, ``path``; the choices are of ``choices_for``, few always.

    Django's own filter would look through the whole table for which of them occur.
    """

    path = ""

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(key), title) for key, title in self.choices_for(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        known = {key for key, _title in self.lookup_choices}
        return queryset.filter(**{self.path: self.value()}) if self.value() in known else (
            queryset.none()
        )  # fmt: skip


class CourseFilter(KeyFilter):
    title, parameter_name, path = _("course"), "course", "course"

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        return list(services.courses_of(user).order_by("title").values_list("pk", "title"))


class SessionCourseFilter(CourseFilter):
    path = "session__course"


class CourseKeyFilter(CourseFilter):
    """Of tables that know a course by its key alone."""

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        return list(services.courses_of(user).order_by("title").values_list("key", "title"))


class ClassFilter(KeyFilter):
    title, parameter_name, path = _("class"), "school_class", "school_class"

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        mine = services.classes_of(user).select_related("course")
        return [(row.pk, str(row)) for row in mine]
