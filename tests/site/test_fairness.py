"""Is it as good for everybody? Who may ask, what is told, and of whom nothing is."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests import people
from tests.past import Story
from tutor_emotion import services
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.models import Course, Enrolment, LearnerRecord, School, SchoolClass, Session
from tutor_emotion.services import fairness

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.site.admin_urls"),
    pytest.mark.usefixtures("valkey"),
]
PAGE = "/admin/tutor_emotion/school/fairness/"


@pytest.fixture(autouse=True)
def _groups(settings: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "FAIRNESS_GROUPS": ["north", "south"]}


@pytest.fixture
def course() -> Course:
    return people.course()


def learner(
    course: Course,
    name: str,
    group: str = "",
    *,
    known: int = 1800,
    unknown: int = 1800,
    outcomes: Iterable[str] = ("taken", "dismissed", "wrong", "ignored"),
    signals: int = 2,
) -> Session:
    """Somebody with one session of an hour, their offers and what became of them."""
    user = people.person(name)
    if group:
        fairness.set_group(user.pk, group)
    session = people.session(course, user)
    session.windows = {"belief:known": known, "belief:unknown": unknown, "face:ok": 3}
    session.save()
    story = Story(session)
    for number, outcome in enumerate(outcomes):
        helped = outcome == "taken" or None
        story.offer(100.0 * number, number + 1, outcome=outcome, helped=helped)
    for number in range(signals):
        story.signal(50.0 * number, "struggle.suspect")
    return session


def group(course: Course, name: str, number: int, *, known: int = 1800, **more: Any) -> None:
    """Learners who differ a little in how much is known of them."""
    for i in range(number):
        learner(course, f"{name or 'other'}-{i}", name, known=known + 60 * (i % 3), **more)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root() -> Client:
    return client_of(people.person("root", is_staff=True, is_superuser=True))


# --- it works -----------------------------------------------------------------------------------


def test_each_measure_is_told_by_group(course: Course) -> None:
    group(course, "north", 8)
    group(course, "south", 9, known=600, outcomes=("wrong", "dismissed"), signals=1)
    report = fairness.compare_groups(course, 90)
    north, south = report.groups
    assert (north.name, north.learners, south.learners) == ("north", 8, 9)
    assert north.hours == pytest.approx(8 * 1.0, abs=0.2)
    assert north.figures["wrong"].value == pytest.approx(0.25)
    assert north.figures["dismissed"].value == pytest.approx(0.25)
    assert north.figures["helped"].value == 1.0
    assert south.figures["wrong"].value == pytest.approx(0.5)
    assert north.figures["signals"].value == pytest.approx(16 / north.hours)
    assert south.figures["helped"].learners == 0  # nothing was taken there
    coverage = report.gaps["coverage"]
    assert coverage is not None
    assert (coverage.lowest, coverage.highest) == ("south", "north")
    assert coverage.sure
    assert set(report.alarms) == {"coverage", "signals", "dismissed", "wrong"}
    assert report.gaps["helped"] is None


def test_groups_that_are_served_alike_give_no_alarm(course: Course) -> None:
    group(course, "north", 8)
    group(course, "south", 8)
    report = fairness.compare_groups(course, 90)
    assert report.alarms == ()
    assert all(gap is not None and gap.gap < 0.01 for gap in report.gaps.values())


def test_the_page_shows_bars_and_words(course: Course, root: Client) -> None:
    group(course, "north", 8)
    group(course, "south", 8, known=300)
    page = root.get(PAGE, {"course": course.pk, "days": 30})
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('class="te-bars te-fairness"') == 5
    assert "<strong>Alarm.</strong>" in text
    assert "between “south” and “north”" in text
    assert " style=" not in text.split('id="te-fairness"')[1].split("</main>")[0]
    first = root.get(PAGE).content.decode()
    assert "In one course a gap is over the limit." in first
    assert "Coverage" in first


def test_an_alarm_is_a_log_line_of_numbers(
    course: Course, root: Client, caplog: pytest.LogCaptureFixture
) -> None:
    group(course, "north", 8)
    group(course, "south", 8, known=300)
    with caplog.at_level(logging.WARNING, "tutor_emotion.services.fairness"):
        root.get(PAGE, {"course": course.pk})
    (line,) = [r.getMessage() for r in caplog.records if "coverage" in r.getMessage()]
    assert line.startswith(f"fairness alarm: course {course.pk}, coverage, gap 0.")
    assert "north" not in caplog.text
    assert "south" not in caplog.text


def test_the_command_tells_a_timer_that_something_is_wrong(course: Course) -> None:
    group(course, "north", 8)
    group(course, "south", 8, known=300)
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("fairness", "--json", stdout=out)
    assert caught.value.returncode == 1
    told = json.loads(out.getvalue())
    (row,) = told["courses"]
    assert (row["course"], told["limit"]) == (course.key, 0.1)
    assert "coverage" in row["alarms"]
    gap = row["gaps"]["coverage"]
    assert gap["low"] < gap["gap"] < gap["high"]
    assert [g["group"] for g in row["groups"]] == ["north", "south"]


def test_the_command_in_words(course: Course) -> None:
    group(course, "north", 8)
    group(course, "south", 8)
    out = StringIO()
    call_command("fairness", "--course", course.key, stdout=out)
    assert out.getvalue().startswith(f"{course.key}: coverage 0.0")


# --- who may ------------------------------------------------------------------------------------


def test_a_school_admin_compares_their_school_alone(course: Course) -> None:
    office = people.person("office", is_staff=True)
    school = School.objects.create(name="Lindenschule")
    school.admins.add(office)
    theirs = SchoolClass.objects.create(course=course, school=school, name="7a")
    group(course, "north", 8)
    group(course, "south", 8, known=300)
    for session in Session.objects.filter(learner__username__startswith="north"):
        Enrolment.objects.create(school_class=theirs, learner=session.learner)
    people.course("elsewhere")
    client = client_of(office)
    page = client.get(PAGE, {"course": course.pk})
    assert [g.name for g in page.context["report"].groups] == ["north"]
    assert page.context["alarmed"] == []
    assert [row["course"].key for row in client.get(PAGE).context["courses"]] == ["fractions"]
    elsewhere = Course.objects.get(key="elsewhere")
    assert client.get(PAGE, {"course": elsewhere.pk}).status_code == 404


def test_teachers_learners_and_strangers_do_not(course: Course) -> None:
    teacher = people.person("teacher", is_staff=True)
    course.teachers.add(teacher)
    assert client_of(teacher).get(PAGE).status_code == 403
    assert client_of(people.person("ada")).get(PAGE).status_code == 302  # to the sign-in
    assert Client().get(PAGE).status_code == 302
    assert client_of(teacher).post(PAGE).status_code == 405


@pytest.mark.parametrize("asked", [{"days": "7"}, {"days": "x"}, {"course": "0"}, {"course": "x"}])
def test_what_cannot_be_asked_is_not_found(root: Client, asked: dict[str, str]) -> None:
    assert root.get(PAGE, asked).status_code == 404


# --- of whom nothing is told ----------------------------------------------------------------------


def test_a_small_group_is_hidden_with_the_next_so_that_no_total_betrays_it(course: Course) -> None:
    group(course, "north", 6)
    group(course, "", 9)
    group(course, "south", 4)
    report = fairness.compare_groups(course, 90)
    assert [g.name for g in report.groups] == [""]
    assert report.hidden == 2
    assert set(report.gaps.values()) == {None}


def test_two_small_groups_hide_each_other(course: Course, settings: Any) -> None:
    names = ["north", "south", "west"]
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "FAIRNESS_GROUPS": names}
    group(course, "north", 6)
    group(course, "west", 3)
    group(course, "south", 4)
    report = fairness.compare_groups(course, 90)
    assert [g.name for g in report.groups] == ["north"]
    assert report.hidden == 2


def test_what_four_of_a_group_said_is_not_told(course: Course, root: Client) -> None:
    group(course, "north", 4)
    for i in range(6):
        learner(course, f"quiet-{i}", "north", outcomes=())
    report = fairness.compare_groups(course, 90)
    (north,) = report.groups
    assert north.figures["coverage"].learners == 10
    assert north.figures["wrong"].value is None
    page = root.get(PAGE, {"course": course.pk}).content.decode()
    assert "too few to say" in page
    assert "quiet-" not in page


def test_sessions_before_these_days_do_not_count(course: Course) -> None:
    group(course, "north", 8)
    Session.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert fairness.compare_groups(course, 30).groups == ()
    assert len(fairness.compare_groups(course, 90).groups) == 1


def test_a_session_whose_seconds_were_not_counted_has_no_rate(course: Course) -> None:
    """Those from before the seconds were counted; their offers count all the same."""
    group(course, "north", 8, unknown=0)
    for session in Session.objects.all():
        session.windows = {"face:ok": 3}
        session.save()
    (north,) = fairness.compare_groups(course, 90).groups
    assert north.figures["signals"].value is None
    assert north.figures["coverage"].value is None
    assert north.figures["wrong"].value == pytest.approx(0.25)


def test_without_the_setting_no_group_is_held_shown_or_taken(
    course: Course, root: Client, settings: Any
) -> None:
    group(course, "north", 8)
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "FAIRNESS_GROUPS": []}
    ada = people.person("ada")
    with pytest.raises(BadInput) as caught:
        fairness.set_group(ada.pk, "north")
    assert caught.value.code == "groups_not_held"
    record = LearnerRecord(learner=ada, group="north")
    with pytest.raises(ValidationError, match="not held here"):
        record.full_clean()
    assert fairness.compare_groups(course, 90).groups == ()
    assert "No group of learners is held here" in root.get(PAGE).content.decode()
    call_command("fairness", "--forget", stdout=StringIO(), stderr=StringIO())
    assert not LearnerRecord.objects.exclude(group="").exists()


def test_a_group_that_nobody_named_is_refused() -> None:
    ada = people.person("ada")
    with pytest.raises(BadInput) as caught:
        fairness.set_group(ada.pk, "west")
    assert caught.value.code == "unknown_group"
    fairness.set_group(ada.pk, "south")
    fairness.set_group(ada.pk, "")
    assert LearnerRecord.objects.get(learner=ada).group == ""


@pytest.mark.parametrize("bad", [[""], [" x"], ["a", "a"], ["x" * 51], [str(i) for i in range(13)]])
def test_impossible_names_of_groups_stop_the_start(settings: Any, bad: list[str]) -> None:
    settings.TUTOR_EMOTION = {"FAIRNESS_GROUPS": bad}
    with pytest.raises(BadInput) as caught:
        get_settings()
    assert caught.value.code == "bad_settings"
    assert "FAIRNESS_GROUPS" in caught.value.message


def test_an_unknown_course_is_said_to_be_unknown() -> None:
    with pytest.raises(CommandError, match="no course 'x'"):
        call_command("fairness", "--course", "x")


# --- where groups are said ------------------------------------------------------------------------


@pytest.fixture
def school(course: Course) -> dict[str, Any]:
    """A class of a school with its teacher and its office, a learner in it, and one elsewhere."""
    lindenschule = School.objects.create(name="Lindenschule")
    red = SchoolClass.objects.create(course=course, school=lindenschule, name="Red")
    blue = SchoolClass.objects.create(course=course, name="Blue")
    office, teacher, ada, ben = (
        people.person(name, is_staff=name in ("office", "teacher"))
        for name in ("office", "teacher", "ada", "ben")
    )
    lindenschule.admins.add(office)
    for one in (red, blue):
        one.roles.create(user=teacher, role="teacher")
    red.enrolments.create(learner=ada)
    blue.enrolments.create(learner=ben)
    return {"office": office, "teacher": teacher, "ada": ada, "ben": ben, "red": red, "blue": blue}


def planned(school: dict[str, Any], who: str, text: str, into: str = "red") -> services.Plan:
    rows = services.read_roster(text.encode()).rows
    course = school["red"].course
    return services.plan_enrolment(rows, course, school[into], school[who])


def group_of(user: Any) -> str:
    return LearnerRecord.objects.filter(learner=user).values_list("group", flat=True).first() or ""


def test_a_list_says_groups_once_and_again_finds_them_there(school: dict[str, Any]) -> None:
    people.person("cem")
    text = "username,fairness_group\nada,north\ncem,south"
    plan = planned(school, "office", text)
    assert [item.what for item in plan.rows] == ["group", "enrol"]
    rows = services.read_roster(text.encode()).rows
    services.enrol(rows, school["red"].course, school["red"], school["office"], "list")
    assert group_of(school["ada"]) == "north"
    assert [item.what for item in planned(school, "office", text).rows] == ["there", "there"]
    LearnerRecord.objects.filter(learner=school["ada"]).update(age_band="13_15")
    services.enrol(
        services.read_roster(b"Benutzername;Vergleichsgruppe\nada;south").rows,
        *(school["red"].course, school["red"], school["office"], "list"),
    )
    record = LearnerRecord.objects.get(learner=school["ada"])
    assert (record.group, record.age_band) == ("south", "13_15")


def test_a_teacher_says_no_group_and_an_office_none_of_another_school(
    school: dict[str, Any],
) -> None:
    (by_teacher,) = planned(school, "teacher", "username,fairness_group\nada,north").rows
    assert by_teacher.what == "bad"
    assert "Only who administers the school" in by_teacher.why
    (elsewhere,) = planned(school, "office", "username,fairness_group\nben,north", "blue").rows
    assert elsewhere.what == "bad"


def test_a_list_with_a_group_that_is_none_has_a_fault_in_that_row(school: dict[str, Any]) -> None:
    text = "username,fairness_group\nada,west\nada,"
    west, without = planned(school, "office", text).rows
    assert (west.what, without.what) == ("bad", "there")
    assert west.why == "There is no such group."
    two = planned(school, "office", "username,class,fairness_group\nada,Red,north\nada,,south")
    assert "line 2" in two.rows[1].why


def test_the_office_says_a_group_in_the_admin_and_a_teacher_does_not_see_it(
    school: dict[str, Any],
) -> None:
    fairness.set_group(school["ada"].pk, "north")
    fairness.set_group(school["ben"].pk, "south")
    page = f"/admin/tutor_emotion/learnerrecord/{school['ada'].pk}/change/"
    office, teacher = client_of(school["office"]), client_of(school["teacher"])
    assert 'name="group"' in office.get(page).content.decode()
    assert 'name="group"' not in teacher.get(page).content.decode()
    assert "north" not in teacher.get(page).content.decode()
    teacher.post(page, {"age_band": "13_15", "group": "south"})
    assert group_of(school["ada"]) == "north"
    office.post(page, {"age_band": "13_15", "group": "west"})
    assert group_of(school["ada"]) == "north"
    office.post(page, {"age_band": "13_15", "group": "south"})
    assert group_of(school["ada"]) == "south"
    elsewhere = f"/admin/tutor_emotion/learnerrecord/{school['ben'].pk}/change/"
    assert office.get(elsewhere).status_code in (302, 403, 404)


def test_without_the_setting_nobody_has_a_field_for_it(
    school: dict[str, Any], settings: Any, root: Client
) -> None:
    fairness.set_group(school["ada"].pk, "")
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "FAIRNESS_GROUPS": []}
    page = f"/admin/tutor_emotion/learnerrecord/{school['ada'].pk}/change/"
    assert 'name="group"' not in root.get(page).content.decode()
    (row,) = planned(school, "office", "username,fairness_group\nada,north").rows
    assert row.why == "Groups of learners are not held here."
