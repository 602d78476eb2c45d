"""The verbs: every write, and the event that leaves with it after commit."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.db.models import F, Max
from django.dispatch import Signal
from django.utils import timezone

from tutor_emotion import signals
from tutor_emotion.conf import get_settings
from tutor_emotion.core.lexicon import SHIPPED, Lexicon, edited, read_folder
from tutor_emotion.core.types import (
    MODALITIES,
    Adaptation,
    AffectSignal,
    Evidence,
    Modality,
    Outcome,
)
from tutor_emotion.errors import BadInput, NotAllowed, Unavailable
from tutor_emotion.models import (
    CALIBRATION,
    AdaptationRecord,
    AffectSignalRecord,
    Consent,
    Course,
    LabelledMoment,
    LearnerId,
    LexiconEdit,
    Policy,
    Session,
)
from tutor_emotion.protocol import SessionSummary

SESSIONS_IN_MINUTE = 30  # of one learner: a page that is reloaded again and again, not a script
MOMENT_EVERY_S = 20  # the time grain of all good labels, affect.md §4
ADMIN_TEXT = "the admin's text"
log = logging.getLogger(__name__)
TOKEN_SALT = "tutor_emotion.lesson"  # noqa: S105 - a namespace, not a secret


# --- lessons and sessions -----------------------------------------------------------------------


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
        Unavailable: ``too_fast``, more than SESSIONS_IN_MINUTE.
    """
    since = timezone.now() - timedelta(minutes=1)
    recent = Session.objects.filter(learner_id=learner_id, started_at__gte=since).count()
    if recent >= SESSIONS_IN_MINUTE:
        raise Unavailable("too_fast", "Too many lessons were begun.", hint="Wait a moment.")
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
    session.save(update_fields=["estimates", "windows", "ended_at"])
    return session.ended_at is not None


# --- consent ------------------------------------------------------------------------------------


def live_consents(course_id: int, learner_id: LearnerId, text_version: str) -> frozenset[Modality]:
    """Modalities with a live consent under the current text."""
    rows = Consent.objects.filter(
        course_id=course_id, learner_id=learner_id, revoked_at=None, text_version=text_version
    ).values_list("modality", flat=True)
    return frozenset(m for m in MODALITIES if m in set(rows))


@transaction.atomic
def record_consents(
    course: Course, learner_id: LearnerId, choices: Mapping[Modality, bool], text_version: str
) -> None:
    """Give or take back consent, modality by modality; what is not named stays as it is."""
    # Two forms of one learner at once take turns, or both would write the first live row.
    get_user_model().objects.select_for_update().get(pk=learner_id)
    for modality, granted in choices.items():
        _choose(course, learner_id, modality, granted, text_version)
        if not granted:
            _forget_features(course, learner_id, modality)


@transaction.atomic
def record_calibration(
    course: Course, learner_id: LearnerId, granted: bool, text_version: str
) -> None:
    """Give or take back consent to keep labelled moments; a no deletes those that were kept."""
    get_user_model().objects.select_for_update().get(pk=learner_id)
    _choose(course, learner_id, CALIBRATION, granted, text_version)
    if not granted:
        LabelledMoment.objects.filter(course=course, learner_id=learner_id).delete()


def agreed_to_calibration(course_id: int, learner_id: LearnerId, text_version: str) -> bool:
    """Whether this learner's labelled moments may be kept, under the current text."""
    return Consent.objects.filter(
        course_id=course_id,
        learner_id=learner_id,
        modality=CALIBRATION,
        revoked_at=None,
        text_version=text_version,
    ).exists()


def _choose(
    course: Course, learner_id: LearnerId, what: str, granted: bool, text_version: str
) -> None:
    rows = Consent.objects.filter(
        course=course, learner_id=learner_id, modality=what, revoked_at=None
    )
    if granted and rows.filter(text_version=text_version).exists():
        return
    rows.update(revoked_at=timezone.now())
    if granted:
        Consent.objects.create(
            course=course, learner_id=learner_id, modality=what, text_version=text_version
        )


def open_session_ids(course_id: int, learner_id: LearnerId) -> list[str]:
    """Sessions of this learner in this course that have not ended."""
    rows = Session.objects.filter(course_id=course_id, learner_id=learner_id, ended_at=None)
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def may_teach(course: Course, user: Any) -> bool:
    """Whether this user may see the classroom of this course."""
    return bool(user.is_superuser or course.teachers.filter(pk=user.pk).exists())


# --- policy -------------------------------------------------------------------------------------


def policy_of(course: Course) -> Policy:
    """The course's policy; the defaults where nobody has written one."""
    return Policy.objects.filter(course=course).first() or Policy(course=course)


def lexicon() -> Lexicon:
    """The shipped phrases under this site's files and the text in its admin.

    Should one of them not be readable (written past the admin's form), the shipped ones stand:
    nothing that alarms is lost by it.
    """
    edit = LexiconEdit.objects.order_by("pk").values_list("text", flat=True).first()
    try:
        return lexicon_with(edit or "")
    except BadInput as error:
        log.warning("the site's phrases are impossible, the shipped ones stand: %s", error.code)
        return SHIPPED


def lexicon_with(text: str) -> Lexicon:
    """As ``lexicon``, with ``text`` in place of the admin's.

    Raises:
        BadInput: ``bad_lexicon``, naming the file (or the admin) and the line.
    """
    folder = get_settings().LEXICON_DIR
    texts = _lexicon_files(folder) if folder else ()
    return edited(*texts, *([(ADMIN_TEXT, text)] if text.strip() else []))


@lru_cache(maxsize=1)
def _lexicon_files(folder: Path) -> tuple[tuple[str, str], ...]:
    return tuple((edit.name, edit.text) for edit in read_folder(folder))


# --- what the engine decided --------------------------------------------------------------------


def evidence_as_data(items: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            "modality": e.modality,
            "measure": e.measure,
            "value": round(e.value, 3),
            "unit": e.unit,
            "usual": None if e.usual is None else round(e.usual, 3),
            "z": None if e.z is None else round(e.z, 2),
            "for_s": None if e.for_s is None else round(e.for_s, 1),
            "nats": round(e.nats, 3),
        }
        for e in items
    ]


@transaction.atomic
def record_signal(session_id: str, signal: AffectSignal) -> AffectSignalRecord:
    """Keep a signal; after commit the host hears of it."""
    row = AffectSignalRecord.objects.create(
        session_id=session_id,
        kind=signal.kind,
        edge=signal.edge,
        at_s=signal.at_s,
        confidence=signal.confidence,
        coverage=signal.coverage,
        skill=signal.skill,
        level=signal.level,
        evidence=evidence_as_data(signal.evidence),
        models_used=list(signal.models),
    )
    transaction.on_commit(partial(_tell, signals.affect_signal, row))
    return row


@transaction.atomic
def record_adaptation(session_id: str, adaptation: Adaptation) -> AdaptationRecord:
    """Keep an Adaptation; after commit the host hears of it."""
    row = AdaptationRecord.objects.create(
        session_id=session_id,
        number=adaptation.id,
        kind=adaptation.kind,
        mode=adaptation.mode,
        signal=adaptation.signal or "",
        at_s=adaptation.at_s,
        evidence=evidence_as_data(adaptation.evidence),
    )
    transaction.on_commit(partial(_tell, signals.adaptation, row))
    return row


def record_outcome(session_id: str, outcome: Outcome) -> None:
    """Keep what the learner did with an Adaptation; the first answer stands."""
    AdaptationRecord.objects.filter(
        session_id=session_id, number=outcome.adaptation, outcome=""
    ).update(outcome=outcome.outcome, choice=outcome.choice or "", outcome_at_s=outcome.at_s)


def _tell(signal: Signal, row: AffectSignalRecord | AdaptationRecord) -> None:
    # A host's receiver that fails must not take the learner's session with it.
    signal.send_robust(sender=Session, session=row.session, record=row)


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
            }
            for a in session.adaptations.all()
        ],
        moments=[
            {"at": m.at.isoformat(), "label": m.label, "features": m.features}
            for m in session.moments.all()
        ],
    )


# --- labelled moments ---------------------------------------------------------------------------


@transaction.atomic
def record_moment(
    session_id: str,
    label: str,
    features: Mapping[Modality, Mapping[str, float]],
    quality: Mapping[Modality, float],
    models_used: Mapping[Modality, str],
) -> LabelledMoment | None:
    """Keep what was measured when a learner tapped ``label``; whoever calls has asked the gate.

    None where the session is gone, or had one in the last MOMENT_EVERY_S: it would say it twice.
    """
    session = Session.objects.select_for_update().filter(pk=session_id).first()
    since = timezone.now() - timedelta(seconds=MOMENT_EVERY_S)
    if session is None or session.moments.filter(at__gte=since).exists():
        return None
    prune_moments(session.course_id)
    return LabelledMoment.objects.create(
        learner_id=session.learner_id,
        course_id=session.course_id,
        session=session,
        source="self_report",
        label=label,
        features={m: {k: round(v, 4) for k, v in x.items()} for m, x in features.items()},
        quality={m: round(q, 3) for m, q in quality.items()},
        models_used=dict(models_used),
    )


def prune_moments(course_id: int) -> int:
    """Delete the labelled moments of a course that are older than its policy keeps; how many."""
    days = Policy.objects.filter(course_id=course_id).values_list("keep_labels_days", flat=True)
    kept = next(iter(days), Policy().keep_labels_days)
    oldest = timezone.now() - timedelta(days=kept)
    return LabelledMoment.objects.filter(course_id=course_id, at__lt=oldest).delete()[0]


def _forget_features(course: Course, learner_id: LearnerId, modality: Modality) -> None:
    """A modality that is taken back is taken out of the moments that were kept, too."""
    mine = LabelledMoment.objects.filter(course=course, learner_id=learner_id)
    for moment in mine.filter(features__has_key=modality):
        for part in (moment.features, moment.quality, moment.models_used):
            part.pop(modality, None)
        moment.save(update_fields=["features", "quality", "models_used"])
