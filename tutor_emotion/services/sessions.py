"""A session begins, has sockets, and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput, NotAllowed, TooFast
from tutor_emotion.models import AdaptationRecord, Course, LearnerId, Session
from tutor_emotion.protocol import SessionSummary
from tutor_emotion.services.looks import looks_at
from tutor_emotion.services.outcomes import ignore_open_offers

SESSIONS_IN_MINUTE = 30  # of one learner: a page that is reloaded again and again, not a script
MOST_LOOKS = 500  # a page beside it has them all
TOKEN_SALT = "tutor_emotion.lesson"  # noqa: S105 - a namespace, not a secret


def lesson_token(course_key: str, lesson: str, learner_id: LearnerId) -> str:
    """What a host's page carries: this learner may use this lesson. Signed, and it ages."""
    return signing.dumps({"c": course_key, "l": lesson, "u": str(learner_id)}, salt=TOKEN_SALT)


def read_token(token: str, learner_id: LearnerId) -> tuple[Course, str]:
    """The course and lesson of a token.

    Raises:
        BadInput: ``bad_token`` (forged or too old), ``unknown_course``.
        NotAllowed: ``not_your_token`` (made for somebody else).
    """
    try:
        data = signing.loads(token, salt=TOKEN_SALT, max_age=get_settings().TOKEN_MAX_AGE_S)
    except signing.BadSignature:
        raise BadInput(
            "bad_token", "The page has expired or was changed.", hint="Reload the page."
        ) from None
    if data["u"] != str(learner_id):
        raise NotAllowed("not_your_token", "This page was made for somebody else.")
    course = Course.objects.filter(key=data["c"]).first()
    if course is None:
        raise BadInput("unknown_course", "There is no such course.", hint="Create it in the admin.")
    return course, data["l"]


def open_session(course: Course, lesson: str, learner_id: LearnerId) -> Session:
    """Begin one learner's time with one lesson.

    Raises:
        TooFast: ``too_fast``, more than SESSIONS_IN_MINUTE.
    """
    now = timezone.now()
    minute = (now - timedelta(minutes=1), now)  # a clock that was set back leaves rows ahead of it
    recent = Session.objects.filter(learner_id=learner_id, started_at__range=minute).count()
    if recent >= SESSIONS_IN_MINUTE:
        raise TooFast(60, "Too many lessons were begun.")
    return Session.objects.create(course=course, lesson=lesson, learner_id=learner_id)


def enter_session(session_id: str) -> tuple[int, int]:
    """A socket came: the session is open. Its how-manieth socket, and its next Adaptation's id."""
    mine = Session.objects.filter(pk=session_id)
    with transaction.atomic():
        mine.update(ended_at=None, sockets=F("sockets") + 1)
        socket = mine.values_list("sockets", flat=True).get()
    last = AdaptationRecord.objects.filter(session_id=session_id).aggregate(last=Max("number"))
    return socket, (last["last"] or 0) + 1


@transaction.atomic
def leave_session(session_id: str, socket: int, estimates: int, windows: Mapping[str, int]) -> bool:
    """Add the counts of socket number ``socket``, which is gone. Whether the session ended with it.

    Where a newer socket has the session it goes on: one that seemed ended would not be told of a
    consent that is taken back.
    """
    session = Session.objects.select_for_update().filter(pk=session_id).first()
    if session is None:
        return True
    session.estimates += estimates
    session.windows = dict(Counter(session.windows) + Counter(windows))
    if session.sockets == socket:
        session.ended_at = timezone.now()
        ignore_open_offers(session_id)
    session.save(update_fields=["estimates", "windows", "ended_at"])
    return session.ended_at is not None


def open_session_ids(course_id: int, learner_id: LearnerId) -> list[str]:
    """Sessions of this learner in this course that have not ended."""
    rows = Session.objects.filter(course_id=course_id, learner_id=learner_id, ended_at=None)
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def summary(session: Session) -> SessionSummary:
    """A learner's own record of one session."""
    return SessionSummary(
        session=str(session.pk),
        course=session.course.key,
        lesson=session.lesson,
        estimates=session.estimates,
        windows=session.windows,
        signals=[
            {
                "kind": s.kind,
                "edge": s.edge,
                "at_s": s.at_s,
                "skill": s.skill,
                "level": s.level,
                "evidence": s.evidence,
            }
            for s in session.signals.all()
        ],
        adaptations=[
            {
                "id": a.number,
                "kind": a.kind,
                "mode": a.mode,
                "at_s": a.at_s,
                "signal": a.signal,
                "outcome": a.outcome,
                "choice": a.choice,
                "helped": a.helped,
            }
            for a in session.adaptations.all()
        ],
        moments=[
            {"at": m.at.isoformat(), "label": m.label, "features": m.features}
            for m in session.moments.all()
        ],
        events=[
            {
                "kind": e.kind,
                "at_s": e.at_s,
                "step": e.step,
                "skill": e.skill,
                "correct": e.correct,
                "took_s": e.took_s,
                "data": e.data,
            }
            for e in session.events.all()
        ],
        looks=[
            {
                "by": str(look.by_id or ""),
                "role": look.role,
                "page": look.page,
                "first_at": look.first_at.isoformat(),
                "last_at": look.last_at.isoformat(),
                "count": look.count,
            }
            for look in looks_at(session.learner_id).filter(
                course=session.course_id, last_at__gte=session.started_at
            )[:MOST_LOOKS]
        ],
    )
