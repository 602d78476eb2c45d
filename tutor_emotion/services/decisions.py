"""Medical and safety decisions: written by one, signed by two, and over by a day that is named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tutor_emotion.core.types import BIOMETRIC, Modality
from tutor_emotion.errors import BadInput, NotAllowed
from tutor_emotion.models import (
    Course,
    DecisionSignature,
    LearnerId,
    MedicalDecision,
    School,
    SchoolClass,
)
from tutor_emotion.services.access import schools_of

MOST_DAYS = 90
SIGNATURES = 2


def decided(course_id: int, learner_id: LearnerId) -> frozenset[Modality]:
    """The modalities with a live decision for this learner in this course."""
    theirs = School.objects.filter(
        classes__course=course_id, classes__enrolments__learner=learner_id
    )
    rows = _live().filter(Q(course=course_id) | Q(school__in=theirs))
    return _modalities(rows)


def decided_somewhere() -> frozenset[Modality]:
    """The modalities with a live decision for anybody."""
    return _modalities(_live())


def decisions_of(user: Any) -> QuerySet[MedicalDecision]:
    """Those that this user may read, write and sign: of what they answer for as a whole."""
    if user.is_superuser:
        return MedicalDecision.objects.all()
    return MedicalDecision.objects.filter(
        Q(school__in=schools_of(user)) | Q(course__in=courses_decided_by(user))
    )


def courses_decided_by(user: Any) -> QuerySet[Course]:
    """The courses whose every class is in a school that this user administers."""
    if user.is_superuser:
        return Course.objects.all()
    classes = SchoolClass.objects.filter(course=OuterRef("pk"))
    mine = Q(school__in=schools_of(user))
    return Course.objects.filter(
        Exists(classes.filter(mine)) & ~Exists(classes.filter(~mine | Q(school=None)))
    )


@transaction.atomic
def sign(decision: MedicalDecision, user: Any) -> None:
    """Put a name under it.

    Raises:
        NotAllowed: ``not_yours_to_sign``, ``signed_already``.
        BadInput: ``decision_over``, withdrawn or past its last day.
    """
    # Two signatures at once take turns, and neither signs what is being withdrawn.
    row = decisions_of(user).select_for_update().filter(pk=decision.pk).first()
    if row is None or not user.is_active:
        raise NotAllowed("not_yours_to_sign", _("You do not answer for this course or school."))
    if row.withdrawn_at is not None or row.ends_on < timezone.localdate():
        raise BadInput("decision_over", _("This decision is withdrawn, or past its last day."))
    if row.signatures.filter(by=user).exists():
        raise NotAllowed("signed_already", _("You have signed it. Somebody else has to, too."))
    DecisionSignature.objects.create(decision=row, by=user)


def withdraw(decision: MedicalDecision) -> None:
    """End it now, for good."""
    if decision.withdrawn_at is None:
        decision.withdrawn_at = timezone.now()
        decision.save(update_fields=["withdrawn_at"])


def last_day() -> date:
    """The latest day that a decision of today may name."""
    return timezone.localdate() + timedelta(days=MOST_DAYS)


def is_live(decision: MedicalDecision) -> bool:
    """Whether it counts now."""
    return _live().filter(pk=decision.pk).exists()


def _live() -> QuerySet[MedicalDecision]:
    # One that ends too late was written past the admin's form, and does not count.
    rows = MedicalDecision.objects.filter(
        withdrawn_at=None, ends_on__range=(timezone.localdate(), last_day())
    )
    signed = Count("signatures__by", distinct=True)
    return rows.annotate(signed=signed).filter(signed__gte=SIGNATURES)


def _modalities(rows: QuerySet[MedicalDecision]) -> frozenset[Modality]:
    named = set(rows.values_list("modality", flat=True))
    return frozenset(m for m in BIOMETRIC if m in named)
