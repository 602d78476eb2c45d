"""``manage.py seed_demo`` and ``load_lesson``."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

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
    course = Course.objects.get(key="fractions")
    assert list(course.teachers.all()) == [teacher]
    assert not course.policy.paused
    assert Lesson.objects.get().course_key == course.key
    assert not Consent.objects.exists()


def test_twice_is_once_and_loses_nothing() -> None:
    call_command("seed_demo", verbosity=0)
    before = counts()
    Course.objects.update(title="My fractions")
    Policy.objects.update(paused=True)
    ada = User.objects.get(username="ada")
    step = Step.objects.all()[0]
    Attempt.objects.create(learner=ada, step=step, answer="3/8", correct=True, verdict="right")
    call_command("seed_demo", verbosity=0)
    assert counts() == before
    assert Course.objects.get().title == "My fractions"
    assert Policy.objects.get().paused
    assert Attempt.objects.count() == 1
    assert User.objects.get(username="ada").password == ada.password


def test_the_password_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("seed_demo", verbosity=0)
    monkeypatch.setenv("TUTOR_EMOTION_DEMO_PASSWORD", "another-one")
    call_command("seed_demo", verbosity=0)
    assert authenticate(username="ada", password="another-one")
    assert not authenticate(username="ada", password="tutor-demo")


def test_a_lesson_file_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_lesson")
    call_command("load_lesson")
    assert capsys.readouterr().out == "fractions-1: loaded\nfractions-1: unchanged\n"


def test_a_bad_or_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("slug = 3")
    with pytest.raises(CommandError, match=r"bad_lesson: bad\.toml"):
        call_command("load_lesson", str(bad))
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_lesson", str(tmp_path / "none.toml"))
    assert not Lesson.objects.exists()
