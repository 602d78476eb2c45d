"""People into classes from a list: first a look, then the same thing, once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.people import course, person
from tutor_emotion import services
from tutor_emotion.models import ClassRole, Course, Enrolment, School, SchoolClass
from tutor_emotion.services import MAX_ROWS, Row

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> Any:
    return person("teacher")


@pytest.fixture
def fractions(teacher: Any) -> Course:
    return course("fractions", teacher=teacher)


@pytest.fixture
def red(fractions: Course) -> SchoolClass:
    return fractions.classes.create(name="Red")


def outcome(rows: list[Row], red: SchoolClass, actor: Any, default: Any = None) -> list[str]:
    plan = services.plan_enrolment(rows, red.course, default or red, actor)
    return [item.what for item in plan.rows]


def why(row: Row, red: SchoolClass, actor: Any, default: Any = "red") -> str:
    chosen = red if default == "red" else default
    (item,) = services.plan_enrolment([row], red.course, chosen, actor).rows
    assert item.what == "bad"
    return item.why


# --- it works -------------------------------------------------------------------------------------


def test_a_look_writes_nothing_and_the_deed_does_what_it_said(red: Any, teacher: Any) -> None:
    ada, ben = person("ada"), person("ben", email="Ben@Example.org")
    rows = [Row(2, "ada"), Row(3, email="ben@example.ORG"), Row(4, "nobody")]
    plan = services.plan_enrolment(rows, red.course, red, teacher)
    assert [item.what for item in plan.rows] == ["enrol", "enrol", "bad"]
    assert not Enrolment.objects.exists()
    done = services.enrol(rows, red.course, red, teacher, "list: a.csv")
    assert [item.what for item in done.rows] == ["enrol", "enrol", "bad"]
    assert set(red.enrolments.values_list("learner", flat=True)) == {ada.pk, ben.pk}


def test_the_same_list_again_changes_nothing(red: Any, teacher: Any) -> None:
    person("ada")
    rows = [Row(2, "ada"), Row(3, "ada", role="co_teacher", class_name="Blue")]
    services.enrol(rows, red.course, red, teacher, "list")
    again = services.enrol(rows, red.course, red, teacher, "list")
    assert [item.what for item in again.rows] == ["there", "there"]
    assert not again.does_something
    assert Enrolment.history.count() == 1
    assert ClassRole.history.count() == 1


def test_a_class_that_is_named_is_made_where_one_may(red: Any, teacher: Any) -> None:
    person("ada")
    plan = services.enrol([Row(2, "ada", class_name="Blue")], red.course, None, teacher, "list")
    assert plan.new_classes == ("Blue",)
    assert Enrolment.objects.get().school_class.name == "Blue"


def test_roles_are_given_and_changed(red: Any, teacher: Any) -> None:
    person("ada")
    services.enrol([Row(2, "ada", role="co_teacher")], red.course, red, teacher, "list")
    done = services.enrol([Row(2, "ada", role="teacher")], red.course, red, teacher, "list")
    assert [item.what for item in done.rows] == ["change"]
    assert red.roles.get().role == "teacher"


def test_everything_that_a_list_writes_is_in_the_history(red: Any, teacher: Any) -> None:
    person("ada")
    rows = [Row(2, "ada", class_name="Blue"), Row(3, "ada", role="teacher")]
    services.enrol(rows, red.course, red, teacher, "list: autumn.csv")
    for history in (Enrolment.history, ClassRole.history, SchoolClass.history):
        row = history.latest()
        assert row.history_change_reason == "list: autumn.csv"
    assert Enrolment.history.latest().history_user == teacher


# --- its edges ------------------------------------------------------------------------------------


def test_a_name_is_found_in_any_case_and_an_exact_one_wins(red: Any, teacher: Any) -> None:
    person("ada")
    person("Jürgen")
    assert outcome([Row(2, "ADA"), Row(3, "Jürgen")], red, teacher) == ["enrol", "enrol"]
    other = person("ADA")
    (item,) = services.plan_enrolment([Row(2, "ADA")], red.course, red, teacher).rows
    assert item.user == other


def test_the_class_of_a_school_admin_is_their_schools(red: Any, fractions: Course) -> None:
    school, office = School.objects.create(name="North"), person("office")
    school.admins.add(office)
    fractions.classes.create(name="Green", school=school)
    person("ada")
    services.enrol([Row(2, "ada", class_name="New")], fractions, None, office, "list")
    assert SchoolClass.objects.get(name="New").school == school


def test_ten_thousand_rows_are_looked_at_in_a_bounded_time(
    red: Any, teacher: Any, django_assert_max_num_queries: Any
) -> None:
    model = get_user_model()
    model.objects.bulk_create(model(username=f"u{n}") for n in range(0, MAX_ROWS, 10))
    rows = [Row(n + 2, f"u{n}") for n in range(MAX_ROWS)]
    start = time.process_time()
    with django_assert_max_num_queries(60):
        plan = services.plan_enrolment(rows, red.course, red, teacher)
    assert time.process_time() - start < 10
    assert plan.counts == {"enrol": MAX_ROWS // 10, "bad": MAX_ROWS - MAX_ROWS // 10}


# --- what it refuses ------------------------------------------------------------------------------


def test_who_is_unknown_ambiguous_or_switched_off(red: Any, teacher: Any) -> None:
    person("ada", email="same@example.org")
    person("ben", email="same@example.org")
    person("old", is_active=False)
    assert "no such account" in why(Row(2, "nobody"), red, teacher)
    assert "Several accounts" in why(Row(2, email="same@example.org"), red, teacher)
    assert "switched off" in why(Row(2, "old"), red, teacher)
    assert get_user_model().objects.count() == 4  # nobody was made


def test_the_same_person_twice_is_named_with_both_lines(red: Any, teacher: Any) -> None:
    person("ada", email="ada@example.org")
    rows = [Row(2, "ada"), Row(7, email="ada@example.org")]
    plan = services.plan_enrolment(rows, red.course, red, teacher)
    assert [item.what for item in plan.rows] == ["enrol", "bad"]
    assert "line 2" in plan.rows[1].why


def test_classes_of_others_and_names_that_bite(red: Any, teacher: Any) -> None:
    person("ada")
    latin = course("latin", teacher=teacher).classes.create(name="Caesar")
    assert "No class" in why(Row(2, "ada"), red, teacher, default=None)
    assert "another course" in why(Row(2, "ada", class_name=latin.name), red, teacher)
    assert "cannot be the name" in why(Row(2, "ada", class_name="=cmd()"), red, teacher)
    assert "cannot be the name" in why(Row(2, "ada", class_name="x" * 101), red, teacher)


def test_a_class_teacher_enrols_into_their_own_class_alone(red: Any, fractions: Course) -> None:
    one, ben = person("one"), person("ben")
    red.roles.create(user=one, role="teacher")
    person("ada")
    blue = fractions.classes.create(name="Blue")
    blue.enrolments.create(learner=ben)
    assert outcome([Row(2, "ada")], red, one) == ["enrol"]
    assert "may not change" in why(Row(2, "ada", class_name="Blue"), red, one)
    assert "no such class" in why(Row(2, "ada", class_name="Green"), red, one)
    assert "do not see" in why(Row(2, "ben"), red, one)


def test_a_co_teacher_enrols_nobody(red: Any) -> None:
    one = person("one")
    red.roles.create(user=one, role="co_teacher")
    person("ada")
    assert "may not change" in why(Row(2, "ada"), red, one)


def test_too_many_new_classes_at_once(red: Any, teacher: Any) -> None:
    person("ada")
    rows = [Row(n, "ada", class_name=f"c{n}") for n in range(60)]
    assert outcome(rows, red, teacher).count("bad") == 10
