"""Camera and microphone for no page but the one that carries the learner's element.

There, what the law's profile permits: at a school that may use neither, the browser refuses both,
whatever a script asks. Before any other middleware that writes a ``Permissions-Policy``: what that
one says of other features is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tutor_emotion.core.types import Modality

HEADER = "Permissions-Policy"
FEATURES: dict[Modality, str] = {"face": "camera", "voice": "microphone"}
_MARK = "_tutor_emotion_sensors"


def opens_sensors(request: HttpRequest, permitted: Collection[Modality]) -> None:
    """This answer carries the element, and these modalities are permitted here."""
    setattr(request, _MARK, frozenset(permitted))


class SensorsPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        permitted: Collection[Modality] = getattr(request, _MARK, ())
        said = [part.strip() for part in response.get(HEADER, "").split(",") if part.strip()]
        others = [part for part in said if part.partition("=")[0] not in FEATURES.values()]
        own = [
            f"{feature}=({'self' if modality in permitted else ''})"
            for modality, feature in FEATURES.items()
        ]
        response[HEADER] = ", ".join([*others, *own])
        return response
