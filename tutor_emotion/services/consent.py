"""Who agreed to what, modality by modality; each yes and each taking back is in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.models import CALIBRATION, Consent, Course, LabelledMoment, LearnerId
from tutor_emotion.services.events import forget_events
from tutor_emotion.services.ledger import Who, append_entry
from tutor_emotion.services.moments import forget_features
from tutor_emotion.services.turns import in_turn


@dataclass(frozen=True, slots=True)
class Said:
    """How a choice was made: whose it is, under which words, and what is sealed with it.

    ``words`` names which of a text's wordings was shown (``child``, ``adult``); ``until`` when a
    yes ends by itself; ``detail`` is sealed in the ledger.
    """

    text_version: str
    by: Who = "learner"
    words: str = ""
    until: datetime | None = None
    detail: Mapping[str, Any] | None = field(default=None, repr=False)


def live_consents(
    course_id: int, learner_id: LearnerId, text_version: str, by: Who = "learner"
) -> frozenset[Modality]:
    """Modalities with a live consent of ``by`` under the current text."""
    rows = _live(course_id, learner_id, text_version, by).values_list("modality", flat=True)
    return frozenset(m for m in MODALITIES if m in set(rows))


def record_consents(
    course: Course,
    learner_id: LearnerId,
    choices: Mapping[Modality, bool],
    text_version: str,
    words: str = "",
) -> None:
    """The learner gives or takes back consent, in the order in which it was asked for here; what is
    not named stays as it is.

    Raises:
        Unavailable: ``database_away``, where what was asked for before takes too long.
    """
    with in_turn(learner_id):
        record_choices(course, learner_id, choices, Said(text_version, words=words))


@transaction.atomic
def record_choices(
    course: Course, learner_id: LearnerId, choices: Mapping[Modality, bool], said: Said
) -> None:
    """Give or take back consent, modality by modality; what is not named stays as it is.

    What was kept because of a modality is forgotten with it, whoever takes it back.
    """
    # Two forms of one learner at once take turns, or both would write the first live row.
    get_user_model().objects.select_for_update().get(pk=learner_id)
    for modality, granted in choices.items():
        ended = _choose(course, learner_id, modality, granted, said)
        if not granted and (ended or said.by == "learner"):
            forget_features(course, learner_id, modality)
            forget_events(course, learner_id, modality)


def record_calibration(
    course: Course, learner_id: LearnerId, granted: bool, text_version: str, words: str = ""
) -> None:
    """Give or take back consent to keep labelled moments; a no deletes those that were kept.

    Raises:
        Unavailable: ``database_away``, as above.
    """
    with in_turn(learner_id), transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=learner_id)
        _choose(course, learner_id, CALIBRATION, granted, Said(text_version, words=words))
        if not granted:
            LabelledMoment.objects.filter(course=course, learner_id=learner_id).delete()


def agreed_to_calibration(course_id: int, learner_id: LearnerId, text_version: str) -> bool:
    """Whether this learner's labelled moments may be kept, under the current text."""
    rows = _live(course_id, learner_id, text_version, "learner")
    return rows.filter(modality=CALIBRATION).exists()


def _live(
    course_id: int, learner_id: LearnerId, text_version: str, by: Who
) -> QuerySet[Consent, Consent]:
    return Consent.objects.filter(
        Q(until=None) | Q(until__gt=timezone.now()),
        course_id=course_id,
        learner_id=learner_id,
        by=by,
        revoked_at=None,
        text_version=text_version,
    )


def _choose(course: Course, learner_id: LearnerId, what: str, granted: bool, said: Said) -> bool:
    """Write one choice, where it is news; whether a consent ended with it."""
    rows = Consent.objects.filter(
        course=course, learner_id=learner_id, modality=what, by=said.by, revoked_at=None
    )
    before = rows.first()
    if granted and before and before.text_version == said.text_version and not said.detail:
        return False
    if before:
        reason = _why_over(before, granted, said)
        rows.update(revoked_at=timezone.now())
        _write(course, learner_id, what, False, said, before, reason)
    if granted:
        Consent.objects.create(
            course=course,
            learner_id=learner_id,
            modality=what,
            by=said.by,
            text_version=said.text_version,
            until=said.until,
        )
        _write(course, learner_id, what, True, said, None, "")
    return before is not None


def _why_over(before: Consent, granted: bool, said: Said) -> str:
    """Empty where somebody took it back; else why this program ended it."""
    if not granted:
        return ""
    return "text_changed" if before.text_version != said.text_version else "renewed"


def _write(
    course: Course,
    learner_id: LearnerId,
    what: str,
    given: bool,
    said: Said,
    before: Consent | None,
    reason: str,
) -> None:
    append_entry(
        course.key,
        learner_id,
        what,
        given,
        text_version=before.text_version if before else said.text_version,
        by="system" if reason else said.by,
        words="" if before else said.words,
        reason=f"{said.by}_{reason}" if reason else "",
        detail=None if reason else said.detail,
    )
