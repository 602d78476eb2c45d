"""The operator's page: how this site runs, and what to do where it does not run well."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from tutor_emotion.admin.overview import overview
from tutor_emotion.conf import get_settings

TEMPLATE = "tutor_emotion/admin/operator.html"
PERMISSION = "tutor_emotion.operate_site"
REFRESH_S = 5


def may_operate(user: Any) -> bool:
    """A superuser, or staff with the permission of its own."""
    return bool(user.is_active and user.is_staff and user.has_perm(PERMISSION))


def operator_view(request: HttpRequest, admin: Any) -> HttpResponse:
    """The same page for a person, and for its script, which takes its parts from it."""
    if not may_operate(request.user):
        raise PermissionDenied
    context = {
        **admin.admin_site.each_context(request),
        "title": _("How it runs"),
        "opts": admin.opts,
        "media": admin.media,
        "refresh_s": REFRESH_S,
        "metrics_url": _metrics_url(),
        **overview(),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _metrics_url() -> str:
    """Of this site's own metrics, where the host serves them and a token opens them."""
    try:
        return reverse("metrics") if get_settings().METRICS_TOKEN else ""
    except NoReverseMatch:
        return ""
