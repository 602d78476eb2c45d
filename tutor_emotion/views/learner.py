"""What the learner's panel asks."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from tutor_emotion import privacy, rates, services
from tutor_emotion.described import Described, described
from tutor_emotion.errors import BadInput, NotAllowed
from tutor_emotion.live import tickets
from tutor_emotion.models import Session
from tutor_emotion.protocol import (
    CalibrationRule,
    ConsentBody,
    LanguageQuery,
    ModalityRule,
    SessionBody,
    SessionOpened,
    SessionSummary,
    Setup,
    SetupQuery,
    Ticket,
)
from tutor_emotion.views.doors import address_of, api, as_json, learner_id_of, read_body, read_query
from tutor_emotion.views.telling import tell_sessions


@described(
    Described(
        "get",
        query=SetupQuery,
        answers={200: Setup},
        faults={
            400: ("bad_message", "bad_token"),
            403: ("not_your_token",),
            404: ("unknown_course",),
        },
    )
)
@require_GET
@api
def setup(request: HttpRequest) -> HttpResponse:
    """What may be used here, and what this learner has agreed to."""
    asked = read_query(request, SetupQuery)
    return _setup(request, asked.token, asked.language)


def _setup(request: HttpRequest, token: str, language: str) -> JsonResponse:
    learner_id = learner_id_of(request)
    course, lesson = services.read_token(token, learner_id)
    rules = [
        ModalityRule(
            modality=r.modality, permitted=r.permitted, reason=r.reason, consented=r.consented
        )
        for r in privacy.rules(course, learner_id)
    ]
    return as_json(
        Setup(
            course=course.key,
            title=course.title,
            lesson=lesson,
            text_version=privacy.CONSENT_TEXT_VERSION,
            words=privacy.words_for(learner_id),
            rules=rules,
            calibration=CalibrationRule(
                offered=privacy.labels_offered(course),
                consented=privacy.labels_agreed(course, learner_id),
            ),
            messages=services.own_messages(language),
        )
    )


@described(
    Described(
        "post",
        query=LanguageQuery,
        body=ConsentBody,
        answers={200: Setup},
        faults={
            400: ("bad_message", "bad_token", "message_too_large", "old_text"),
            403: ("course_paused", "forbidden_by_law", "not_your_token", "off_in_course"),
            404: ("unknown_course",),
        },
    )
)
@require_POST
@api
def consents(request: HttpRequest) -> HttpResponse:
    """Give or take back consent; live sessions hear of it at once."""
    asked, body = read_query(request, LanguageQuery), read_body(request, ConsentBody)
    learner_id = learner_id_of(request)
    rates.check("consents", learner_id, address_of(request))
    course, _ = services.read_token(body.token, learner_id)
    if body.text_version != privacy.CONSENT_TEXT_VERSION:
        raise BadInput("old_text", "The words of consent have changed.", hint="Reload the page.")
    for rule in privacy.rules(course, learner_id):
        if body.modalities.get(rule.modality) and not rule.permitted:
            raise NotAllowed(rule.reason, f"{rule.modality} may not be used here.")
    if body.calibration and not privacy.labels_offered(course):
        raise NotAllowed("off_in_course", "This course keeps no labelled moments.")
    version, words = body.text_version, privacy.words_for(learner_id)
    services.record_consents(course, learner_id, body.modalities, version, words)
    if body.calibration is not None:
        services.record_calibration(course, learner_id, body.calibration, version, words)
    tell_sessions(course.pk, learner_id, body.modalities)
    return _setup(request, body.token, asked.language)


@described(
    Described(
        "post",
        body=SessionBody,
        answers={201: SessionOpened},
        faults={
            400: ("bad_message", "bad_token", "message_too_large"),
            403: ("not_your_token",),
            404: ("unknown_course",),
        },
    )
)
@require_POST
@api
def sessions(request: HttpRequest) -> HttpResponse:
    """Begin a session; its socket is where everything else happens."""
    body = read_body(request, SessionBody)
    course, lesson = services.read_token(body.token, learner_id_of(request))
    session = services.open_session(course, lesson, learner_id_of(request))
    opened = SessionOpened(
        session=str(session.pk),
        socket_path=f"/ws/tutor-emotion/session/{session.pk}/",
        ticket=tickets.issue(f"session/{session.pk}", session.learner_id),
    )
    return as_json(opened, status=201)


@described(Described("post", answers={200: Ticket}, faults={404: ("unknown_session",)}))
@require_POST
@api
def ticket(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """For a socket that comes back."""
    learner_id = learner_id_of(request)
    if not Session.objects.filter(pk=session_id, learner_id=learner_id).exists():
        raise NotAllowed("unknown_session", "There is no such session of yours.")
    return as_json(Ticket(ticket=tickets.issue(f"session/{session_id}", learner_id)))


@described(Described("get", answers={200: SessionSummary}, faults={404: ("unknown_session",)}))
@require_GET
@api
def session(request: HttpRequest, session_id: str) -> HttpResponse:
    """A learner's own record of one session."""
    row = (
        Session.objects.select_related("course")
        .filter(pk=session_id, learner_id=learner_id_of(request))
        .first()
    )
    if row is None:
        raise NotAllowed("unknown_session", "There is no such session of yours.")
    return as_json(services.summary(row))
