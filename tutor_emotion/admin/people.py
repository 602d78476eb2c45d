"""Naming a person in a form: by search for who may list accounts, by exact name for everybody else.

A class teacher enrols whom they can name; the list of all accounts is not theirs to browse.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.theme import TextInput


class PersonField(forms.CharField):
    """A username, or the e-mail address of one account; becomes that user."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Username or e-mail address."))
        super().__init__(max_length=254, widget=TextInput, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        user = _by_pk(value)
        return user.get_username() if user else value

    def clean(self, value: Any) -> Any:
        if self.disabled:
            return _by_pk(value)
        text: str = super().clean(value)
        if not text:
            return None
        user, fault = services.find_person(text)
        if user is None:
            raise ValidationError(fault, code="unknown_person")
        return user

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and str(self.prepare_value(initial) or "") != str(data or "")


def _by_pk(value: Any) -> Any:
    model = get_user_model()
    if isinstance(value, model):
        return value
    try:
        return model._default_manager.filter(pk=value).first() if value else None
    except (TypeError, ValueError, ValidationError):
        return None


class NamesPeople:
    """For an admin or inline with a field that leads to a user."""

    people_fields: tuple[str, ...] = ()

    def _may_search(self, request: HttpRequest) -> bool:
        users = self.admin_site._registry.get(get_user_model())  # type: ignore[attr-defined]
        return bool(users and users.search_fields and users.has_view_permission(request))

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return self.people_fields if self._may_search(request) else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.people_fields and not self._may_search(request):
            return PersonField(label=db_field.verbose_name.capitalize())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
