"""``manage.py seed_demo``."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command

from tutor_emotion.lessons.content import shipped
from tutor_emotion.lessons.models import Attempt, Lesson, Step, Variant
from tutor_emotion.models import Consent, Course, Policy

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Course, Policy, Lesson, Step, Variant)]


def test_everything_for_a_demonstration() -> None:
    call_command("seed_demo", verbosity=0)
    assert authenticate(username="ada", password="tutor-demo")
    teacher = authenticate(username="teacher", password="tutor-demo")
    assert teacher
    assert (teacher.is_staff, teacher.is_superuser) == (True, False)  # type: ignore[attr-defined]
    assert not User.objects.get(username="ben").is_staff
    keys = {path.name for path in shipped()}
    assert {course.key for course in Course.objects.all()} == keys
    for course in Course.objects.all():
        assert list(course.teachers.all()) == [teacher]
        assert not course.policy.paused
        assert Lesson.objects.filter(course_key=course.key).exists()
    agreed = User.objects.filter(pk__in=Consent.objects.values("learner"))
    assert agreed
    assert not any(user.has_usable_password() for user in agreed), "a real person's word"


def test_twice_is_once_and_loses_nothing() -> None:
    call_command("seed_demo", verbosity=0)
    before = counts()
    Course.objects.update(title="My fractions")
    Policy.objects.update(paused=True)
    Step.objects.filter(slug="shaded-part").update(title="My own words")
    ada = User.objects.get(username="ada")
    step = Step.objects.all()[0]
    Attempt.objects.create(learner=ada, step=step, answer="3/8", correct=True, verdict="right")
    call_command("seed_demo", verbosity=0)
    assert counts() == before
    assert {course.title for course in Course.objects.all()} == {"My fractions"}
    assert not Policy.objects.filter(paused=False).exists()
    assert Step.objects.get(slug="shaded-part").title == "My own words"
    assert Attempt.objects.count() == 1
    assert User.objects.get(username="ada").password == ada.password


def test_the_password_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("seed_demo", verbosity=0)
    monkeypatch.setenv("TUTOR_EMOTION_DEMO_PASSWORD", "another-one")
    call_command("seed_demo", verbosity=0)
    assert authenticate(username="ada", password="another-one")
    assert not authenticate(username="ada", password="tutor-demo")
