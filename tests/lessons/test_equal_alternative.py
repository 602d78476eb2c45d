"""Whoever says no gets the same lesson and the same offers, and no teacher's page tells."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import people
from tests.lessons.conftest import Desk
from tutor_emotion import privacy, services
from tutor_emotion.core.replay import steps
from tutor_emotion.core.types import MODALITIES, Answer, HintRequest, Modality, StepShown
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.live.translate import engine_config
from tutor_emotion.models import ClassRole, Course, Enrolment, SchoolClass, Session

ACTIVITY: frozenset[Modality] = frozenset({"interaction"})
STUCK = [
    StepShown(2.0, "s1", "adding"),
    Answer(150.0, "s1", "adding", False, 20.0),
    Answer(175.0, "s1", "adding", False, 20.0),
    HintRequest(180.0, "s1"),
    Answer(200.0, "s1", "adding", False, 20.0),
    Answer(230.0, "s1", "adding", False, 20.0),
]


@pytest.fixture
def two(lesson: Lesson) -> dict[str, User]:
    """Two learners of one class with names of one length: one says yes to all, one says no."""
    course = Course.objects.get(key="fractions")
    school_class = SchoolClass.objects.create(course=course, name="7a")
    learners = {answer: people.person(f"mia-{answer}") for answer in ("aye", "nay")}
    for learner in learners.values():
        Enrolment.objects.create(school_class=school_class, learner=learner)
    people.consent(course, learners["aye"])
    refused: dict[Modality, bool] = dict.fromkeys(MODALITIES, False)
    version = privacy.CONSENT_TEXT_VERSION
    services.record_consents(course, learners["nay"].pk, refused, version)
    return learners


def browser(learner: User) -> Client:
    client = Client()
    client.force_login(learner)
    return client


def plain(page: str) -> str:
    """A page without what is each one's own: names, tokens, times, numbers of rows."""
    page = re.sub(r"mia-(aye|nay)", "mia", page)
    page = re.sub(r'(token|csrf|nonce|value|socket-path)="[^"]*"', "", page)
    page = re.sub(r"[0-9a-fA-F]{8}-[0-9a-f-]{27}", "", page)
    page = re.sub(r'"learner": "[0-9a-f]+"', "", page)  # under which drafts are kept in the browser
    return re.sub(r"\d+", "0", page)


def test_the_same_pages_steps_and_marks(two: dict[str, User]) -> None:
    said = []
    for learner in two.values():
        desk = Desk(browser(learner))
        page = desk.client.get("/lessons/fractions-1/").content.decode()
        answers = [desk.answer(text).json() for text in ("3/5", "3/8")]
        assert answers[1].pop("feedback"), "one of several words for right, by the attempt's name"
        said.append((plain(page), answers, desk.next().json()))
    assert said[0] == said[1]
    assert [answer["correct"] for answer in said[1][1]] == [False, True]
    assert "Hint" in said[1][0], "the hints are there for whoever wants one"


def test_the_same_offers_without_camera_microphone_and_messages(db: None) -> None:
    policy = services.policy_of(people.course())
    offers = [
        [a.kind for step in steps(STUCK, engine_config(policy, allowed)) for a in step.adaptations]
        for allowed in (frozenset(MODALITIES), ACTIVITY)
    ]
    assert offers[0] == offers[1]
    assert offers[1], "and there are some"


PAGES = (
    "/tutor-emotion/classroom/fractions/",
    "/tutor-emotion/classroom/fractions/report/",
    "/admin/",
    "/admin/tutor_emotion/course/",
    "/admin/tutor_emotion/schoolclass/",
    "/admin/tutor_emotion/enrolment/",
    "/admin/tutor_emotion/session/",
    "/admin/tutor_emotion/affectsignalrecord/",
    "/admin/tutor_emotion/adaptationrecord/",
    "/admin/tutor_emotion/guardianlink/",
)


@pytest.fixture
def teacher(two: dict[str, User]) -> Client:
    teacher = people.person("miss", is_staff=True)
    school_class = SchoolClass.objects.get()
    ClassRole.objects.create(school_class=school_class, user=teacher, role="teacher")
    for learner in two.values():
        people.session(school_class.course, learner)
    return browser(teacher)


def test_no_page_of_a_teacher_tells_who_refused(teacher: Client, two: dict[str, User]) -> None:
    """The page of a class in which all said yes is the page of one in which somebody said no."""
    before = [shown(teacher, page) for page in PAGES]
    course = Course.objects.get(key="fractions")
    people.consent(course, two["nay"])
    assert [shown(teacher, page) for page in PAGES] == before


def test_the_pages_of_both_learners_are_alike(teacher: Client, two: dict[str, User]) -> None:
    pages: list[Any] = []
    for learner in two.values():
        session = Session.objects.get(learner=learner)
        timeline = f"/tutor-emotion/classroom/fractions/learner/{session.pk}/"
        record = f"/admin/tutor_emotion/session/{session.pk}/change/"
        pages.append([shown(teacher, page) for page in (timeline, record)])
    assert pages[0] == pages[1]


@pytest.mark.parametrize("closed", ["consent", "ledgerentry"])
def test_the_records_of_consent_are_not_a_teachers(teacher: Client, closed: str) -> None:
    assert teacher.get(f"/admin/tutor_emotion/{closed}/").status_code == 403


def shown(client: Client, page: str) -> str:
    response = client.get(page)
    assert response.status_code == 200, page
    return plain(response.content.decode())
