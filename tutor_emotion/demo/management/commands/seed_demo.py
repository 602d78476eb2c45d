"""``manage.py seed_demo``: the shipped courses, a school and its people. Again: no change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tutor_emotion.demo.school import is_adult, seed_school
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.content import read_course, shipped
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import LessonCourse
from tutor_emotion.models import Course, Policy

TEACHER = "teacher"
CO_TEACHER = "cem"
OFFICE = "office"  # administers the school
LEARNERS = ("ada", "ben")
TAUGHT = "fractions"  # the course that the school's classes take
DEFAULT_PASSWORD = "tutor-demo"  # noqa: S105 - a demonstration that is printed on the screen


def demo_password() -> str:
    """The demo users' password: ``TUTOR_EMOTION_DEMO_PASSWORD``, or the printed default."""
    return os.environ.get("TUTOR_EMOTION_DEMO_PASSWORD") or DEFAULT_PASSWORD


class Command(BaseCommand):
    help = "Write the demonstration's courses and users. Consents are left to the learners."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            teacher = _user(TEACHER, is_staff=True)
            co_teacher, office = (_user(name, is_staff=True) for name in (CO_TEACHER, OFFICE))
            for name in LEARNERS:
                is_adult(_user(name))
            try:
                keys = [_course(path) for path in shipped()]
            except TutorEmotionError as error:
                raise CommandError(str(error)) from None
            for course in Course.objects.filter(key__in=keys):
                course.teachers.add(teacher)
                Policy.objects.get_or_create(course=course)
            taught = Course.objects.get(key=TAUGHT)
            seed_school(taught, teacher, co_teacher, office)
        users = ", ".join((TEACHER, CO_TEACHER, OFFICE, *LEARNERS))
        self.stdout.write(f"Ready: courses {', '.join(keys)}; users {users}.")


def _course(path: Path) -> str:
    """The key of a shipped course. One that is here already may have been written on: it stays."""
    if not LessonCourse.objects.filter(key=path.name).exists():
        load(read_course(path))
    return path.name


def _user(name: str, **rights: bool) -> Any:
    """The user, with today's demo password (hashed anew only where it differs)."""
    user, created = get_user_model().objects.get_or_create(username=name, defaults=rights)
    if created or not user.check_password(demo_password()):
        user.set_password(demo_password())
        user.save()
    return user
