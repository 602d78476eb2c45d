"""The people that tests are about."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from tutor_emotion import privacy, services
from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.models import Course, LearnerRecord, Policy, Session


def person(name: str = "ada", *, age: str = "adult", **fields: object) -> User:
    user = get_user_model().objects.create_user(name, password="pass-word-1", **fields)
    LearnerRecord.objects.create(learner=user, age_band=age)
    return user  # type: ignore[return-value]


def course(key: str = "fractions", *, teacher: User | None = None, **policy: object) -> Course:
    row = Course.objects.create(key=key, title=key.title())
    Policy.objects.create(course=row, **policy)
    if teacher is not None:
        row.teachers.add(teacher)
    return row


def consent(row: Course, learner: User, *modalities: Modality) -> None:
    choices = dict.fromkeys(modalities or MODALITIES, True)
    services.record_consents(row, learner.pk, choices, privacy.CONSENT_TEXT_VERSION)


def session(row: Course, learner: User) -> Session:
    return services.open_session(row, "lesson-1", learner.pk)


def token(row: Course, learner: User, lesson: str = "lesson-1") -> str:
    return services.lesson_token(row.key, lesson, learner.pk)
