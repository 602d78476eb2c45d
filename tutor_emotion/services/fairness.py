"""Whether a course serves groups of learners alike, where the school lawfully holds groups.

Groups are held only where ``FAIRNESS_GROUPS`` names them, and used for this and nothing else. What
is told is of five learners or more, and of nobody else by subtraction: `_hidden`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from django.db.models import QuerySet
from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.core.fairness import LEAST_SHOWN, Gap, Part, Ratio, ratio, widest_gap
from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    Course,
    Enrolment,
    LearnerId,
    LearnerRecord,
    Session,
    checked_group,
)
from tutor_emotion.services.access import schools_of
from tutor_emotion.services.accounts import CHUNK, chunks
from tutor_emotion.services.keys import learner_record

log = logging.getLogger(__name__)
Measure: TypeAlias = Literal["coverage", "signals", "dismissed", "wrong", "helped"]
MEASURES: tuple[Measure, ...] = ("coverage", "signals", "dismissed", "wrong", "helped")
RATES: frozenset[Measure] = frozenset({"signals"})  # an hour; the others are shares
SPANS_DAYS = (30, 90, 365)  # few and fixed: two spans a day apart would tell of one day's learner
NO_GROUP = ""  # of whom no group is held


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What the product did for one group. ``hours``: those in which it listened."""

    name: str
    learners: int
    hours: float
    figures: Mapping[Measure, Ratio]


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """Groups by name, last those of whom none is held. ``hidden``: groups with too few learners,
    and those hidden with them, by number alone. A gap is None where there are too few to say."""

    course: Course | None
    days: int
    groups: tuple[GroupReport, ...]
    hidden: int
    gaps: Mapping[Measure, Gap | None]

    @property
    def alarms(self) -> tuple[Measure, ...]:
        return tuple(m for m, gap in self.gaps.items() if gap is not None and gap.over)


@dataclass(slots=True)
class _Learner:
    parts: dict[Measure, Part] = field(default_factory=dict)

    def add(self, measure: Measure, hits: float, n: float) -> None:
        before = self.parts.get(measure, Part(0, 0))
        self.parts[measure] = Part(before.hits + hits, before.n + n)


def group_names() -> tuple[str, ...]:
    """The groups that this school lawfully holds; empty: none at all."""
    return tuple(get_settings().FAIRNESS_GROUPS)


def set_group(learner_id: LearnerId, name: str) -> None:
    """Hold the group of a learner; empty: none any more.

    Raises:
        BadInput: ``groups_not_held``, ``unknown_group``.
    """
    record = learner_record(learner_id)
    record.group = checked_group(name)
    record.save(update_fields=["group"])


def set_groups(groups: Mapping[LearnerId, str]) -> None:
    """Hold the groups of these learners; nothing else of their records changes. Errors as above."""
    LearnerRecord.objects.bulk_create(
        [LearnerRecord(learner_id=pk, group=checked_group(name)) for pk, name in groups.items()],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["learner"],
        update_fields=["group"],
    )


def groups_of(learner_ids: Iterable[LearnerId]) -> dict[LearnerId, str]:
    """The groups of those of whom one is held."""
    found: dict[LearnerId, str] = {}
    for part in chunks(list(learner_ids)):
        rows = LearnerRecord.objects.filter(learner__in=part)
        found.update(rows.exclude(group="").values_list("learner", "group"))
    return found


def learners_grouped_by(user: Any) -> QuerySet[Enrolment]:
    """Whose groups this user may read and say: the learners of the schools that they administer.

    A teacher is not among them: a group is no fact for a classroom.
    """
    return Enrolment.objects.filter(school_class__school__in=schools_of(user))


def may_set_group(learner_id: LearnerId, user: Any) -> bool:
    """A superuser, or who administers a school that the learner is in."""
    if not group_names():
        return False
    mine = learners_grouped_by(user).filter(learner=learner_id)
    return bool(user.is_superuser or mine.exists())


def forget_groups() -> int:
    """Take away what is held of groups that the settings name no longer. Of how many learners."""
    held = LearnerRecord.objects.exclude(group="").exclude(group__in=group_names())
    return held.update(group="")


def courses_compared_by(user: Any) -> QuerySet[Course]:
    """A superuser's: all; a school admin's: those that a class of the school takes."""
    if user.is_superuser:
        return Course.objects.all()
    theirs = Course.objects.filter(classes__school__in=schools_of(user)).values("pk")
    return Course.objects.filter(pk__in=theirs)


def compared_for(course: Course, user: Any) -> frozenset[LearnerId] | None:
    """Whose sessions count in this user's comparison: None is everybody, and none is none."""
    if user.is_superuser:
        return None
    rows = Enrolment.objects.filter(
        school_class__course=course, school_class__school__in=schools_of(user)
    )
    return frozenset(rows.values_list("learner_id", flat=True))


def compare_groups(
    course: Course | None, days: int, learners: Iterable[LearnerId] | None = None
) -> FairnessReport:
    """The groups of a course (None: of all courses together) over the last days.

    ``learners``: only theirs; None: everybody's. Without groups in the settings it is empty.
    """
    if not group_names():
        return FairnessReport(course, days, (), 0, {})
    since = timezone.now() - timedelta(days=days)
    sessions = Session.objects.filter(started_at__gte=since)
    if course is not None:
        sessions = sessions.filter(course=course)
    if learners is not None:
        sessions = sessions.filter(learner__in=list(learners))
    by_group = _by_group(_learners(sessions))
    hidden = _hidden({name: len(them) for name, them in by_group.items()})
    shown = [_group(name, by_group[name]) for name in _in_order(by_group) if name not in hidden]
    compared = {group.name: group.figures for group in shown if group.name != NO_GROUP}
    gaps = {
        m: widest_gap({name: f[m] for name, f in compared.items()}, relative=m in RATES)
        for m in MEASURES
    }
    return FairnessReport(course, days, tuple(shown), len(hidden), gaps)


def log_alarms(report: FairnessReport) -> None:
    """One line for each gap over the limit: ids and numbers, no group's name."""
    for measure in report.alarms:
        gap = report.gaps[measure]
        assert gap is not None
        log.warning(
            "fairness alarm: course %s, %s, gap %.3f, sure %d, over %d days",
            *(report.course.pk if report.course else 0, measure, gap.gap, gap.sure, report.days),
        )


# --- what was counted -----------------------------------------------------------------------------


def _learners(sessions: QuerySet[Session]) -> dict[LearnerId, _Learner]:
    found: dict[LearnerId, _Learner] = defaultdict(_Learner)
    hours: dict[Any, float] = {}
    for pk, learner, windows in sessions.values_list("pk", "learner_id", "windows").iterator():
        known, unknown = (windows.get(f"belief:{word}", 0) for word in ("known", "unknown"))
        hours[pk] = (known + unknown) / 3600
        found[learner].add("coverage", known, known + unknown)
        found[learner].add("signals", 0, hours[pk])
    raised = AffectSignalRecord.objects.filter(session__in=sessions, edge="raised")
    for row in raised.select_related("session").iterator(chunk_size=2_000):
        # A session whose seconds were not counted has no hours to hold its signals against.
        if hours.get(row.session_id) and not row.is_erased and row.kind != "recovered":
            found[row.session.learner_id].add("signals", 1, 0)
    made = AdaptationRecord.objects.filter(session__in=sessions).exclude(mode="teacher")
    rows = made.order_by().values_list("session__learner_id", "mode", "outcome", "helped")
    for learner, mode, outcome, helped in rows:
        if mode == "offer" and outcome:
            found[learner].add("dismissed", outcome == "dismissed", 1)
            found[learner].add("wrong", outcome == "wrong", 1)
        if helped is not None and (mode == "quiet" or outcome == "taken"):
            found[learner].add("helped", helped, 1)
    return found


def _by_group(learners: Mapping[LearnerId, _Learner]) -> dict[str, list[_Learner]]:
    held = LearnerRecord.objects.filter(group__in=group_names())
    group_of = dict(held.values_list("learner_id", "group"))
    groups: dict[str, list[_Learner]] = defaultdict(list)
    for pk, learner in learners.items():
        groups[group_of.get(pk, NO_GROUP)].append(learner)
    return groups


def _in_order(groups: Iterable[str]) -> list[str]:
    names = group_names()
    return sorted(groups, key=lambda name: names.index(name) if name in names else len(names))


def _hidden(sizes: Mapping[str, int]) -> frozenset[str]:
    """Groups that are not shown: those under LEAST_SHOWN, and further ones until so many are
    hidden that nobody is found by taking what is shown from a total that stands elsewhere."""
    order = sorted(sizes, key=lambda name: (sizes[name], name))
    hidden = [name for name in order if sizes[name] < LEAST_SHOWN]
    rest = order[len(hidden) :]
    while hidden and rest and sum(sizes[name] for name in hidden) < LEAST_SHOWN:
        hidden.append(rest.pop(0))
    return frozenset(hidden)


def _group(name: str, learners: list[_Learner]) -> GroupReport:
    figures = {m: _shown(ratio([x.parts.get(m, Part(0, 0)) for x in learners])) for m in MEASURES}
    hours = sum(x.parts["signals"].n for x in learners)
    return GroupReport(name, len(learners), hours, figures)


def _shown(found: Ratio) -> Ratio:
    """What fewer than LEAST_SHOWN learners said is not told."""
    return found if found.learners >= LEAST_SHOWN else Ratio(found.learners, found.n, None, None)
