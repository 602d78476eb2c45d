"""Kill switches: what nobody, or nobody of a school, is read by any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.models import Course, Enrolment, KillSwitch, LearnerId, School, Session
from tutor_emotion.services.access import schools_of


def switched_off(learner_id: LearnerId) -> frozenset[Modality]:
    """What is switched off for this learner: for everybody, or for a school of theirs."""
    theirs = Q(school__classes__enrolments__learner=learner_id)
    return _modalities(_on().filter(Q(school=None) | theirs))


def switched_off_everywhere() -> frozenset[Modality]:
    """What is switched off for everybody."""
    return _modalities(_on().filter(school=None))


@transaction.atomic
def switch_off(
    why: str, by: Any = None, *, school: School | None = None, modality: Modality | str = ""
) -> KillSwitch:
    """Turn it off; where just that is off already, the switch that is there."""
    there = _on().filter(school=school, modality=modality).first()
    return there or KillSwitch.objects.create(school=school, modality=modality, why=why, by=by)


def lift(switches: QuerySet[KillSwitch], by: Any = None) -> int:
    """Let it be read again; how many switches that were. One that is lifted stays as it is."""
    return switches.filter(lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by)


def switches_on(school: School | None, modality: Modality | str) -> QuerySet[KillSwitch]:
    """The switches of just this scope that are on."""
    return _on().filter(school=school, modality=modality)


def switches_of(user: Any) -> QuerySet[KillSwitch]:
    """Those that this user may see: all of them, or those of the schools that they administer."""
    if user.is_superuser:
        return KillSwitch.objects.all()
    return KillSwitch.objects.filter(school__in=schools_of(user))


def may_lift(switch: KillSwitch, user: Any) -> bool:
    """A school's admins lift what the school switched off, and not what the site did."""
    if user.is_superuser:
        return True
    ours = switches_of(user).filter(pk=switch.pk).exists()
    return bool(ours and switch.by is not None and not switch.by.is_superuser)


def courses_hit(school: School | None) -> list[str]:
    """Keys of the courses with a session that runs now, of this school's learners or of anybody."""
    running = Q(sessions__ended_at=None, sessions__isnull=False)
    if school is not None:
        running &= Q(sessions__learner__tutor_emotion_enrolments__school_class__school=school)
    return list(Course.objects.filter(running).values_list("key", flat=True).distinct())


def running_sessions(school: School | None) -> int:
    """How many sessions run now, of this school's learners or of anybody."""
    rows = Session.objects.filter(ended_at=None)
    if school is not None:
        seats = Enrolment.objects.filter(school_class__school=school)
        rows = rows.filter(learner__in=seats.values("learner"))
    return rows.count()


def courses_open_for(learner_id: LearnerId) -> list[str]:
    """Keys of the courses in which this learner has a session that runs now."""
    mine = Q(sessions__ended_at=None, sessions__learner=learner_id)
    return list(Course.objects.filter(mine).values_list("key", flat=True).distinct())


def _on() -> QuerySet[KillSwitch]:
    return KillSwitch.objects.filter(lifted_at=None)


def _modalities(switches: QuerySet[KillSwitch]) -> frozenset[Modality]:
    named: Iterable[str] = switches.values_list("modality", flat=True)
    off = set(named)
    return frozenset(m for m in MODALITIES if m in off or "" in off)
