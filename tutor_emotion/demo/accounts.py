"""Signing in: limits on tries by name and address, and a second step for those who see others."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.sealing import master_boxes

WHERE = "second step"  # to which a sealed secret is bound
# Where somebody without a second step may go, to get one or to leave.
_OPEN = ("mfa_", "account_", "login", "logout", "set_language", "healthz", "readyz")


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's, with the field names of Django's own form, which scripts and managers know."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if "data" in kwargs:
            kwargs["data"] = kwargs["data"].copy()
            kwargs["data"]["login"] = kwargs["data"].get("username", "")
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        faults = context["form"].errors.as_data().get("__all__", [])
        context["too_many"] = any(fault.code == "too_many_login_attempts" for fault in faults)
        return context


class SealedSecondSteps(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of second steps are sealed with the master key, as all that is kept."""

    def encrypt(self, text: str) -> str:
        sealing, *_ = master_boxes(get_settings().MASTER_KEYS)
        return base64.b64encode(sealing.seal_bytes(text.encode(), WHERE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Unavailable (``not_opened``) where no master key opens it."""
        token = base64.b64decode(encrypted_text)
        *others, last = master_boxes(get_settings().MASTER_KEYS)
        for box in others:
            with suppress(Unavailable):
                return box.open_bytes(token, WHERE).decode()
        return last.open_bytes(token, WHERE).decode()


def reseal_second_steps() -> int:
    """Seal each with the first master key; how many there are.

    Raises:
        Unavailable: ``not_opened``, one of them by none of the master keys.
    """
    adapter, count = SealedSecondSteps(), 0
    for step in Authenticator.objects.order_by("pk"):
        sealed = {name: step.data[name] for name in ("secret", "seed") if name in step.data}
        anew = {name: adapter.encrypt(adapter.decrypt(text)) for name, text in sealed.items()}
        step.data = {**step.data, **anew}
        step.save(update_fields=["data"])
        count += 1
    return count


class StaffNeedsSecondStep:
    """With that setting, whoever may use the admin sets a second step up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        user: Any = request.user
        if not (settings.STAFF_NEEDS_SECOND_STEP and user.is_authenticated):
            return None
        name = (request.resolver_match.url_name or "") if request.resolver_match else ""
        # The admin has names of its own, and none of them is open.
        inside = bool(request.resolver_match and request.resolver_match.app_names)
        if not (user.is_staff or user.is_superuser) or (not inside and name.startswith(_OPEN)):
            return None
        if is_mfa_enabled(user):
            return None
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


class JsonSerializer:
    """What the cache keeps in Redis: Django's own way would be pickle, which runs what it reads."""

    def dumps(self, value: Any) -> bytes | int:
        if type(value) is int:  # so that Redis can count with it
            return value
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
