"""The demonstration's own page, as a learner meets it."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.test import Client

from tests.lessons.test_pages import URL
from tutor_emotion.lessons.models import Attempt, Lesson, LessonCourse, Step


def home(client: Client) -> str:
    return client.get("/").content.decode()


def solve(learner: User, *steps: Step) -> None:
    for step in steps:
        Attempt.objects.create(learner=learner, step=step, correct=True, verdict="right")


def test_lessons_stand_under_the_title_of_their_course(lesson: Lesson, ada: User) -> None:
    client = Client()
    client.force_login(ada)
    Lesson.objects.create(slug="alone", course_key="no-text", title="Alone")
    html = home(client)
    course = LessonCourse.objects.get(key=lesson.course_key)
    headings = re.findall(r'<h2 id="shelf-\d"><span lang="en" dir="ltr">(.*?)</span>', html)
    assert headings == [course.title, "no-text"]
    assert "Where you were" not in html


def test_the_way_on_is_the_lesson_of_the_newest_answer(lesson: Lesson, ada: User) -> None:
    client = Client()
    client.force_login(ada)
    first, *rest = lesson.steps.all()
    solve(ada, first)
    html = home(client)
    assert "Where you were" in html
    assert html.count(f'href="{URL}"') == 2
    assert "1 of 12 solved" in html
    solve(ada, *rest)
    assert "Where you were" not in home(client), "nothing is left to go on with"


def test_nobody_elses_answers_lead_on(lesson: Lesson, ada: User) -> None:
    other = User.objects.create_user("ben")
    solve(other, *lesson.steps.all()[:2])
    client = Client()
    client.force_login(ada)
    assert "Where you were" not in home(client)


def test_somebody_who_is_not_signed_in_is_asked_to(lesson: Lesson) -> None:
    html = home(Client())
    assert lesson.title not in html
    assert "Sign in" in html
