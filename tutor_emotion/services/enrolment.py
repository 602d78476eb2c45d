"""A list of people into classes: first what would happen, row by row, then the same thing done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from tutor_emotion.models import ClassRole, Course, Enrolment, LearnerId, School, SchoolClass
from tutor_emotion.services.access import (
    classes_of,
    managed_by,
    may_open_class_in,
    out_of_reach,
    schools_of,
    teaches_all_of,
)
from tutor_emotion.services.accounts import CHUNK, Fault, accounts_named, only
from tutor_emotion.services.ages import ages_of, set_ages
from tutor_emotion.services.fairness import groups_of, set_groups
from tutor_emotion.services.rosters import FORMULA, Row

MAX_NEW_CLASSES = 50
What: TypeAlias = Literal["enrol", "role", "change", "age", "group", "there", "bad"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one row. ``why`` is the reason of a ``bad`` one, and empty in the others."""

    row: Row
    what: What
    why: str = ""
    user: Any = None
    class_name: str = ""
    new_class: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a list, row by row, in its order."""

    rows: tuple[Planned, ...]

    @property
    def counts(self) -> Mapping[What, int]:
        return Counter(item.what for item in self.rows)

    @property
    def bad(self) -> tuple[Planned, ...]:
        return tuple(item for item in self.rows if item.what == "bad")

    @property
    def new_classes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.class_name for item in self.rows if item.new_class))

    @property
    def ages(self) -> Mapping[LearnerId, str]:
        """What the list says of how old its learners are."""
        told = (item for item in self.rows if item.what in ("enrol", "age"))
        return {item.user.pk: item.row.age_band for item in told if item.row.age_band}

    @property
    def groups(self) -> Mapping[LearnerId, str]:
        """What the list says of the groups that its learners are compared in."""
        told = (item for item in self.rows if item.what in ("enrol", "age", "group"))
        return {item.user.pk: item.row.group for item in told if item.row.group}

    @property
    def does_something(self) -> bool:
        return any(item.what in ("enrol", "role", "change", "age", "group") for item in self.rows)


def plan_enrolment(
    rows: Sequence[Row], course: Course, default: SchoolClass | None, actor: Any
) -> Plan:
    """What ``enrol`` would do with these rows now, if ``actor`` asked for it. Writes nothing.

    Args:
        default: where a row goes that names no class.
    """
    planner = _Planner(
        course, default, actor, accounts_named(row.person for row in rows if not row.fault)
    )
    return Plan(tuple(planner.plan(row) for row in rows))


@transaction.atomic
def enrol(
    rows: Sequence[Row], course: Course, default: SchoolClass | None, actor: Any, reason: str
) -> Plan:
    """Do what can be done with these rows, looked at afresh; again it finds everything there."""
    # Two of the same lists at once take turns, so the second sees what the first has written.
    Course.objects.select_for_update().get(pk=course.pk)
    plan = plan_enrolment(rows, course, default, actor)
    classes = {row.name: row for row in SchoolClass.objects.filter(course=course)}
    school = default.school if default else _school_of(course, actor)
    for name in plan.new_classes:
        made = SchoolClass(course=course, name=name, school=school)
        made._change_reason = reason  # type: ignore[attr-defined]
        made.save()
        classes[name] = made
    for model, what in ((Enrolment, "enrol"), (ClassRole, "role")):
        new = [_made(item, classes[item.class_name]) for item in plan.rows if item.what == what]
        bulk_create_with_history(
            new, model, batch_size=CHUNK, default_user=actor, default_change_reason=reason
        )
    for item in plan.rows:
        if item.what == "change":
            role = ClassRole.objects.get(school_class=classes[item.class_name], user=item.user)
            role.role = item.row.role
            role._change_reason = reason  # type: ignore[attr-defined]
            role.save()
    set_ages(plan.ages)
    set_groups(plan.groups)
    return plan


def _school_of(course: Course, actor: Any) -> School | None:
    """The school of a class that is new: that of the admin who makes it."""
    if teaches_all_of(course, actor):
        return None
    return schools_of(actor).filter(classes__course=course).first()


def _made(item: Planned, school_class: SchoolClass) -> Enrolment | ClassRole:
    if item.what == "enrol":
        return Enrolment(school_class=school_class, learner=item.user)
    return ClassRole(school_class=school_class, user=item.user, role=item.row.role)


class _Planner:
    """Knows who is where already, so that a row costs no query."""

    def __init__(
        self,
        course: Course,
        default: SchoolClass | None,
        actor: Any,
        people: Mapping[str, Sequence[Any]],
    ) -> None:
        self.people = people
        self.default = default
        classes = SchoolClass.objects.filter(course=course)
        self.classes = {row.name: row.pk for row in classes}
        self.managed = set(managed_by(actor).filter(course=course).values_list("pk", flat=True))
        self.may_open = may_open_class_in(actor).filter(pk=course.pk).exists()
        others = classes_of(actor).exclude(course=course)
        self.elsewhere = set(others.values_list("name", flat=True))
        enrolled = Enrolment.objects.filter(school_class__in=classes)
        self.enrolled = set(enrolled.values_list("learner", "school_class__name"))
        roles = ClassRole.objects.filter(school_class__in=classes)
        self.roles = {
            (user, name): role
            for user, name, role in roles.values_list("user", "school_class__name", "role")
        }
        named = {one.pk for found in people.values() for one in found}
        self.ages = ages_of(named)
        self.aged: dict[LearnerId, str] = {}
        self.groups = groups_of(named)
        self.grouped: dict[LearnerId, str] = {}
        theirs = classes if actor.is_superuser else classes.filter(school__in=schools_of(actor))
        self.groupable = set(theirs.values_list("name", flat=True))
        self.unreachable = out_of_reach(course, actor)
        self.lines: dict[tuple[LearnerId, str], int] = {}
        self.opened: set[str] = set()

    def plan(self, row: Row) -> Planned:
        user = None
        if row.fault:
            return Planned(row, "bad", row.fault, None, row.class_name)
        try:
            user = only(row.person, self.people)
            name, new = self._class(row)
            return Planned(row, self._what(row, user, name), "", user, name, new)
        except Fault as fault:
            return Planned(row, "bad", str(fault), user, row.class_name)

    def _class(self, row: Row) -> tuple[str, bool]:
        name = row.class_name or (self.default.name if self.default else "")
        if not name:
            raise Fault(_("No class is named, and none was chosen above."))
        if name in self.classes:
            if self.classes[name] not in self.managed:
                raise Fault(_("You may not change this class."))
            return name, False
        if not self.may_open:
            raise Fault(_("There is no such class in this course."))
        if name in self.elsewhere and name not in self.opened:
            raise Fault(_("This class belongs to another course."))
        if name.startswith(FORMULA) or len(name) > 100:
            raise Fault(_("This cannot be the name of a class."))
        self.opened.add(name)
        if len(self.opened) > MAX_NEW_CLASSES:
            raise Fault(_("More than %(n)d new classes at once.") % {"n": MAX_NEW_CLASSES})
        return name, True

    def _what(self, row: Row, user: Any, name: str) -> What:
        key = (user.pk, name)
        first = self.lines.setdefault(key, row.line)
        if first != row.line:
            raise Fault(_("The same person and class as in line %(line)d.") % {"line": first})
        if row.role != "learner":
            held = self.roles.get(key)
            return "role" if held is None else "there" if held == row.role else "change"
        if row.age_band and self.aged.setdefault(user.pk, row.age_band) != row.age_band:
            raise Fault(_("Another line says another age of this learner."))
        if row.group and name not in self.groupable:
            raise Fault(_("Only who administers the school of this class may say a group."))
        if row.group and self.grouped.setdefault(user.pk, row.group) != row.group:
            raise Fault(_("Another line says another group of this learner."))
        if key in self.enrolled:
            if row.age_band and row.age_band != self.ages.get(user.pk):
                return "age"
            return "group" if row.group and row.group != self.groups.get(user.pk) else "there"
        if user.pk in self.unreachable:
            raise Fault(_("This learner is in a class of this course that you do not see."))
        return "enrol"
