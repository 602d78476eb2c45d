"""The page behind “History”: who changed what, and when. It can only be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from tutor_emotion.admin.changes import entries_of
from tutor_emotion.admin.scope import Scoped
from tutor_emotion.models import ClassRole, Enrolment, SchoolClass

TEMPLATE = "tutor_emotion/admin/history.html"
PER_PAGE = 50


class WithHistory(Scoped):
    """An admin whose “History” is that of the rows themselves, not of what this admin did."""

    def changes(self, request: HttpRequest, obj: Any) -> Iterable[QuerySet[Any]]:
        """Historical rows that belong on this object's page."""
        yield type(obj).history.filter(id=obj.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        entries = [entry for rows in self.changes(request, obj) for entry in entries_of(rows)]
        entries.sort(key=lambda entry: entry.at, reverse=True)
        page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": obj},
            "opts": self.opts,
            "original": obj,
            "media": self.media,
            "page": page,
            **(extra_context or {}),
        }
        return TemplateResponse(request, TEMPLATE, context)


def changes_of_classes(classes: Collection[Any]) -> Iterator[QuerySet[Any]]:
    """What happened to these classes, in them, and to who teaches them."""
    yield SchoolClass.history.filter(id__in=classes)
    yield ClassRole.history.filter(school_class_id__in=classes)
    yield Enrolment.history.filter(school_class_id__in=classes)
