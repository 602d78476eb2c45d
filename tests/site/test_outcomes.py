"""What came of what was offered: the reply, whether the next answer was right, what worked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests import people
from tutor_emotion import services
from tutor_emotion.core.shares import Share
from tutor_emotion.core.types import Adaptation, Answer, Outcome
from tutor_emotion.models import AdaptationRecord, Course, EventRecord, Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def session(course: Course, ada: User) -> Session:
    return people.session(course, ada)


def made(
    session: Session, number: int, kind: str = "hint", mode: str = "offer", **more: Any
) -> None:
    about = {"step": "s1", "skill": "adding", **more}
    adaptation = Adaptation(
        number, kind, mode, 10.0 * number, 10.0 * number + 60, None, "offer.hint", **about
    )  # type: ignore[arg-type]
    services.record_adaptation(str(session.pk), adaptation)


def replied(session: Session, number: int, outcome: Any, choice: Any = None) -> None:
    services.record_outcome(str(session.pk), Outcome(99.0, number, outcome, choice))


def answered(
    session: Session, correct: bool, step: str = "s1", skill: str = "adding", **more: Any
) -> int:
    answer = Answer(100.0, step, skill, correct, 20.0, **more)
    return services.settle_helped(str(session.pk), answer)


def row(number: int = 1) -> AdaptationRecord:
    return AdaptationRecord.objects.get(number=number)


def worked(course: Course, **more: Any) -> Any:
    return services.what_worked(course, timezone.now() - timedelta(days=1), **more)


# --- the record ----------------------------------------------------------------------------------


def test_an_adaptation_is_kept_with_what_it_was_about(session: Session) -> None:
    made(session, 1)
    assert (row().message, row().step, row().skill) == ("offer.hint", "s1", "adding")


def test_the_first_reply_stands_and_silence_is_none(session: Session) -> None:
    for number in (1, 2, 3):
        made(session, number)
    replied(session, 1, "ignored")
    replied(session, 1, "taken", "hint")  # the card was being looked at when its time was over
    replied(session, 2, "dismissed")
    replied(session, 2, "taken", "hint")
    replied(session, 3, "wrong")
    replied(session, 3, "ignored")
    assert [row(n).outcome for n in (1, 2, 3)] == ["taken", "dismissed", "wrong"]


def test_an_offer_that_nobody_can_answer_any_more_was_ignored(session: Session) -> None:
    made(session, 1)
    made(session, 2, mode="quiet", kind="slow_down")
    socket, _ = services.enter_session(str(session.pk))
    services.leave_session(str(session.pk), socket, 0, {})
    assert (row(1).outcome, row(2).outcome) == ("ignored", "")
    replied(session, 1, "taken", "hint")  # they came back within the time of grace
    assert row(1).outcome == "taken"


# --- helped --------------------------------------------------------------------------------------


def test_the_next_answer_that_counts_says_whether_it_helped(session: Session) -> None:
    made(session, 1)
    replied(session, 1, "taken", "worked_step")
    assert answered(session, True, revealed=True) == 0  # the solution stood beside it
    assert row().helped is None
    assert answered(session, True, step="s2") == 1  # the next of the same skill
    assert row().helped is True
    answered(session, False)
    assert row().helped is True  # the next answer is one answer


def test_an_answer_before_it_was_taken_does_not_tell(session: Session) -> None:
    made(session, 1)
    answered(session, False)
    assert row().helped is False
    replied(session, 1, "taken", "hint")
    assert row().helped is None
    answered(session, True)
    assert row().helped is True


def test_a_quiet_change_is_judged_too_and_a_flag_is_not(session: Session) -> None:
    made(session, 1, kind="slow_down", mode="quiet")
    made(session, 2, kind="teacher_flag", mode="teacher")
    answered(session, False)
    assert (row(1).helped, row(2).helped) == (False, None)


def test_another_skill_another_session_and_another_hour_are_no_answer(
    session: Session, course: Course, ada: User
) -> None:
    made(session, 1)
    assert answered(session, True, step="x", skill="graphs") == 0
    assert answered(people.session(course, ada), True) == 0
    long_ago = timezone.now() - timedelta(seconds=services.HELPED_WITHIN_S + 1)
    AdaptationRecord.objects.update(created_at=long_ago)
    assert answered(session, True) == 0
    assert row().helped is None


def test_a_lesson_that_names_no_skill_is_judged_by_its_steps(session: Session) -> None:
    made(session, 1, skill="")
    assert answered(session, True, step="s2", skill="") == 0
    assert answered(session, True, step="s1", skill="") == 1


# --- what worked ---------------------------------------------------------------------------------


def test_what_became_of_each_kind(session: Session, course: Course) -> None:
    for number, (outcome, correct) in enumerate(
        [("taken", True), ("taken", True), ("taken", False), ("dismissed", True), ("", False)], 1
    ):
        made(session, number)
        if outcome:
            replied(session, number, outcome, "hint" if outcome == "taken" else None)
        answered(session, correct)
    made(session, 6, kind="slow_down", mode="quiet", skill="graphs", step="g1")
    report = worked(course)
    hint, slower = report.kinds
    assert (hint.kind, hint.mode, hint.offered, hint.taken) == ("hint", "offer", 5, 3)
    assert (hint.dismissed, hint.ignored, hint.wrong) == (1, 0, 0)  # the last is still open
    assert (hint.helped, hint.left) == (Share(2, 3), Share(1, 1))
    assert hint.choices == {"hint": Share(2, 3)}
    assert (slower.kind, slower.offered, slower.helped) == ("slow_down", 1, Share())
    assert [(w.kind, w.skill) for w in report.skills] == [
        ("hint", "adding"),
        ("slow_down", "graphs"),
    ]
    assert report.unaided is None  # nothing was kept of what was answered


def test_an_offer_whose_page_went_away_counts_as_ignored(session: Session, course: Course) -> None:
    made(session, 1)
    AdaptationRecord.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert worked(course).kinds[0].ignored == 1


def test_the_unaided_are_those_to_whom_nothing_was_said_after_a_miss(
    session: Session, course: Course
) -> None:
    def kept(at_s: float, correct: bool, step: str = "s1", skill: str = "adding") -> None:
        data = {"answer": "", "revealed": False}
        EventRecord.objects.create(
            session=session, kind="Answer", at_s=at_s, step=step, skill=skill, correct=correct,
            took_s=9.0, data=data,
        )  # fmt: skip

    kept(5, False)
    kept(8, True)  # right by themselves
    kept(20, False)
    made(session, 3)  # at 30 s
    kept(40, True)  # with an offer between
    kept(50, False)
    kept(60, False, step="s2")  # of the same skill
    kept(70, True, step="g1", skill="graphs")  # about something else
    kept(80, False, step="g1", skill="graphs")
    kept(900, True, step="g1", skill="graphs")  # another day's work
    assert worked(course).unaided == Share(1, 2)


def test_a_teacher_of_a_class_reads_of_their_own_learners(course: Course, ada: User) -> None:
    bob = people.person("bob")
    for learner in (ada, bob):
        made(people.session(course, learner), 1)
    assert worked(course).kinds[0].offered == 2
    assert worked(course, learners=[bob.pk]).kinds[0].offered == 1
    assert worked(course, learners=[]).kinds == ()


def test_what_is_older_or_of_another_course_is_left_out(session: Session, course: Course) -> None:
    made(session, 1)
    other = people.course("graphs")
    assert worked(other).kinds == ()
    assert services.what_worked(course, timezone.now() + timedelta(minutes=1)).kinds == ()


def test_a_share_says_how_far_to_trust_it() -> None:
    assert Share().share is None
    assert Share().interval is None
    low, high = Share(0, 3).interval or (0, 0)
    assert low == 0
    assert 0.5 < high < 0.6  # three of three misses say little
    assert Share(50, 100).interval == pytest.approx((0.404, 0.596), abs=0.001)
    assert Share(1, 2) + Share(2, 3) == Share(3, 5)
