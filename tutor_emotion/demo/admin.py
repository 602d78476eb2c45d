"""The host's own people in the admin, dressed as the rest of it."""

from __future__ import annotations

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401 - both register what is dressed, or left out, below
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from tutor_emotion.admin.theme import UNFOLD, ModelAdmin

if UNFOLD:
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

    admin.site.unregister(User)
    admin.site.unregister(Group)

    @admin.register(User)
    class PersonAdmin(UserAdmin, ModelAdmin[User]):  # type: ignore[type-arg]
        form = UserChangeForm
        add_form = UserCreationForm
        change_password_form = AdminPasswordChangeForm

    @admin.register(Group)
    class DressedGroupAdmin(GroupAdmin, ModelAdmin[Group]):
        pass


class SecondStepAdmin(ModelAdmin[Authenticator]):
    """Who has one; taken away from somebody who lost the phone. What is in it nobody reads."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(Authenticator)
admin.site.register(Authenticator, SecondStepAdmin)
admin.site.unregister(EmailAddress)  # nobody here signs in by one
