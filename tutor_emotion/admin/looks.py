"""Who looked at whom, to read: a superuser's business, as is that of a learner's own page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.scope import name_of
from tutor_emotion.admin.theme import ModelAdmin
from tutor_emotion.models import Look

NOBODY = "–"


@admin.register(Look)
class LookAdmin(ModelAdmin[Look]):
    """Nothing is added, changed or deleted here; rows go with their learner, or by retention."""

    list_display = ("last_at", "who", "role", "page", "whom", "course", "school_class", "count")
    list_filter = ("page", "role", "course")
    list_select_related = ("by", "learner", "course", "school_class")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not on its own pages; where an account is deleted, Django asks for what goes with it."""
        at = request.resolver_match.url_name if request.resolver_match else ""
        own = (at or "").startswith(f"{self.opts.app_label}_{self.opts.model_name}_")
        return request.user.is_superuser and not own

    @admin.display(description=_("who looked"), ordering="by")
    def who(self, look: Look) -> str:
        return name_of(look.by) if look.by else NOBODY

    @admin.display(description=_("learner"), ordering="learner")
    def whom(self, look: Look) -> str:
        return name_of(look.learner) if look.learner else NOBODY
