"""The ledger of consents, to read. A superuser's business, as the consents themselves."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from tutor_emotion.admin.scope import ReadOnly
from tutor_emotion.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnly):
    list_display = ("number", "at", "subject", "course", "what", "given", "by", "reason")
    list_filter = ("course", "what", "given", "by")
    search_fields = ("subject", "hash")
    ordering = ("-number",)
    fields = (
        "number", "at", "subject", "course", "what", "given", "text_version", "words", "by",
        "reason", "previous", "hash",
    )  # fmt: skip
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
