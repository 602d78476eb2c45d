"""What the plugin says by Django signals, and what the lesson keeps of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tutor_emotion.lessons.models import Lesson, LessonAdaptation
from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, Course, Session
from tutor_emotion.signals import adaptation, affect_signal


@pytest.fixture
def session(lesson: Lesson, ada: User) -> Session:
    return Session.objects.create(
        learner=ada, course=Course.objects.get(key="fractions"), lesson=lesson.slug
    )


def decide(session: Session, number: int = 1, kind: str = "hint") -> None:
    row = AdaptationRecord.objects.create(
        session=session, number=number, kind=kind, mode="offer", at_s=150.0
    )
    adaptation.send(sender=Session, session=session, record=row)


def signal(session: Session, kind: str, edge: str = "raised") -> None:
    row = AffectSignalRecord.objects.create(
        session=session, kind=kind, edge=edge, at_s=200.0, confidence=0.7, coverage=1.0
    )
    affect_signal.send(sender=Session, session=session, record=row)


def test_a_decision_is_kept_for_its_lesson(session: Session, lesson: Lesson, ada: User) -> None:
    decide(session)
    row = LessonAdaptation.objects.get()
    assert (row.learner, row.lesson, row.session) == (ada, lesson, session.pk)
    assert (row.number, row.kind, row.mode) == (1, "hint", "offer")
    assert row.carried_out_at is None


def test_a_decision_sent_twice_is_kept_once(session: Session) -> None:
    decide(session)
    row = AdaptationRecord.objects.get()
    adaptation.send(sender=Session, session=session, record=row)
    assert LessonAdaptation.objects.count() == 1


def test_recovery_belongs_to_the_last_help_that_was_shown(session: Session) -> None:
    for number in (1, 2, 3):
        decide(session, number)
    for number in (1, 2):
        LessonAdaptation.objects.filter(number=number).update(carried_out_at=timezone.now())
    signal(session, "recovered")
    recovered = LessonAdaptation.objects.filter(recovered=True)
    assert [row.number for row in recovered] == [2]


@pytest.mark.parametrize(("kind", "edge"), [("confused", "raised"), ("recovered", "cleared")])
def test_other_signals_change_nothing(session: Session, kind: str, edge: str) -> None:
    decide(session)
    LessonAdaptation.objects.update(carried_out_at=timezone.now())
    signal(session, kind, edge)
    assert not LessonAdaptation.objects.filter(recovered=True).exists()


def test_recovery_without_help_is_nobodys(session: Session) -> None:
    decide(session)
    signal(session, "recovered")
    assert not LessonAdaptation.objects.filter(recovered=True).exists()


def test_a_lesson_of_another_engine_is_not_ours(session: Session) -> None:
    session.lesson = "somebody-elses"
    decide(session)
    assert not LessonAdaptation.objects.exists()
