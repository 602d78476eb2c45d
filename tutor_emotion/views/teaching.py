"""What a teacher's pages share: the course, if it is theirs, and the sessions that they may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from tutor_emotion import services
from tutor_emotion.models import Course, Session


def taught_course(request: HttpRequest, key: str) -> Course:
    """A course of somebody else looks like one that does not exist."""
    course = Course.objects.filter(key=key).first()
    if course is None or not services.may_teach(course, request.user):
        raise Http404
    return course


def seen_sessions(request: HttpRequest, course: Course) -> QuerySet[Session]:
    """The sessions of this course whose learners this teacher sees."""
    return services.sessions_of(request.user).filter(course=course)


def seen_session(request: HttpRequest, course: Course, session_id: UUID) -> Session:
    """One of them; one of somebody else looks like one that does not exist."""
    found = seen_sessions(request, course).select_related("learner", "course")
    session = found.filter(pk=session_id).first()
    if session is None:
        raise Http404
    return session


def name_of(user: object) -> str:
    """The name that a teacher knows a learner by."""
    full: str = getattr(user, "get_full_name", str)()
    return full or str(getattr(user, "get_username", lambda: user)())
