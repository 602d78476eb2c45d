"""Labelled moments: kept where wanted and agreed to, gone in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tutor_emotion.core.types import Modality
from tutor_emotion.models import Course, LabelledMoment, LearnerId, Session
from tutor_emotion.services.retention import prune_moments

MOMENT_EVERY_S = 20  # the time grain of all good labels, affect.md §4


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
    moment = LabelledMoment(
        learner_id=session.learner_id,
        course_id=session.course_id,
        session=session,
        source="self_report",
    ).holding(
        label=label,
        features={m: {k: round(v, 4) for k, v in x.items()} for m, x in features.items()},
        quality={m: round(q, 3) for m, q in quality.items()},
        models_used=dict(models_used),
    )
    moment.save()
    return moment


def forget_features(course: Course, learner_id: LearnerId, modality: Modality) -> None:
    """A modality that is taken back is taken out of the moments that were kept, too."""
    mine = LabelledMoment.objects.filter(course=course, learner_id=learner_id)
    for moment in [m for m in mine if modality in m.features]:
        for part in (moment.features, moment.quality, moment.models_used):
            part.pop(modality, None)
        moment.save(update_fields=["sealed"])
