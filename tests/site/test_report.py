"""A lesson's report: which step cost most, told honestly, and as files that nothing runs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.past import Story, ago
from tutor_emotion.models import ClassRole, Course, Enrolment, SchoolClass, Session
from tutor_emotion.services import reporting
from tutor_emotion.views.spreadsheet import safe

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> Any:
    return people.person("weber")


@pytest.fixture
def course(teacher: Any) -> Course:
    return people.course(teacher=teacher)


@pytest.fixture
def learned(course: Course) -> list[Session]:
    """Six learners: the cake is quick, the line costs everybody a minute more than expected."""
    sessions = []
    for number in range(6):
        learner = people.person(f"l{number}", first_name="=Lea", last_name=str(number))
        session = ago(people.session(course, learner), minutes=60)
        story = Story(session).shown(0.0, "cake", "Share a cake", expected_s=30.0)
        story.answer(20.0, "cake", right=True, took_s=20.0)
        story.shown(30.0, "line", "On the line", expected_s=40.0)
        story.answer(80.0, "line", right=False, took_s=50.0).hint(90.0, "line")
        story.answer(130.0, "line", right=number != 5, took_s=50.0)
        sessions.append(session)
    return sessions


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def look(user: Any, course: str = "fractions", lesson: str = "lesson-1", **query: str) -> Any:
    return client_of(user).get(reverse("tutor_emotion:report", args=[course, lesson]), query)


def save(user: Any, **query: str) -> Any:
    values = {"lesson": "lesson-1", **query}
    return client_of(user).get(reverse("tutor_emotion:report-csv", args=["fractions"]), values)


def table(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("learned")
def test_the_step_that_cost_most_comes_first(teacher: Any) -> None:
    response = look(teacher)
    (line, longest), (cake, shortest) = response.context["steps"]
    assert (line.title, line.learners, line.answers, line.misses, line.hints) == (
        "On the line", 6, 12, 7, 6,
    )  # fmt: skip
    assert (line.median_s, line.expected_s, line.lost_s) == (100.0, 40.0, 360.0)
    assert (line.first_right, round(line.solved, 2), line.few) == (0.0, 0.83, False)
    assert (cake.lost_s, cake.first_right) == (0.0, 1.0)
    assert (longest.width, shortest.width) == ("100.0", "0.0")
    text = response.content.decode()
    assert (
        "<strong><bdi>On the line</bdi></strong> cost most: about 6 min more than expected" in text
    )
    assert "6 learners" in text


@pytest.mark.usefixtures("learned")
def test_the_steps_as_a_file(teacher: Any) -> None:
    response = save(teacher)
    today = timezone.localdate()
    name = f"fractions-lesson-1-steps-{today - timedelta(days=6)}-{today}.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    head, first, _ = table(response)
    assert dict(zip(head, first, strict=True)) == {
        "step": "line", "title": "On the line", "learners": "6", "answers": "12", "misses": "7",
        "hints": "6", "first_right": "0.0", "solved": "0.833", "median_s": "100.0",
        "expected_s": "40.0", "lost_s": "360.0",
    }  # fmt: skip


def test_each_learner_under_a_made_up_name_or_under_their_own(
    teacher: Any, learned: list[Session]
) -> None:
    head, *rows = table(save(teacher, what="learners"))
    assert len(rows) == 12
    made_up = {row[0] for row in rows}
    assert len(made_up) == 6
    assert not any("Lea" in row[0] for row in rows)
    assert {row[0] for row in table(save(teacher, what="learners"))[1:]} == made_up
    named = table(save(teacher, what="learners", names="1"))[1:]
    assert named[0][0] == "'=Lea 0", "no spreadsheet runs a name"
    began_at = timezone.localtime(learned[0].started_at).isoformat(timespec="seconds")
    assert dict(zip(head, named[0], strict=True))["began_at"] == began_at


@pytest.mark.usefixtures("learned")
def test_a_spreadsheet_gets_its_mark_and_others_do_not(teacher: Any) -> None:
    marked = b"".join(save(teacher, bom="1").streaming_content)
    plain = b"".join(save(teacher).streaming_content)
    assert (marked[:3], plain[:4]) == (b"\xef\xbb\xbf", b"step")


def test_what_helped_is_told_with_bounds_and_too_few_as_such(
    teacher: Any, learned: list[Session]
) -> None:
    for number, session in enumerate(learned):
        story = Story(session).offer(85.0, 1, outcome="taken", helped=number != 5, step="line")
        story.offer(86.0, 2, "segment", mode="quiet", helped=True if number == 0 else None)
        story.offer(87.0, 3, "worked_step", outcome="dismissed")
        story.offer(88.0, 4, "teacher_flag", mode="teacher")
    response = look(teacher)
    hint, segment, worked = response.context["worked"]
    assert (hint["row"].taken, hint["helped"]["percent"], hint["helped"]["n"]) == (6, 83, 6)
    assert hint["helped"]["low"] < 50 < hint["helped"]["high"]
    assert segment["helped"] == {"hits": 1, "n": 1, "few": True}
    assert (worked["row"].dismissed, worked["helped"]) == (6, None)
    text = response.content.decode()
    assert "1 of 1: too few to say" in text
    assert "Call me" not in text
    head, first, *_ = table(save(teacher, what="offers"))
    told = dict(zip(head, first, strict=True))
    assert (told["adaptation"], told["made"], told["taken"], told["helped_share"]) == (
        "hint", "6", "6", "0.833",
    )  # fmt: skip


@pytest.mark.usefixtures("learned")
def test_the_lessons_that_there_are_reports_of(teacher: Any, course: Course) -> None:
    response = client_of(teacher).get(reverse("tutor_emotion:reports", args=[course.key]))
    text = response.content.decode()
    assert reverse("tutor_emotion:report", args=[course.key, "lesson-1"]) in text
    assert "6 learners" in text


# --- its edges ------------------------------------------------------------------------------------


def test_days_and_classes_choose_the_sessions(
    teacher: Any, course: Course, learned: list[Session]
) -> None:
    ago(learned[0], minutes=3 * 24 * 60)
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)  # a lesson that ended just before midnight
    response = look(teacher, first=yesterday.isoformat(), last=today.isoformat())
    assert response.context["learners"] == 5
    day = timezone.localdate(learned[0].started_at).isoformat()
    assert look(teacher, first=day, last=day).context["learners"] == 1
    one = SchoolClass.objects.create(course=course, name="7a")
    Enrolment.objects.create(school_class=one, learner=learned[1].learner)
    assert look(teacher, school_class=str(one.pk)).context["learners"] == 1


@pytest.mark.usefixtures("learned")
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "comes after the last"),
        ({"first": "2020-01-01", "last": "2026-01-01"}, "At most a year"),
        ({"school_class": "77"}, "Select a valid choice"),
        ({"first": "\x00"}, "Enter a valid date."),
    ],
)
def test_days_that_cannot_be_are_said_and_the_last_week_is_shown(
    teacher: Any, query: dict[str, str], says: str
) -> None:
    response = look(teacher, **query)
    assert says in response.content.decode()
    assert response.context["learners"] == 6
    refused = save(teacher, **query)
    assert (refused.status_code, says in refused.content.decode()) == (400, True)


def test_without_an_expected_time_the_median_of_the_steps_stands_in(
    course: Course, teacher: Any
) -> None:
    for number, took_s in enumerate((10.0, 20.0, 60.0)):
        session = ago(people.session(course, people.person(f"p{number}")), minutes=30)
        for step in ("a", "b", "c"):
            Story(session).answer(9.0, step, right=True, took_s=took_s * (1 + (step == "c")))
    found = reporting.step_reports(Session.objects.all())
    assert [(r.step, r.expected_s, r.lost_s, r.few) for r in found] == [
        ("c", 20.0, 60.0, True),
        ("a", 20.0, 0.0, True),
        ("b", 20.0, 0.0, True),
    ]


def test_an_answer_after_its_solution_was_shown_counts_for_nothing(course: Course) -> None:
    session = ago(people.session(course, people.person("p")), minutes=30)
    Story(session).answer(9.0, "a", right=True, revealed=True).hint(10.0, "b")
    assert reporting.step_reports(Session.objects.all()) == []


def test_nothing_to_report_says_so(course: Course, teacher: Any) -> None:
    ago(people.session(course, people.person("p")), minutes=30)
    assert "Nothing that was answered in these days is kept." in look(teacher).content.decode()
    empty = client_of(teacher).get(
        reverse("tutor_emotion:reports", args=[people.course("latin", teacher=teacher).key])
    )
    assert "Nobody whom you teach has begun a lesson yet." in empty.content.decode()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe(-1.5) == -1.5
    assert safe("a = b") == "a = b"


@pytest.mark.django_db(transaction=True)
async def test_under_asgi_the_file_is_sent_in_parts() -> None:
    from asgiref.sync import sync_to_async

    def past() -> Any:
        teacher = people.person("weber")
        course = people.course(teacher=teacher)
        session = ago(people.session(course, people.person("p")), minutes=30)
        for number in range(450):
            Story(session).answer(float(number), f"s{number}", right=True)
        return teacher

    teacher = await sync_to_async(past)()
    client = AsyncClient()
    await client.aforce_login(teacher)
    address = reverse("tutor_emotion:report-csv", args=["fractions"])
    response = await client.get(address, {"lesson": "lesson-1", "what": "learners"})
    chunks = [chunk async for chunk in response.streaming_content]
    assert len(chunks) == 3
    assert b"".join(chunks).count(b"\r\n") == 451


# --- what it refuses ------------------------------------------------------------------------------


def test_a_class_teacher_reports_and_saves_that_class_alone(
    course: Course, learned: list[Session]
) -> None:
    cem = people.person("cem")
    one = SchoolClass.objects.create(course=course, name="7a")
    ClassRole.objects.create(school_class=one, user=cem, role="co_teacher")
    assert look(cem).status_code == 404, "nobody whom Cem teaches was in this lesson"
    Enrolment.objects.create(school_class=one, learner=learned[2].learner)
    assert look(cem).context["learners"] == 1
    rows = table(save(cem, what="learners", names="1"))[1:]
    assert {row[0] for row in rows} == {"'=Lea 2"}
    other = SchoolClass.objects.create(course=course, name="7b")
    assert "Select a valid choice" in look(cem, school_class=str(other.pk)).content.decode()


@pytest.mark.usefixtures("learned")
def test_strangers_find_nothing(teacher: Any) -> None:
    other = people.person("other")
    people.course("latin", teacher=other)
    assert look(other).status_code == 404
    assert save(other).status_code == 404
    assert look(teacher, lesson="no-such").status_code == 404
    assert save(teacher, what="secrets").status_code == 400
    assert save(teacher, lesson="\x00").status_code == 404
    address = reverse("tutor_emotion:report", args=["fractions", "lesson-1"])
    assert Client().get(address).status_code == 302
