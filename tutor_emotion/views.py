"""HTTP doors: what the learner's panel asks, the classroom page, health."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

import redis
from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    RawPostDataException,
    UnreadablePostError,
)
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from pydantic import BaseModel, ValidationError

from tutor_emotion import __version__, privacy, services
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError, Unavailable
from tutor_emotion.inference import queue
from tutor_emotion.live import push
from tutor_emotion.models import Course, LearnerId, Session
from tutor_emotion.protocol import (
    CalibrationRule,
    ConsentBody,
    ModalityRule,
    SessionBody,
    SessionOpened,
    Setup,
    describe,
)

log = logging.getLogger(__name__)
MAX_BODY_BYTES = 16 * 1024
_STATUS = {"not_signed_in": 401, "unknown_course": 404, "unknown_session": 404, "too_fast": 429}
_KINDS = ((Unavailable, 503), (NotAllowed, 403), (TutorEmotionError, 400))
Body = TypeVar("Body", bound=BaseModel)
View = Callable[..., HttpResponse]


def api(view: View) -> View:
    """Signed in, never cached, and every fault of ours as ``{code, message, hint, retry}``."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if not request.user.is_authenticated:
                raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")
            return view(request, *args, **kwargs)
        except TutorEmotionError as error:
            return _error(error)

    return wrapper


def _error(error: TutorEmotionError) -> JsonResponse:
    status = _STATUS.get(error.code) or next(s for kind, s in _KINDS if isinstance(error, kind))
    body = {"code": error.code, "message": error.message, "hint": error.hint, "retry": error.retry}
    return JsonResponse(body, status=status)


def _body(request: HttpRequest, model: type[Body]) -> Body:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY_BYTES:
        raise BadInput("message_too_large", "The body is larger than 16 KiB.")
    try:
        return model.model_validate_json(request.body)
    except (RawPostDataException, RequestDataTooBig, UnreadablePostError):
        # A form that Django has read already, more than it reads, or a browser that went away.
        raise BadInput("bad_message", "The body cannot be read as JSON.") from None
    except ValidationError as error:
        raise BadInput("bad_message", *describe(error)) from None


def _json(model: BaseModel, status: int = 200) -> JsonResponse:
    return JsonResponse(model.model_dump(mode="json"), status=status)


def _learner_id(request: HttpRequest) -> LearnerId:
    return request.user.pk


# --- the learner's panel --------------------------------------------------------------------------


@require_GET
@api
def setup(request: HttpRequest) -> HttpResponse:
    """What may be used here, and what this learner has agreed to."""
    return _setup(request, request.GET.get("token", ""))


def _setup(request: HttpRequest, token: str) -> JsonResponse:
    learner_id = _learner_id(request)
    course, lesson = services.read_token(token, learner_id)
    rules = [
        ModalityRule(
            modality=r.modality, permitted=r.permitted, reason=r.reason, consented=r.consented
        )
        for r in privacy.rules(course, learner_id)
    ]
    return _json(
        Setup(
            course=course.key,
            title=course.title,
            lesson=lesson,
            text_version=privacy.CONSENT_TEXT_VERSION,
            rules=rules,
            calibration=CalibrationRule(
                offered=privacy.labels_offered(course),
                consented=privacy.labels_agreed(course, learner_id),
            ),
        )
    )


@require_POST
@api
def consents(request: HttpRequest) -> HttpResponse:
    """Give or take back consent; live sessions hear of it at once."""
    body = _body(request, ConsentBody)
    learner_id = _learner_id(request)
    course, _ = services.read_token(body.token, learner_id)
    if body.text_version != privacy.CONSENT_TEXT_VERSION:
        raise BadInput("old_text", "The words of consent have changed.", hint="Reload the page.")
    for rule in privacy.rules(course, learner_id):
        if body.modalities.get(rule.modality) and not rule.permitted:
            raise NotAllowed(rule.reason, f"{rule.modality} may not be used here.")
    if body.calibration and not privacy.labels_offered(course):
        raise NotAllowed("off_in_course", "This course keeps no labelled moments.")
    services.record_consents(course, learner_id, body.modalities, body.text_version)
    if body.calibration is not None:
        services.record_calibration(course, learner_id, body.calibration, body.text_version)
    # After commit, also where the host wraps each request in a transaction: who looks, sees it.
    transaction.on_commit(partial(_tell_sessions, course.pk, learner_id))
    return _setup(request, body.token)


def _tell_sessions(course_id: int, learner_id: LearnerId) -> None:
    try:
        async_to_sync(push.consent_changed)(services.open_session_ids(course_id, learner_id))
    except (OSError, redis.RedisError) as error:
        # What was chosen is kept all the same; live sessions ask the gate again by themselves.
        log.warning("consent_changed was not delivered: %s", type(error).__name__)


@require_POST
@api
def sessions(request: HttpRequest) -> HttpResponse:
    """Begin a session; its socket is where everything else happens."""
    body = _body(request, SessionBody)
    course, lesson = services.read_token(body.token, _learner_id(request))
    session = services.open_session(course, lesson, _learner_id(request))
    path = f"/ws/tutor-emotion/session/{session.pk}/"
    return _json(SessionOpened(session=str(session.pk), socket_path=path), status=201)


@require_GET
@api
def session(request: HttpRequest, session_id: str) -> HttpResponse:
    """A learner's own record of one session."""
    row = (
        Session.objects.select_related("course")
        .filter(pk=session_id, learner_id=_learner_id(request))
        .first()
    )
    if row is None:
        raise NotAllowed("unknown_session", "There is no such session of yours.")
    return _json(services.summary(row))


# --- the teacher ----------------------------------------------------------------------------------


@require_GET
@login_required
@never_cache
def classroom(request: HttpRequest, course: str) -> HttpResponse:
    """The live classroom; a course of somebody else looks like one that does not exist."""
    row = Course.objects.filter(key=course).first()
    if row is None or not services.may_teach(row, request.user):
        raise Http404
    return render(request, "tutor_emotion/classroom.html", {"course": row})


# --- health ---------------------------------------------------------------------------------------


@require_GET
@never_cache
def healthz(_: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok", "version": __version__})


@require_GET
@never_cache
def readyz(_: HttpRequest) -> HttpResponse:
    """Whether learners can be served: 200 when database and queue answer.

    A missing worker does not make us unready (the camera-free path needs none); it is reported.
    """
    database = _database()
    try:
        alive = queue.workers()
        broker = True
    except Unavailable:
        alive, broker = [], False
    ready = database and broker
    body = {"ready": ready, "database": database, "queue": broker, "workers": alive}
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
