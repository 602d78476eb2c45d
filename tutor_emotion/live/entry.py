"""What the classroom's door finds: the course, who looks, and whom they see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from tutor_emotion import services
from tutor_emotion.errors import NotAllowed
from tutor_emotion.models import Course, Enrolment
from tutor_emotion.protocol import ClassInfo


@dataclass(frozen=True, slots=True)
class Entry:
    """``seen``: the ids of learners whom this teacher sees, as text; None: everybody.

    ``roster``: for each learner, which of ``classes`` they are in.
    """

    key: str
    title: str
    paused: bool
    teacher: str
    classes: tuple[ClassInfo, ...]
    roster: Mapping[str, list[int]]
    seen: frozenset[str] | None

    def sees(self, learner: str) -> bool:
        return self.seen is None or learner in self.seen


def enter(course_key: str, user_pk: Any, *, again: bool = False) -> Entry:
    """The course, if this user may look into it now; asked afresh, as both may have changed.

    The learners whom it covers can read that it was opened. ``again``: it is open already.

    Raises:
        NotAllowed: ``not_signed_in``, ``unknown_course`` (to a superuser), ``not_your_course``.
    """
    user = get_user_model().objects.filter(pk=user_pk, is_active=True).first()
    if user is None:
        raise NotAllowed("not_signed_in", "You are not signed in.", hint="Sign in again.")
    course = Course.objects.filter(key=course_key).first()
    if course is None and user.is_superuser:
        raise NotAllowed("unknown_course", "There is no such course.")
    if course is None or not services.may_teach(course, user):
        raise NotAllowed("not_your_course", "You do not teach a course of this name.")
    seen = services.learners_seen(course, user)
    classes = services.classes_of(user).filter(course=course)
    ids = list(classes.values_list("pk", flat=True))
    services.record_opening(user, course, None if seen is None else ids, again=again)
    return Entry(
        course.key,
        course.title,
        services.policy_of(course).paused,
        user.get_full_name() or user.get_username(),
        tuple(ClassInfo(id=pk, name=name) for pk, name in classes.values_list("pk", "name")),
        _roster(ids),
        None if seen is None else frozenset(str(learner) for learner in seen),
    )


def _roster(class_ids: list[int]) -> Mapping[str, list[int]]:
    roster: dict[str, list[int]] = defaultdict(list)
    enrolments = Enrolment.objects.filter(school_class_id__in=class_ids).order_by("school_class")
    for learner, class_id in enrolments.values_list("learner_id", "school_class_id"):
        roster[str(learner)].append(class_id)
    return roster
