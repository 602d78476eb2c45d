"""A learner's timeline: whole without a script, restrained, and only for who teaches them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.past import Story, ago
from tutor_emotion.models import ClassRole, Course, Enrolment, Policy, SchoolClass, Session
from tutor_emotion.services import timeline as timelines

pytestmark = pytest.mark.django_db
FACE = {"modality": "face", "measure": "brow_lowered", "value": 0.6, "unit": "share", "usual": 0.1,
        "z": 2.0, "for_s": 6.0, "nats": 0.4}  # fmt: skip
MISSES = {"modality": "interaction", "measure": "misses_on_step", "value": 3.0, "unit": "answers",
          "usual": None, "z": None, "for_s": None, "nats": 0.5}  # fmt: skip


@pytest.fixture
def teacher() -> Any:
    return people.person("weber")


@pytest.fixture
def course(teacher: Any) -> Course:
    return people.course(teacher=teacher)


@pytest.fixture
def session(course: Course) -> Session:
    mia = people.person("mia", first_name="Mia", last_name="Brandt")
    return ago(people.session(course, mia), minutes=5, ended=False)


def look(session: Session, user: Any, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    address = reverse("tutor_emotion:timeline", args=[session.course.key, session.pk])
    return client.get(address, query)


def rows(response: Any) -> list[tuple[str, str, str, str]]:
    """Clock, what, more and step of each line, as the context has them (newest first)."""
    lines = response.context["lines"]
    return [(line.clock, line.what, line.why, line.moment.step) for line in lines]


# --- it works -------------------------------------------------------------------------------------


def test_what_happened_is_told_in_words_the_newest_first(session: Session, teacher: Any) -> None:
    (
        Story(session)
        .shown(0.0, "s1", "Share a cake")
        .answer(20.0, "s1", right=False, took_s=18.4)
        .hint(40.0, "s1", 2)
        .signal(50.0, "struggle.suspect", evidence=[FACE, MISSES])
        .offer(52.0, 1, step="s1", outcome="taken", helped=True)
        .answer(80.0, "s1", right=True)
        .signal(90.0, "struggle.suspect", "cleared")
        .event("SelfReport", 95.0, data={"feeling": "bored"})
    )
    response = look(session, teacher)
    assert rows(response) == [
        ("1:35", "said with one tap how it goes", "", ""),
        ("1:20", "right", "after 10 s", "Share a cake"),
        ("0:52", "Offer a hint", "taken; the next answer was right", "Share a cake"),
        ("0:50", "may be struggling", "3 misses on this step; over after 0:40", ""),
        ("0:40", "hint 2 opened", "", "Share a cake"),
        ("0:20", "not right yet", "after 18 s", "Share a cake"),
        ("0:00", "began", "", "Share a cake"),
    ]
    text = response.content.decode()
    assert "Mia Brandt" in text
    assert "2 answers, 1 of them right, 1 offer" in text
    assert 'data-running="yes"' in text


def test_it_does_not_tell_sensors_probabilities_or_the_feeling_that_was_tapped(
    session: Session, teacher: Any
) -> None:
    voice = FACE | {"modality": "voice", "measure": "pause_ratio"}
    tap = MISSES | {"modality": "self_report", "measure": "said_bored", "value": 1.0}
    typed = MISSES | {"modality": "text", "measure": "says_annoyed", "value": 1.0}
    Story(session).signal(40.0, "bored", evidence=[tap, typed]).signal(
        50.0, "struggle.suspect", evidence=[FACE, voice]
    ).event("SelfReport", 60.0, data={"feeling": "bored"}).event(
        "Visibility", 70.0, data={"hidden": True}
    ).event("Activity", 71.0, data={"busy": "none"})
    response = look(session, teacher)
    assert [line[1:3] for line in rows(response)] == [
        ("said with one tap how it goes", ""),
        ("may be struggling", "signs in the work"),
        ("seems bored", "said so with one tap; wrote so"),
    ]
    # Without the host's page around it: the tokens in there may spell anything.
    text = look(session, teacher, part="").content.decode()
    for hidden in ("brow", "pause_ratio", "0.7", "0.6", "annoy", "face", "voice"):
        assert hidden not in text, hidden


def test_the_part_that_changes_comes_alone_and_says_when_nothing_did(
    session: Session, teacher: Any
) -> None:
    Story(session).answer(20.0, "s1", right=True)
    part = look(session, teacher, part="")
    assert part.status_code == 200
    assert "<html" not in part.content.decode()
    client = Client()
    client.force_login(teacher)
    address = reverse("tutor_emotion:timeline", args=[session.course.key, session.pk]) + "?part"
    again = client.get(address, HTTP_IF_NONE_MATCH=part["ETag"])
    assert again.status_code == 304
    Story(session).answer(30.0, "s2", right=True)
    assert client.get(address, HTTP_IF_NONE_MATCH=part["ETag"]).status_code == 200


def test_earlier_sessions_are_there_for_as_long_as_the_policy_keeps_them(
    session: Session, teacher: Any
) -> None:
    day = 24 * 60
    kept = ago(people.session(session.course, session.learner), minutes=2 * day)
    gone = ago(people.session(session.course, session.learner), minutes=9 * day)
    of_another_course = people.session(people.course("latin"), session.learner)
    assert look(session, teacher).context["earlier"] == [kept]
    Story(kept).answer(20.0, "s1", right=True)
    assert len(rows(look(kept, teacher))) == 1
    Story(gone).signal(20.0, "confused")
    expired = look(gone, teacher)
    assert rows(expired) == []
    assert "no longer kept" in expired.content.decode()
    assert look(of_another_course, teacher).status_code == 404


# --- its edges ------------------------------------------------------------------------------------


def test_where_nothing_is_kept_a_session_is_told_only_while_it_runs(
    session: Session, teacher: Any
) -> None:
    Policy.objects.filter(course=session.course).update(keep_events_days=0)
    Story(session).answer(20.0, "s1", right=True)
    assert len(rows(look(session, teacher))) == 1
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())
    assert rows(look(session, teacher)) == []


def test_a_session_that_nobody_ended_does_not_run_for_ever(session: Session) -> None:
    assert timelines.is_running(session)
    session.started_at = timezone.now() - timedelta(days=2)
    assert not timelines.is_running(session)


def test_a_clock_that_began_anew_goes_on_where_the_session_was(
    session: Session, teacher: Any
) -> None:
    Story(session).answer(100.0, "s1", right=False).answer(110.0, "s1", right=False)
    Story(session, clock_began_s=200.0).answer(5.0, "s1", right=True)
    assert [line[:2] for line in rows(look(session, teacher))] == [
        ("3:25", "right"),
        ("1:50", "not right yet"),
        ("1:40", "not right yet"),
    ]


def test_signals_that_last_and_that_are_raised_again(session: Session) -> None:
    Story(session).signal(10.0, "confused").signal(20.0, "confused", "cleared").signal(
        30.0, "confused"
    ).signal(40.0, "bored", "cleared").signal(50.0, "wheelspin", skill="a").signal(
        60.0, "wheelspin", skill="b"
    )
    moments = timelines.timeline(session)
    assert [(m.kind, m.at_s, m.until_s) for m in moments] == [
        ("confused", 10.0, 20.0),
        ("confused", 30.0, None),
        ("wheelspin", 50.0, None),
        ("wheelspin", 60.0, None),
    ]


def test_what_was_done_quietly_has_no_answer_and_a_call_is_one(
    session: Session, teacher: Any
) -> None:
    Story(session).offer(10.0, 1, "slow_down", mode="quiet").offer(
        20.0, 2, "teacher_flag", mode="teacher"
    ).offer(30.0, 3, "hint")
    assert [line[1:3] for line in rows(look(session, teacher))] == [
        ("Offer a hint", "still open"),
        ("you were called, in the live classroom", ""),
        ("Slow down: smaller pieces, longer waits", "done without asking"),
    ]


def test_a_long_session_shows_its_newest_part(
    session: Session, teacher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelines, "MOST", 3)
    story = Story(session)
    for number in range(5):
        story.answer(float(number), "s1", right=True)
    response = look(session, teacher)
    assert [line[0] for line in rows(response)] == ["0:04", "0:03", "0:02"]
    assert "The newest part" in response.content.decode()


def test_titles_are_text_and_nothing_else(session: Session, teacher: Any) -> None:
    Story(session).shown(0.0, "s1", "<script>alert(1)</script>").answer(1.0, "s1", right=True)
    assert "<script>alert" not in look(session, teacher).content.decode()


# --- what it refuses ------------------------------------------------------------------------------


def test_only_who_teaches_the_learner_may_look(session: Session, teacher: Any) -> None:
    assert look(session, people.person("other")).status_code == 404
    assert look(session, session.learner).status_code == 404
    assert Client().get(
        reverse("tutor_emotion:timeline", args=[session.course.key, session.pk])
    ).status_code == 302  # fmt: skip


def test_a_class_teacher_looks_at_that_class_alone(session: Session) -> None:
    cem = people.person("cem")
    one, other = (SchoolClass.objects.create(course=session.course, name=n) for n in ("7a", "7b"))
    ClassRole.objects.create(school_class=one, user=cem, role="teacher")
    Enrolment.objects.create(school_class=other, learner=session.learner)
    assert look(session, cem).status_code == 404
    Enrolment.objects.create(school_class=one, learner=session.learner)
    assert look(session, cem).status_code == 200


def test_a_session_of_another_course_is_not_found_under_this_one(
    session: Session, teacher: Any
) -> None:
    people.course("latin", teacher=teacher)
    client = Client()
    client.force_login(teacher)
    address = reverse("tutor_emotion:timeline", args=["latin", session.pk])
    assert client.get(address).status_code == 404
