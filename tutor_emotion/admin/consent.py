"""Who said yes to what. A superuser's business: a teacher does not learn who refused."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.large import CourseFilter, Large
from tutor_emotion.admin.scope import Looked, ReadOnly, name_of
from tutor_emotion.models import Consent


@admin.register(Consent)
class ConsentAdmin(Looked, Large, ReadOnly):
    list_display = (
        "learner_name",
        "course",
        "modality",
        "by",
        "granted_at",
        "revoked_at",
        "until",
        "text_version",
    )
    list_filter = (CourseFilter, "modality", "by", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("learner", "course")
    ordering = ("-granted_at",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    @admin.display(description=_("learner"))
    def learner_name(self, consent: Consent) -> str:
        return name_of(consent.learner)
