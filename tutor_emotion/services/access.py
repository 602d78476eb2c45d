"""Who may look into which course, whom they see there, and what they may change.

The table is in docs/teachers.md. Seeing: a superuser everybody; a teacher of the course everybody
in it; a class role the learners of that class; a school admin those of the school's classes. A
policy binds everybody in a course, so only who answers for all of its classes may change it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutor_emotion.models import (
    Course,
    Enrolment,
    LearnerId,
    School,
    SchoolClass,
    Session,
)

# --- seeing ---------------------------------------------------------------------------------------


def courses_of(user: Any) -> QuerySet[Course]:
    """The courses that this user may look into, all of them or a part of their learners."""
    if user.is_superuser:
        return Course.objects.all()
    theirs = Q(teachers=user.pk) | Q(pk__in=classes_of(user).values("course"))
    # A subquery and not a join: whoever narrows it further, or deletes from it, gets no row twice.
    return Course.objects.filter(pk__in=Course.objects.filter(theirs).values("pk"))


def may_teach(course: Course, user: Any) -> bool:
    """Whether this user may see the classroom of this course; whom in it, says `learners_seen`."""
    return courses_of(user).filter(pk=course.pk).exists()


def classes_of(user: Any) -> QuerySet[SchoolClass]:
    """The classes whose learners this user sees."""
    if user.is_superuser:
        return SchoolClass.objects.all()
    return SchoolClass.objects.filter(pk__in=_classes(user, ("teacher", "co_teacher")))


def schools_of(user: Any) -> QuerySet[School]:
    """The schools that this user administers."""
    return School.objects.all() if user.is_superuser else School.objects.filter(admins=user.pk)


def learners_seen(course: Course, user: Any) -> frozenset[LearnerId] | None:
    """The learners of this course whom the user sees; None is everybody, and none is none."""
    if teaches_all_of(course, user):
        return None
    mine = Enrolment.objects.filter(school_class__in=classes_of(user).filter(course=course))
    return frozenset(mine.values_list("learner_id", flat=True))


def sessions_of(user: Any) -> QuerySet[Session]:
    """The sessions that this user may look back at: those of the learners whom they see."""
    if user.is_superuser:
        return Session.objects.all()
    enrolled = Enrolment.objects.filter(
        learner=OuterRef("learner"),
        school_class__course=OuterRef("course"),
        school_class__in=classes_of(user),
    )
    taught = Course.objects.filter(teachers=user.pk)
    # Their courses first, as keys: an index finds those, where the `or` alone would read every
    # session that there is.
    courses = list(courses_of(user).order_by().values_list("pk", flat=True))
    mine = Session.objects.filter(course__in=courses)
    return mine.filter(Q(course__in=taught) | Exists(enrolled))


# --- changing -------------------------------------------------------------------------------------


def teaches_all_of(course: Course, user: Any) -> bool:
    """A superuser, or a teacher of the course itself and not only of a class in it."""
    return bool(user.is_superuser or course.teachers.filter(pk=user.pk).exists())


def may_set_policy(course: Course, user: Any) -> bool:
    """Whether this user answers for everybody in the course."""
    return policies_set_by(user).filter(pk=course.pk).exists()


def policies_set_by(user: Any) -> QuerySet[Course]:
    """The courses that this user teaches as a whole, or in which no class is somebody else's."""
    if user.is_superuser:
        return Course.objects.all()
    classes, mine = SchoolClass.objects.filter(course=OuterRef("pk")), managed_by(user).values("pk")
    taught = Q(pk__in=Course.objects.filter(teachers=user.pk).values("pk"))
    all_mine = Exists(classes.filter(pk__in=mine)) & ~Exists(classes.exclude(pk__in=mine))
    return Course.objects.filter(taught | all_mine)


def managed_by(user: Any) -> QuerySet[SchoolClass]:
    """The classes whose enrolments, roles and name this user may change."""
    if user.is_superuser:
        return SchoolClass.objects.all()
    return SchoolClass.objects.filter(pk__in=_classes(user, ("teacher",)))


def removable_by(user: Any) -> QuerySet[SchoolClass]:
    """The classes that this user may delete, with everything that hangs on them."""
    if user.is_superuser:
        return SchoolClass.objects.all()
    return SchoolClass.objects.filter(pk__in=_classes(user, ()))


def may_open_class_in(user: Any) -> QuerySet[Course]:
    """The courses in which this user may add a class.

    A school admin may where the school has a class already: a class is a view of its learners, and
    which school takes which course is the site's to say.
    """
    if user.is_superuser:
        return Course.objects.all()
    theirs = Q(teachers=user.pk) | Q(classes__school__admins=user.pk)
    return Course.objects.filter(pk__in=Course.objects.filter(theirs).values("pk"))


def out_of_reach(course: Course, user: Any) -> frozenset[LearnerId]:
    """Learners whom this user may not enrol: they are in a class of the course, and unseen.

    To enrol somebody is to see them; so nobody takes a learner from a class that is not theirs.
    """
    if teaches_all_of(course, user):
        return frozenset()
    unseen = SchoolClass.objects.filter(course=course).exclude(pk__in=classes_of(user))
    rows = Enrolment.objects.filter(school_class__in=unseen)
    return frozenset(rows.values_list("learner_id", flat=True))


def _classes(user: Any, roles: tuple[str, ...]) -> QuerySet[Any, Any]:
    """Primary keys of the classes of this user's courses and schools, and of those roles."""
    theirs = Q(course__teachers=user.pk) | Q(school__admins=user.pk)
    if roles:
        theirs |= Q(roles__user=user.pk, roles__role__in=roles)
    return SchoolClass.objects.filter(theirs).values("pk")
