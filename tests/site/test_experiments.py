"""Pacings compared: the same learner always meets the same arm, and it is written down."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import people
from tutor_emotion import services
from tutor_emotion.core.effect import LEAST_UNITS
from tutor_emotion.errors import BadInput
from tutor_emotion.models import (
    Course,
    DelayedItem,
    Enrolment,
    Experiment,
    Exposure,
    SchoolClass,
    Session,
)
from tutor_emotion.services import experiments

pytestmark = pytest.mark.django_db

ARMS = [
    {"name": "answers alone", "pacing": "performance"},
    {"name": "signals", "pacing": "affect"},
]


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def experiment(course: Course) -> Experiment:
    return Experiment.objects.create(course=course, name="autumn", arms=ARMS)


def meet(course: Course, learner: Any) -> Session:
    """A session of this learner begins, as the live session begins it."""
    session = people.session(course, learner)
    services.policy_in(str(session.pk), course, learner.pk)
    return session


def answer(
    course: Course, learner: Any, *rights: bool, delay_h: float = 48.0, before: bool = False
) -> None:
    for right in rights:
        row = DelayedItem.objects.create(
            course=course,
            learner=learner,
            skill="adding",
            item="x",
            correct=right,
            delay_s=delay_h * 3600,
        )
        if before:
            DelayedItem.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=9))


# --- it works -----------------------------------------------------------------------------------


def test_who_gets_which_is_always_the_same_and_about_half_and_half(experiment: Experiment) -> None:
    def arms() -> list[str]:
        found = [experiments.assigned(experiment, pk) for pk in range(1000)]
        return [a.arm for a in found if a is not None]

    assert arms() == arms()
    counted = Counter(arms())
    assert set(counted) == {"answers alone", "signals"}
    assert 440 < counted["signals"] < 560  # four standard deviations of a fair coin


def test_another_experiment_deals_anew(course: Course, experiment: Experiment) -> None:
    other = Experiment.objects.create(course=course, name="winter", arms=ARMS)
    same = [
        experiments.assigned(experiment, pk).arm == experiments.assigned(other, pk).arm  # type: ignore[union-attr]
        for pk in range(1000)
    ]
    assert 440 < sum(same) < 560


def test_a_session_follows_its_arm_and_that_is_written_down_once(
    course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    ada = people.person()
    mine = experiments.assigned(experiment, ada.pk)
    assert mine is not None
    session = people.session(course, ada)
    for _ in range(3):  # the gate is asked again and again
        assert services.policy_in(str(session.pk), course, ada.pk).pacing == mine.pacing
    exposure = Exposure.objects.get()
    assert (exposure.arm, exposure.learner, exposure.unit_key) == (
        mine.arm,
        ada,
        f"learner:{ada.pk}",
    )


def test_a_class_is_assigned_as_a_whole(course: Course, experiment: Experiment) -> None:
    experiment.unit = "class"
    experiment.save()
    room = SchoolClass.objects.create(course=course, name="7a")
    learners = [people.person(f"l{i}") for i in range(8)]
    for learner in learners:
        Enrolment.objects.create(school_class=room, learner=learner)
    arms = {experiments.assigned(experiment, learner.pk) for learner in learners}
    assert len(arms) == 1
    assert experiments.assigned(experiment, people.person("guest").pk) is None


def test_the_result_is_what_was_right_on_later_days(course: Course, experiment: Experiment) -> None:
    experiments.start_experiment(experiment)
    for i in range(80):
        learner = people.person(f"l{i}")
        mine = experiments.assigned(experiment, learner.pk)
        assert mine is not None
        meet(course, learner)
        good = mine.arm == "signals"
        answer(course, learner, good or i % 3 == 0, i % 2 == 0, True)
    first, second = experiments.results(experiment)
    assert (first.name, second.name) == ("answers alone", "signals")
    assert first.learners + second.learners == 80
    assert first.items == 3 * first.learners
    assert first.effect is None
    assert second.effect is not None
    assert second.effect.certain
    assert 0.1 < (second.effect.difference or 0) < 0.35  # two thirds of a third


# --- its edges ----------------------------------------------------------------------------------


def test_too_few_say_nothing(course: Course, experiment: Experiment) -> None:
    experiments.start_experiment(experiment)
    for i in range(LEAST_UNITS):
        learner = people.person(f"l{i}")
        meet(course, learner)
        answer(course, learner, True, False)
    _, second = experiments.results(experiment)
    assert second.effect is not None
    assert second.effect.too_few


def test_what_was_answered_before_or_too_soon_does_not_count(
    course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    ada = people.person()
    answer(course, ada, True, before=True)
    meet(course, ada)
    answer(course, ada, True, delay_h=2)
    assert sum(arm.items for arm in experiments.results(experiment)) == 0
    answer(course, ada, True, delay_h=24)
    assert sum(arm.items for arm in experiments.results(experiment)) == 1


def test_a_learner_who_was_never_there_does_not_count(
    course: Course, experiment: Experiment
) -> None:
    experiments.start_experiment(experiment)
    answer(course, people.person(), True)
    assert sum(arm.learners + arm.items for arm in experiments.results(experiment)) == 0


def test_learners_of_one_class_are_one_unit(course: Course, experiment: Experiment) -> None:
    experiment.unit = "class"
    experiment.save()
    experiments.start_experiment(experiment)
    room = SchoolClass.objects.create(course=course, name="7a")
    for i in range(30):
        learner = people.person(f"l{i}")
        Enrolment.objects.create(school_class=room, learner=learner)
        meet(course, learner)
        answer(course, learner, i % 2 == 0)
    scores = [arm.scores for arm in experiments.results(experiment)]
    assert sorted(map(len, scores)) == [0, 1]
    assert sum(scores, ()) == (0.5,)


def test_a_pause_of_the_course_stays_a_pause(course: Course, experiment: Experiment) -> None:
    experiments.start_experiment(experiment)
    course.policy.paused = True
    course.policy.save()
    ada = people.person()
    assert services.policy_in(str(people.session(course, ada).pk), course, ada.pk).paused


def test_before_it_begins_and_after_it_ended_the_policy_is_the_courses_own(
    course: Course, experiment: Experiment
) -> None:
    course.policy.pacing = "none"
    course.policy.save()
    ada = people.person()

    def pacing() -> str:
        course.refresh_from_db()
        return services.policy_in(str(people.session(course, ada).pk), course, ada.pk).pacing

    assert pacing() == "none"
    experiments.start_experiment(experiment)
    assert pacing() != "none"
    experiments.end_experiment(experiment)
    assert pacing() == "none"
    assert Exposure.objects.count() == 1


# --- what it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arms",
    [
        [],
        ARMS[:1],
        [ARMS[0], ARMS[0]],
        [ARMS[0], {"name": "b", "pacing": "faster"}],
        [ARMS[0], {"name": "answers alone", "pacing": "none"}],
        [ARMS[0], {"name": "", "pacing": "none"}],
        [{}, ARMS[0]],
    ],
)
def test_arms_that_cannot_be_compared_are_refused(
    experiment: Experiment, arms: list[dict[str, str]]
) -> None:
    experiment.arms = arms
    experiment.save()
    with pytest.raises(BadInput) as refused:
        experiments.start_experiment(experiment)
    assert refused.value.code == "bad_experiment"
    experiment.refresh_from_db()
    assert experiment.started_at is None


def test_one_runs_at_a_time_and_none_begins_twice(course: Course, experiment: Experiment) -> None:
    experiments.start_experiment(experiment)
    with pytest.raises(BadInput, match="begun before"):
        experiments.start_experiment(experiment)
    other = Experiment.objects.create(course=course, name="winter", arms=ARMS)
    with pytest.raises(BadInput, match="Another experiment"):
        experiments.start_experiment(other)
    experiments.end_experiment(experiment)
    with pytest.raises(BadInput, match="does not run"):
        experiments.end_experiment(experiment)
    experiments.start_experiment(other)
