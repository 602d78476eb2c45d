"""The ledger of consents, to read. A superuser's business, as the consents themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion.admin.large import CourseKeyFilter, KeyFilter, Large
from tutor_emotion.admin.scope import ReadOnly
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.models import CALIBRATION, LedgerEntry


class WhatFilter(KeyFilter):
    title, parameter_name, path = _("what"), "what", "what"

    def choices_for(self, user: Any) -> list[tuple[Any, str]]:
        return [(name, name) for name in (*MODALITIES, CALIBRATION)]


@admin.register(LedgerEntry)
class LedgerAdmin(Large, ReadOnly):
    list_display = ("number", "at", "subject", "course", "what", "given", "by", "reason")
    list_filter = (CourseKeyFilter, WhatFilter, "given", "by")
    search_fields = ("subject", "hash")
    ordering = ("-number",)
    fields = (
        "number", "at", "subject", "course", "what", "given", "text_version", "words", "by",
        "reason", "previous", "hash",
    )  # fmt: skip
    search_help_text = _("A whole pseudonym, or a whole hash.")
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the whole of it: a part of a hash tells nothing, and is in no index."""
        text = search_term.strip()
        if not text:
            return queryset, False
        try:
            return queryset.filter(subject=UUID(text)), False
        except ValueError:
            return queryset.filter(hash=text.lower()), False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
