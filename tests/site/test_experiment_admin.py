"""A teacher sets up an experiment in the admin, begins it, and reads what came of it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.test import Client

from tests import people
from tutor_emotion import services
from tutor_emotion.models import Course, DelayedItem, Experiment
from tutor_emotion.services import experiments

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
LIST = "/admin/tutor_emotion/experiment/"
ARMS = [{"name": p, "pacing": p} for p in ("performance", "affect")]


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def teacher() -> Any:
    return people.person("teacher", is_staff=True)


@pytest.fixture
def course(teacher: Any) -> Course:
    return people.course(teacher=teacher)


@pytest.fixture
def experiment(course: Course) -> Experiment:
    return Experiment.objects.create(course=course, name="autumn", arms=ARMS)


def answered(course: Course, learners: int) -> None:
    lot = random.Random(1)
    for i in range(learners):
        learner = people.person(f"l{i}")
        session = people.session(course, learner)
        pacing = services.policy_in(str(session.pk), course, learner.pk).pacing
        for k in range(4):
            DelayedItem.objects.create(
                course=course,
                learner=learner,
                skill="adding",
                item=str(k),
                correct=lot.random() < (0.8 if pacing == "affect" else 0.6),
                delay_s=90_000,
            )


# --- it works -----------------------------------------------------------------------------------


def test_a_teacher_sets_one_up_begins_it_and_ends_it(teacher: Any, course: Course) -> None:
    client = client_of(teacher)
    page = client.post(
        f"{LIST}add/",
        {
            "course": course.pk,
            "name": "autumn",
            "unit": "learner",
            "pacings": ["affect", "performance"],
        },
        follow=True,
    )
    assert page.status_code == 200
    row = Experiment.objects.get()
    assert [arm["pacing"] for arm in row.arms] == ["performance", "affect"]
    client.post(f"{LIST}{row.pk}/start/")
    row.refresh_from_db()
    assert row.started_at is not None
    page = client.get(f"{LIST}{row.pk}/change/")
    assert b'name="unit"' not in page.content  # it can only be read now
    assert b"Results" in page.content
    client.post(f"{LIST}{row.pk}/end/")
    row.refresh_from_db()
    assert row.ended_at is not None


def test_the_results_are_a_table_a_picture_and_plain_words(
    teacher: Any, course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    answered(course, 60)
    page = client_of(teacher).get(f"{LIST}{experiment.pk}/results/").content.decode()
    assert "te-effect-line" in page
    assert "too few" not in page
    assert "signals and answers" in page
    assert "…" in page  # an interval


def test_exposures_are_told_by_number(teacher: Any, course: Course, experiment: Experiment) -> None:
    experiments.start_experiment(experiment)
    answered(course, 3)
    lines = client_of(teacher).get(f"{LIST}{experiment.pk}/exposures.csv").content.decode()
    assert len(lines.splitlines()) == 4
    assert "l0" not in lines


# --- its edges ----------------------------------------------------------------------------------


def test_too_few_is_said_in_place_of_a_figure(
    teacher: Any, course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    answered(course, 4)
    page = client_of(teacher).get(f"{LIST}{experiment.pk}/results/").content.decode()
    assert "too few to say" in page
    assert "te-effect-line" not in page


# --- what it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("pacings", [[], ["affect"], ["affect", "loud"]])
def test_less_than_two_pacings_are_refused(
    teacher: Any, course: Course, pacings: list[str]
) -> None:
    fields = {"course": course.pk, "name": "autumn", "unit": "learner", "pacings": pacings}
    page = client_of(teacher).post(f"{LIST}add/", fields)
    assert page.status_code == 200
    assert b"error" in page.content
    assert not Experiment.objects.exists()


def test_another_courses_experiment_looks_like_none(experiment: Experiment) -> None:
    stranger = people.person("stranger", is_staff=True)
    people.course("algebra", teacher=stranger)
    client = client_of(stranger)
    for path in ("change/", "results/", "exposures.csv"):
        assert client.get(f"{LIST}{experiment.pk}/{path}").status_code in (302, 403, 404)
    assert client.post(f"{LIST}{experiment.pk}/start/").status_code in (403, 404)
    experiment.refresh_from_db()
    assert experiment.started_at is None


def test_one_cannot_be_made_for_another_course(experiment: Experiment) -> None:
    stranger = people.person("stranger", is_staff=True)
    people.course("algebra", teacher=stranger)
    fields = {
        "course": experiment.course_id,
        "name": "x",
        "unit": "learner",
        "pacings": ["affect", "none"],
    }
    client_of(stranger).post(f"{LIST}add/", fields)
    assert Experiment.objects.count() == 1


def test_a_second_one_is_not_begun_beside_the_first(
    teacher: Any, course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    other = Experiment.objects.create(course=course, name="winter", arms=ARMS)
    page = client_of(teacher).post(f"{LIST}{other.pk}/start/", follow=True)
    assert b"Another experiment runs" in page.content


def test_a_look_does_not_begin_it(teacher: Any, experiment: Experiment) -> None:
    assert client_of(teacher).get(f"{LIST}{experiment.pk}/start/").status_code == 405
