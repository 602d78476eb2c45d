"""People as commands name them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from tutor_emotion import services


def person(text: str) -> Any:
    """The user of exactly this name, who may have left; else the one of this e-mail address.

    Raises:
        CommandError: nobody, or more than one.
    """
    model = get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: text}).first()
    if user is None:
        user, fault = services.find_person(text)
        if user is None:
            raise CommandError(str(fault))
    return user
