"""What somebody asks of a large site: each page, call and nightly deed, by name.

Filled by `tests.growth.filling`: learner 1 is in class 1 (course 2, school 2), taught by user
6001; user 6201 owns the site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from tests.growth.filling import LEARNERS, TEACHERS
from tutor_emotion import services
from tutor_emotion.core.types import Answer, SelfReport
from tutor_emotion.live.entry import enter
from tutor_emotion.models import Course, Experiment, Session
from tutor_emotion.services import experiments, fairness, retention

LEARNER, TEACHER, OWNER = 1, LEARNERS + 1, LEARNERS + TEACHERS + 1
COURSE, LESSON = "course-2", "lesson-9"
A = "/admin/tutor_emotion"


def session() -> Session:
    """The newest of the learner."""
    newest = Session.objects.filter(learner=LEARNER).order_by("-started_at").first()
    assert newest is not None
    return newest


def _pages() -> Mapping[str, tuple[int, str]]:
    """Name → who asks for which address."""
    day = timezone.localdate() - timedelta(days=3)
    month = timezone.localdate() - timedelta(days=30)
    mine = session().pk
    return {
        "signals": (OWNER, f"{A}/affectsignalrecord/"),
        "signals, page 50": (OWNER, f"{A}/affectsignalrecord/?p=50"),
        "signals, of a course": (OWNER, f"{A}/affectsignalrecord/?course=2"),
        "signals, of some days": (OWNER, f"{A}/affectsignalrecord/?created_at__gte={day}"),
        "signals, of a learner": (OWNER, f"{A}/affectsignalrecord/?q=user17"),
        "signals, a teacher's": (TEACHER, f"{A}/affectsignalrecord/"),
        "signals, a teacher's, of a course": (TEACHER, f"{A}/affectsignalrecord/?course=2"),
        "adaptations": (OWNER, f"{A}/adaptationrecord/"),
        "adaptations, of a kind": (OWNER, f"{A}/adaptationrecord/?kind=hint"),
        "adaptations that helped": (OWNER, f"{A}/adaptationrecord/?helped__exact=1"),
        "adaptations, a teacher's": (TEACHER, f"{A}/adaptationrecord/"),
        "sessions": (OWNER, f"{A}/session/"),
        "sessions, of a course": (OWNER, f"{A}/session/?course=2"),
        "sessions, of a learner": (OWNER, f"{A}/session/?q=user17"),
        "sessions, a teacher's": (TEACHER, f"{A}/session/"),
        "a session": (OWNER, f"{A}/session/{mine}/change/"),
        "consents": (OWNER, f"{A}/consent/"),
        "consents, of a modality": (OWNER, f"{A}/consent/?modality__exact=face"),
        "consents taken back": (OWNER, f"{A}/consent/?revoked_at__isempty=0"),
        "ledger": (OWNER, f"{A}/ledgerentry/"),
        "ledger, of a course": (OWNER, f"{A}/ledgerentry/?course=course-2"),
        "ledger, what was refused": (OWNER, f"{A}/ledgerentry/?given__exact=0"),
        "ledger, of a pseudonym": (
            OWNER,
            f"{A}/ledgerentry/?q=c4ca4238-a0b9-2382-0dcc-509a6f75849b",
        ),
        "looks": (OWNER, f"{A}/look/"),
        "looks, of a page": (OWNER, f"{A}/look/?page__exact=timeline"),
        "learners": (OWNER, f"{A}/learnerrecord/"),
        "enrolments": (OWNER, f"{A}/enrolment/"),
        "history of a class": (OWNER, f"{A}/schoolclass/1/history/"),
        "an experiment": (OWNER, f"{A}/experiment/2/change/"),
        "answers": (OWNER, "/admin/tutor_emotion_lessons/attempt/"),
        "answers, a teacher's": (TEACHER, "/admin/tutor_emotion_lessons/attempt/"),
        "adaptations in lessons": (OWNER, "/admin/tutor_emotion_lessons/lessonadaptation/"),
        "masteries": (OWNER, "/admin/tutor_emotion_lessons/mastery/"),
        "timeline": (TEACHER, f"/tutor-emotion/classroom/{COURSE}/learner/{mine}/"),
        "classroom": (TEACHER, f"/tutor-emotion/classroom/{COURSE}/"),
        "lessons to report": (TEACHER, f"/tutor-emotion/classroom/{COURSE}/report/"),
        "report of a week": (TEACHER, f"/tutor-emotion/classroom/{COURSE}/report/{LESSON}/"),
        "report of a month": (
            TEACHER,
            f"/tutor-emotion/classroom/{COURSE}/report/{LESSON}/?first={month}",
        ),
        "my data": (LEARNER, "/tutor-emotion/my-data/"),
        "who looked at me": (LEARNER, "/tutor-emotion/who-looked/"),
        "session, my own": (LEARNER, f"/tutor-emotion/sessions/{mine}/"),
        "progress": (LEARNER, "/lessons/progress/"),
    }


def _deeds() -> Mapping[str, Callable[[], Any]]:
    """Name → what a socket, a command or the night does."""
    learner = get_user_model().objects.get(pk=LEARNER)
    mine, course = session(), Course.objects.get(key=COURSE)
    text = [Answer(1.0, "step-1", "skill-1", True, 9.0), SelfReport(2.0, "confused")]
    return {
        "socket: a session begins": lambda: services.open_session(course, LESSON, LEARNER),
        "socket: enters": lambda: services.enter_session(str(mine.pk)),
        "socket: forgets old events": lambda: services.prune_events(course.pk),
        "socket: events": lambda: services.record_events(str(mine.pk), text),
        "socket: an answer settles help": lambda: services.settle_helped(str(mine.pk), text[0]),
        "socket: leaves": lambda: services.leave_session(str(mine.pk), 1, 10, {}),
        "socket: classroom": lambda: enter(COURSE, TEACHER),
        "copy of a learner": lambda: services.export_learner(learner),
        "erasure of a learner": lambda: services.erase_learner(learner),
        "results of an experiment": lambda: experiments.results(Experiment.objects.get(pk=2)),
        "fairness of a course, 30 days": lambda: _fairness(course),
        "what worked, a week": lambda: services.what_worked(
            course, timezone.now() - timedelta(days=7)
        ),
        "the night, nothing to do": lambda: retention.prune(
            now=timezone.now() - timedelta(days=2_000)
        ),
    }


def _fairness(course: Course) -> None:
    held = {**settings.TUTOR_EMOTION, "FAIRNESS_GROUPS": ["north", "south"]}
    with override_settings(TUTOR_EMOTION=held):
        assert fairness.compare_groups(course, 30).groups


def asked() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything, as functions that are called once; what they write is the caller's to undo."""
    for name, (who, path) in _pages().items():
        yield f"page: {name}", _Get(who, path)
    for name, deed in _deeds().items():
        yield (name if ":" in name else f"call: {name}"), deed


class _Get:
    """One request of somebody who is signed in already."""

    def __init__(self, who: int, path: str) -> None:
        self.path, self.client = path, Client(SERVER_NAME="localhost")
        self.client.force_login(get_user_model().objects.get(pk=who))

    def __call__(self) -> HttpResponse:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, f"{self.path}: {answer.status_code}"
        return answer


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is not kept."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
