"""Pacings compared in a course: who gets which, who met it, and what came of it.

Assignment needs no row: it follows from the experiment's salt and who is assigned, so it is the
same in every process and cannot be lost. What is written is exposure: that a learner was there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from tutor_emotion.core.effect import Effect, compare
from tutor_emotion.errors import BadInput
from tutor_emotion.models import (
    PACINGS,
    Course,
    DelayedItem,
    Enrolment,
    Experiment,
    Exposure,
    LearnerId,
    Policy,
)
from tutor_emotion.services.policy import policy_of

MIN_DELAY_S = 24 * 3600.0  # the next day: what was only held in mind meanwhile is gone


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which arm a learner is in, and by which unit. ``pacing`` is what the arm sets."""

    experiment: Experiment
    unit_key: str
    arm: str
    pacing: str


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm. ``effect`` compares it with the first arm; None for the first itself."""

    name: str
    pacing: str
    learners: int
    sessions: int
    items: int
    scores: tuple[float, ...]  # share of right delayed items, one a unit
    effect: Effect | None

    @property
    def share(self) -> float | None:
        """Mean share of right delayed items over the units."""
        return sum(self.scores) / len(self.scores) if self.scores else None


# --- who gets which -----------------------------------------------------------------------------


def running_experiment(course_id: int) -> Experiment | None:
    """The one that runs in this course now."""
    return Experiment.objects.filter(
        course_id=course_id, started_at__isnull=False, ended_at=None
    ).first()


def assigned(experiment: Experiment, learner_id: LearnerId) -> Assigned | None:
    """The arm of this learner, always the same; None where their unit is no part of it.

    A learner of several classes of the course belongs to the one that was made first.
    """
    unit_key = _unit_key(experiment, learner_id)
    if unit_key is None:
        return None
    digest = hashlib.blake2b(unit_key.encode(), key=experiment.salt.bytes, digest_size=8).digest()
    arm = experiment.arms[int.from_bytes(digest) % len(experiment.arms)]
    return Assigned(experiment, unit_key, arm["name"], arm["pacing"])


def _unit_key(experiment: Experiment, learner_id: LearnerId) -> str | None:
    if experiment.unit == "learner":
        return f"learner:{learner_id}"
    first = Enrolment.objects.filter(
        learner_id=learner_id, school_class__course_id=experiment.course_id
    ).aggregate(first=Min("school_class_id"))["first"]
    return None if first is None else f"class:{first}"


def policy_in(session_id: str, course: Course, learner_id: LearnerId) -> Policy:
    """The policy of a session: the course's own, with the pacing of the learner's arm.

    That they met it is written down here, once a session. Nothing else of the policy is touched:
    a pause stays a pause, and words that sound like danger reach a person in every arm.
    """
    policy = policy_of(course)
    experiment = running_experiment(course.pk)
    mine = assigned(experiment, learner_id) if experiment else None
    if mine is not None:
        policy.pacing = mine.pacing
        Exposure.objects.get_or_create(
            session_id=session_id,
            defaults={
                "experiment": mine.experiment,
                "learner_id": learner_id,
                "unit_key": mine.unit_key,
                "arm": mine.arm,
            },
        )
    return policy


# --- its life -----------------------------------------------------------------------------------


@transaction.atomic
def start_experiment(experiment: Experiment) -> None:
    """Begin: from now on it cannot be changed.

    Raises:
        BadInput: ``bad_experiment`` (arms that cannot be compared, begun before, another runs).
    """
    Course.objects.select_for_update().get(pk=experiment.course_id)
    experiment.refresh_from_db()
    if experiment.started_at is not None:
        raise BadInput("bad_experiment", "This experiment was begun before.")
    check_arms(experiment.arms)
    if running_experiment(experiment.course_id) is not None:
        raise BadInput(
            "bad_experiment", "Another experiment runs in this course.", hint="End it first."
        )
    experiment.started_at = timezone.now()
    experiment.save(update_fields=["started_at"])


def end_experiment(experiment: Experiment) -> None:
    """End: everybody has the course's own pacing again. What was met stays written down."""
    if experiment.started_at is None or experiment.ended_at is not None:
        raise BadInput("bad_experiment", "This experiment does not run.")
    experiment.ended_at = timezone.now()
    experiment.save(update_fields=["ended_at"])


def check_arms(arms: Sequence[Mapping[str, str]]) -> None:
    """Raises BadInput ``bad_experiment`` unless two or more different pacings are compared."""
    pacings = [arm.get("pacing") for arm in arms]
    names = [arm.get("name") for arm in arms]
    if len(arms) < 2 or len(set(pacings)) < len(arms) or not set(pacings) <= set(PACINGS):
        raise BadInput(
            "bad_experiment",
            "An experiment compares two or three different pacings.",
            hint=f"Choose from: {', '.join(PACINGS)}.",
        )
    if len(set(names)) < len(arms) or not all(names):
        raise BadInput("bad_experiment", "Each arm needs a name of its own.")


# --- what came of it ----------------------------------------------------------------------------


def results(experiment: Experiment) -> list[ArmResult]:
    """Each arm by its delayed items: answered MIN_DELAY_S or more after the skill was learned, by
    learners who had met the arm before. The first arm is what the others are compared with.

    Everybody counts in the arm that they were assigned to, however little they saw of it; a unit's
    score is the mean over its learners of their share of right items.
    """
    met = _first_met(experiment)
    shares = _shares(experiment, met)
    sessions = Counter(experiment.exposures.values_list("arm", flat=True))
    found: list[ArmResult] = []
    for arm in experiment.arms:
        mine = {pk: m for pk, m in met.items() if m.arm == arm["name"]}
        answered = {pk: shares[pk] for pk in mine if pk in shares}
        scores = _by_unit({pk: sum(rights) / len(rights) for pk, rights in answered.items()}, mine)
        effect = compare(found[0].scores, scores) if found else None
        items = sum(len(rights) for rights in answered.values())
        found.append(
            ArmResult(
                *(arm["name"], arm["pacing"], len(mine), sessions[arm["name"]], items),
                scores,
                effect,
            )
        )
    return found


def _first_met(experiment: Experiment) -> dict[LearnerId, Exposure]:
    met: dict[LearnerId, Exposure] = {}
    for exposure in experiment.exposures.order_by("at", "id"):
        met.setdefault(exposure.learner_id, exposure)
    return met


def _shares(
    experiment: Experiment, met: Mapping[LearnerId, Exposure]
) -> dict[LearnerId, list[bool]]:
    rows = DelayedItem.objects.filter(
        course_id=experiment.course_id, learner_id__in=list(met), delay_s__gte=MIN_DELAY_S
    )
    out: dict[LearnerId, list[bool]] = {}
    for row in rows:
        if row.at >= met[row.learner_id].at:
            out.setdefault(row.learner_id, []).append(row.correct)
    return out


def _by_unit(
    shares: Mapping[LearnerId, float], met: Mapping[LearnerId, Exposure]
) -> tuple[float, ...]:
    units: dict[str, list[float]] = {}
    for pk, share in shares.items():
        units.setdefault(met[pk].unit_key, []).append(share)
    return tuple(sum(values) / len(values) for values in units.values())
