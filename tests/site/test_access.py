"""Who sees whom, and who may change what: the table of docs/teachers.md, cell by cell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.people import course, person, session
from tutor_emotion import services
from tutor_emotion.models import Course, School

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Any:
    """One course, two schools with a class each, and a course of somebody else."""
    latin = course("latin", teacher=person("stranger"))
    fractions = course("fractions", teacher=person("course_teacher"))
    north, south = School.objects.create(name="North"), School.objects.create(name="South")
    north.admins.add(person("school_admin"))
    red = fractions.classes.create(name="Red", school=north)
    blue = fractions.classes.create(name="Blue", school=south)
    red.roles.create(user=person("class_teacher"), role="teacher")
    red.roles.create(user=person("co_teacher"), role="co_teacher")
    ada, ben, mia = person("ada"), person("ben"), person("mia")
    red.enrolments.create(learner=ada)
    blue.enrolments.create(learner=ben)
    for learner in (ada, ben, mia):
        session(fractions, learner)
    session(latin, ada)
    person("owner", is_superuser=True)
    return SimpleNamespace(fractions=fractions, latin=latin, red=red, blue=blue, north=north)


def user(name: str) -> Any:
    return get_user_model().objects.get(username=name)


# --- it works -------------------------------------------------------------------------------------

EVERYBODY = None
SEEN = {
    "owner": EVERYBODY,
    "course_teacher": EVERYBODY,
    "class_teacher": {"ada"},
    "co_teacher": {"ada"},
    "school_admin": {"ada"},
    "stranger": set(),
    "ada": set(),
}


@pytest.mark.parametrize("who", SEEN)
def test_whom_each_role_sees(here: Any, who: str) -> None:
    seen = services.learners_seen(here.fractions, user(who))
    expected = SEEN[who]
    assert seen == (None if expected is None else {user(name).pk for name in expected})
    assert services.may_teach(here.fractions, user(who)) is (expected != set())
    sessions = services.sessions_of(user(who)).filter(course=here.fractions)
    learners = {row.learner.username for row in sessions}
    assert learners == ({"ada", "ben", "mia"} if expected is None else expected)


@pytest.mark.parametrize(
    ("who", "manages", "removes", "opens", "policy"),
    [
        ("owner", {"Red", "Blue"}, {"Red", "Blue"}, {"fractions", "latin"}, True),
        ("course_teacher", {"Red", "Blue"}, {"Red", "Blue"}, {"fractions"}, True),
        ("school_admin", {"Red"}, {"Red"}, {"fractions"}, False),
        ("class_teacher", {"Red"}, set(), set(), False),
        ("co_teacher", set(), set(), set(), False),
        ("stranger", set(), set(), {"latin"}, False),
        ("ada", set(), set(), set(), False),
    ],
)
def test_what_each_role_may_change(
    here: Any, who: str, manages: set[str], removes: set[str], opens: set[str], policy: bool
) -> None:
    one = user(who)
    assert {row.name for row in services.managed_by(one)} == manages
    assert {row.name for row in services.removable_by(one)} == removes
    assert {row.key for row in services.may_open_class_in(one)} == opens
    assert services.may_set_policy(here.fractions, one) is policy


# --- its edges ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["class_teacher", "school_admin"])
def test_who_answers_for_every_class_of_a_course_sets_its_policy(here: Any, who: str) -> None:
    here.blue.delete()
    assert services.may_set_policy(here.fractions, user(who))
    assert not services.may_set_policy(here.fractions, user("co_teacher"))


def test_nobody_answers_for_a_course_without_classes_but_its_teachers(here: Any) -> None:
    empty = Course.objects.create(key="empty", title="Empty")
    assert not services.may_set_policy(empty, user("class_teacher"))
    assert services.may_set_policy(empty, user("owner"))


def test_several_roles_add_up_and_no_course_comes_twice(here: Any) -> None:
    here.blue.roles.create(user=user("class_teacher"), role="co_teacher")
    here.fractions.teachers.add(user("stranger"))
    both = services.learners_seen(here.fractions, user("class_teacher"))
    assert both == {user("ada").pk, user("ben").pk}
    assert services.courses_of(user("class_teacher")).count() == 1
    assert services.courses_of(user("stranger")).count() == 2


def test_a_role_is_gone_with_its_row(here: Any) -> None:
    here.red.roles.all().delete()
    assert not services.may_teach(here.fractions, user("co_teacher"))
    assert services.learners_seen(here.fractions, user("co_teacher")) == frozenset()


def test_each_question_is_one_query_of_its_own(
    here: Any, django_assert_max_num_queries: Any
) -> None:
    one = user("co_teacher")
    with django_assert_max_num_queries(2):
        services.learners_seen(here.fractions, one)
    with django_assert_max_num_queries(1):
        services.may_teach(here.fractions, one)


# --- what it refuses ------------------------------------------------------------------------------


def test_nobody_takes_a_learner_from_a_class_they_do_not_see(here: Any) -> None:
    ben = user("ben").pk
    assert services.out_of_reach(here.fractions, user("class_teacher")) == {ben}
    assert services.out_of_reach(here.fractions, user("school_admin")) == {ben}
    assert services.out_of_reach(here.fractions, user("course_teacher")) == frozenset()


def test_a_class_in_one_course_shows_nothing_of_another(here: Any) -> None:
    courses = {row.course.key for row in services.sessions_of(user("class_teacher"))}
    assert courses == {"fractions"}
