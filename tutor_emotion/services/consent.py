"""What a learner agreed to, modality by modality."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.models import CALIBRATION, Consent, Course, LabelledMoment, LearnerId
from tutor_emotion.services.events import forget_events
from tutor_emotion.services.moments import forget_features


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
            forget_features(course, learner_id, modality)
            forget_events(course, learner_id, modality)


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
