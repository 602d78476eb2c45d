"""The record of looks: written where somebody else sees a learner, read by that learner.

A look that cannot be written is not given: whoever calls lets the error through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet
from django.utils import timezone

from tutor_emotion.models import ClassRole, Course, Enrolment, LearnerId, Look, Session
from tutor_emotion.services.access import schools_of, teaches_all_of

SAME_FOR = timedelta(minutes=10)
AGAIN_AFTER = timedelta(minutes=1)  # a page that stays open is written down no more often


def record_look(
    by: Any, page: str, learners: Iterable[LearnerId], course: Course | None, *, again: bool = False
) -> None:
    """``by`` saw these learners' data on one page; nobody's look at themself is kept.

    ``again``: a page that is still open asked for what is new, which is not another look.
    """
    record_looks(by, page, {course: learners}, again=again)


def record_looks(
    by: Any,
    page: str,
    learners: Mapping[Course | None, Iterable[LearnerId]],
    *,
    again: bool = False,
) -> None:
    """``by`` saw the learners of several courses on one page."""
    seen = {
        (course.pk if course else None, learner): course
        for course, them in learners.items()
        for learner in sorted(set(them) - {by.pk}, key=str)
    }
    if not seen:
        return
    now = timezone.now()
    rows = _same(by, page, now).filter(learner__in={learner for _, learner in seen})
    same = {pk: key for pk, *key in rows.values_list("pk", "course", "learner")}
    known = {pk: tuple(key) for pk, key in same.items() if tuple(key) in seen}
    _go_on(Look.objects.filter(pk__in=known), now, again=again)
    new = [(seen[key], key[1]) for key in seen if key not in set(known.values())]
    roles = {course: role_of(by, course) for course in {course for course, _ in new}}
    Look.objects.bulk_create(
        Look(
            by=by, role=roles[course], page=page, learner_id=learner, course=course,
            first_at=now, last_at=now,
        )
        for course, learner in new
    )  # fmt: skip


def record_opening(
    by: Any, course: Course, classes: Collection[int] | None, *, again: bool = False
) -> None:
    """``by`` opened the live classroom, which shows these classes; None is the whole course."""
    now = timezone.now()
    shown: set[int | None] = {None} if classes is None else set(classes)
    same = _same(by, "classroom", now).filter(course=course, learner=None)
    of_these = Q(school_class__in=shown - {None}) | Q(school_class=None)
    rows = same.filter(of_these)
    known = set(rows.values_list("school_class_id", flat=True))
    _go_on(rows, now, again=again)
    role = role_of(by, course)
    Look.objects.bulk_create(
        Look(
            by=by, role=role, page="classroom", course=course, school_class_id=pk,
            first_at=now, last_at=now,
        )
        for pk in sorted(shown - known, key=lambda pk: pk or 0)
    )  # fmt: skip


def looks_at(learner_id: LearnerId) -> QuerySet[Look]:
    """Every look that this learner was on, newest first.

    A classroom shows a learner while they are in one of its classes, or once in the course.
    """
    about = Q(learner=learner_id)
    began = Session.objects.filter(learner=learner_id).order_by()
    for course, since in began.values_list("course").annotate(Min("started_at")):
        about |= Q(learner=None, course=course, school_class=None, last_at__gte=since)
    for school_class, since, until in _enrolled(learner_id):
        within = Q(learner=None, school_class=school_class, last_at__gte=since)
        about |= within if until is None else within & Q(first_at__lte=until)
    return Look.objects.filter(about).select_related("by", "course", "school_class")


def _enrolled(learner_id: LearnerId) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Each class that this learner was ever in, since when, and until when if it is over."""
    now = Enrolment.objects.filter(learner=learner_id)
    now_in = set(now.values_list("school_class", flat=True))
    ever = Enrolment.history.filter(learner=learner_id).order_by().values_list("school_class")
    for pk, since, until in ever.annotate(Min("history_date"), Max("history_date")):
        yield pk, since, None if pk in now_in else until


def role_of(user: Any, course: Course | None) -> str:
    """As what this user looks into a course; the widest of their roles."""
    if user.is_superuser:
        return "owner"
    if course is None:
        return "school_admin" if schools_of(user).exists() else ""
    if teaches_all_of(course, user):
        return "course_teacher"
    roles = ClassRole.objects.filter(user=user.pk, school_class__course=course)
    role = roles.order_by("-role").values_list("role", flat=True).first()
    if role:
        return str(role)
    return "school_admin" if schools_of(user).filter(classes__course=course).exists() else ""


def _same(by: Any, page: str, now: datetime) -> QuerySet[Look]:
    return Look.objects.filter(by=by.pk, page=page, last_at__gte=now - SAME_FOR)


def _go_on(same: QuerySet[Look], now: datetime, *, again: bool) -> None:
    """These are known already; they are brought up to now."""
    if again:
        same.filter(last_at__lt=now - AGAIN_AFTER).update(last_at=now)
    else:
        same.update(last_at=now, count=F("count") + 1)
