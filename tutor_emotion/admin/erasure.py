"""Erasing a learner in the admin: who asked for it, what would go, and the proof that it went."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.scope import ReadOnly, Scoped, name_of
from tutor_emotion.live.erasing import erase
from tutor_emotion.models import ErasureRecord, ErasureRequest

TEMPLATE = "tutor_emotion/admin/erase.html"


def copy_link(user: Any) -> SafeString:
    """To the page with everything that is kept of somebody."""
    url = f"{reverse('tutor_emotion:my-data')}?{urlencode({'learner': user.get_username()})}"
    return format_html('<a href="{}">{}</a>', url, gettext("What is kept"))


def erase_link(site_name: str, user: Any) -> SafeString:
    """To the page that asks once more."""
    url = reverse(f"{site_name}:tutor_emotion_erase", args=[user.pk])
    return format_html('<a href="{}">{}</a>', url, gettext("Erase …"))


@admin.register(ErasureRequest)
class ErasureRequestAdmin(Scoped):
    list_display = ("learner_name", "at", "copy", "erase")
    list_display_links = None
    list_select_related = ("learner",)
    actions = None

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    def visible(self, user: Any) -> QuerySet[ErasureRequest]:
        return services.requests_for(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return services.schools_of(request.user).exists() or bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # learners ask, on their page

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request, obj)  # taken back, after a talk

    @admin.display(description=_("learner"), ordering="learner")
    def learner_name(self, row: ErasureRequest) -> str:
        return name_of(row.learner)

    @admin.display(description=_("copy"))
    def copy(self, row: ErasureRequest) -> SafeString:
        return copy_link(row.learner)

    @admin.display(description=_("erase"))
    def erase(self, row: ErasureRequest) -> SafeString:
        return erase_link(self.admin_site.name, row.learner)

    # --- the page that asks once more ---

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self._erase)
        return [path("erase/<str:pk>/", page, name="tutor_emotion_erase"), *super().get_urls()]

    def _erase(self, request: HttpRequest, pk: str) -> HttpResponse:
        users = get_user_model()._default_manager
        user: Any = get_object_or_404(users, **{"pk": _key(pk)})
        if not services.answers_for(request.user, user.pk):
            raise PermissionDenied
        name, back = user.get_username(), reverse(f"{self.admin_site.name}:index")
        if request.method == "POST" and request.POST.get("name") == name:
            account = bool(request.POST.get("account")) and bool(request.user.is_superuser)
            rows = sum(erase(user, delete_user=account).counts.values())
            said = ngettext("%(n)d row was erased.", "%(n)d rows were erased.", rows)
            messages.success(request, said % {"n": rows})
            return HttpResponseRedirect(back)
        tables = [t for t in services.export_learner(user).tables if t.rows]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Erase everything of %(name)s") % {"name": name_of(user)},
            "name": name,
            "tables": [(table.title, len(table.rows)) for table in tables],
            "copy": copy_link(user),
            "wrong": request.method == "POST",
            "with_account": request.user.is_superuser,
            "media": self.media,
            "back": back,
        }
        return TemplateResponse(request, TEMPLATE, context)


@admin.register(ErasureRecord)
class ErasureRecordAdmin(ReadOnly):
    list_display = ("at", "subject", "rows", "account")
    fields = ("at", "subject", "counts", "account")
    ordering = ("-at",)
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("rows"))
    def rows(self, row: ErasureRecord) -> int:
        return sum(row.counts.values())


def _key(text: str) -> Any:
    """The key of a user, as it was in an address."""
    field: Any = get_user_model()._meta.pk
    try:
        return field.to_python(text)
    except ValidationError:
        raise Http404 from None
