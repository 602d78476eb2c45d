"""The host's own people in the admin, dressed as the rest of it."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

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
