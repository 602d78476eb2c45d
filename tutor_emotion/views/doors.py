"""What the JSON doors share: signed in, bodies that are checked, faults with a code."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError, connections
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    RawPostDataException,
    UnreadablePostError,
)
from django.views.decorators.cache import never_cache
from pydantic import BaseModel, ValidationError

from tutor_emotion import faults, rates
from tutor_emotion.errors import (
    BadInput,
    NotAllowed,
    TooFast,
    TutorEmotionError,
    Unavailable,
    database_away,
)
from tutor_emotion.models import LearnerId
from tutor_emotion.protocol import describe

log = logging.getLogger(__name__)
BROKEN = "Something went wrong on our side."
MAX_BODY_BYTES = 16 * 1024
_STATUS = {"not_signed_in": 401, "unknown_course": 404, "unknown_session": 404, "too_fast": 429}
_KINDS = ((Unavailable, 503), (NotAllowed, 403), (TutorEmotionError, 400))
DJANGOS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)  # it answers these itself
Body = TypeVar("Body", bound=BaseModel)
View = Callable[..., HttpResponse]


def api(view: View) -> View:
    """Signed in, never cached, and every fault of ours as ``{code, message, hint, retry}``."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            must_be_signed_in(request)
            rates.check("requests", request.user.pk, address_of(request))
            return view(request, *args, **kwargs)
        except TutorEmotionError as error:
            return _error(error)
        except DJANGOS:
            raise
        except Exception as error:  # noqa: BLE001 the edge: a caller gets JSON whatever happens
            return unexpected(request, error)

    return wrapper


def must_be_signed_in(request: HttpRequest) -> None:
    """Raises NotAllowed: ``not_signed_in``."""
    if not request.user.is_authenticated:
        raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")


def unexpected(request: HttpRequest, error: Exception) -> JsonResponse:
    """A fault of ours, with the number that the log has; the caller learns nothing else of it."""
    if isinstance(error, (OperationalError, InterfaceError)):
        return _away(error)
    number = faults.note(log, "a JSON door", error)
    got_request_exception.send(sender=None, request=request)  # as for a page: monitors hear of it
    _keep_nothing()
    hint = f"Try again in a moment. Our log has it as {number}."
    body = {"code": "internal", "message": BROKEN, "hint": hint, "retry": True}
    return JsonResponse(body, status=500)


def _away(error: Exception) -> JsonResponse:
    """A database that is away, locked or full is no fault of ours, and passes."""
    log.warning("a JSON door found no database: %s", type(error).__name__)
    _keep_nothing()
    return _error(database_away())


def _keep_nothing() -> None:
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)


def _error(error: TutorEmotionError) -> JsonResponse:
    status = _STATUS.get(error.code) or next(s for kind, s in _KINDS if isinstance(error, kind))
    body = {"code": error.code, "message": error.message, "hint": error.hint, "retry": error.retry}
    waits = {"Retry-After": str(error.wait_s)} if isinstance(error, TooFast) else {}
    return JsonResponse(body, status=status, headers=waits)


def address_of(request: HttpRequest) -> str:
    """Of the browser, where the server in front of us says so to ours (docs/operations.md)."""
    return str(request.META.get("REMOTE_ADDR") or "")


def read_body(request: HttpRequest, model: type[Body]) -> Body:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY_BYTES:
        raise BadInput("message_too_large", "The body is larger than 16 KiB.")
    try:
        return model.model_validate_json(request.body)
    except ValidationError as error:
        raise BadInput("bad_message", *describe(error)) from None
    except (RawPostDataException, RequestDataTooBig, UnreadablePostError, ValueError):
        # A form that Django has read already, more than it reads, or a browser that went away:
        # over ASGI its body is then closed while we read.
        raise BadInput("bad_message", "The body cannot be read as JSON.") from None


def read_query(request: HttpRequest, model: type[Body]) -> Body:
    """The address's query; of a name that comes twice, the last."""
    try:
        return model.model_validate(request.GET.dict())
    except ValidationError as error:
        raise BadInput("bad_message", *describe(error)) from None


def as_json(model: BaseModel, status: int = 200) -> JsonResponse:
    return JsonResponse(model.model_dump(mode="json"), status=status)


def learner_id_of(request: HttpRequest) -> LearnerId:
    return request.user.pk
