"""Kill switches: what they take, from whom, who may lift them, and the command."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.models import Course, Enrolment, KillSwitch, School, SchoolClass

pytestmark = pytest.mark.django_db
ALL = frozenset(MODALITIES)


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def school(course: Course) -> School:
    return School.objects.create(name="Lindenschule")


@pytest.fixture
def ada(course: Course, school: School) -> User:
    """A learner of the school; Ben, who is in no school, is beside her."""
    ada = people.person()
    school_class = SchoolClass.objects.create(course=course, school=school, name="7a")
    Enrolment.objects.create(school_class=school_class, learner=ada)
    people.consent(course, ada)
    return ada


@pytest.fixture
def ben(course: Course) -> User:
    ben = people.person("ben")
    people.consent(course, ben)
    return ben


def reasons(course: Course, learner: User) -> set[str]:
    return {r.reason for r in privacy.rules(course, learner.pk)} - {""}


def test_all_of_it_for_everybody(course: Course, ada: User, ben: User) -> None:
    assert privacy.allowed(course, ada.pk) == ALL
    switch = services.switch_off("an incident")
    for learner in (ada, ben):
        assert privacy.allowed(course, learner.pk) == frozenset()
        assert reasons(course, learner) == {"switched_off"}
        assert not privacy.listens(course, learner.pk)
    services.lift(KillSwitch.objects.filter(pk=switch.pk))
    assert privacy.allowed(course, ada.pk) == ALL


def test_one_modality_for_everybody(course: Course, ada: User) -> None:
    services.switch_off("the voice net is wrong", modality="voice")
    assert privacy.allowed(course, ada.pk) == ALL - {"voice"}
    assert services.switched_off_everywhere() == {"voice"}


def test_a_school_is_its_learners_in_every_course(
    course: Course, school: School, ada: User, ben: User
) -> None:
    services.switch_off("parents asked", school=school)
    other = people.course("algebra")
    people.consent(other, ada)
    assert privacy.allowed(course, ada.pk) == frozenset()
    assert privacy.allowed(other, ada.pk) == frozenset()
    assert privacy.allowed(course, ben.pk) == ALL
    assert services.switched_off_everywhere() == frozenset()


def test_a_modality_of_a_school(course: Course, school: School, ada: User, ben: User) -> None:
    services.switch_off("parents asked", school=school, modality="face")
    assert privacy.allowed(course, ada.pk) == ALL - {"face"}
    assert privacy.allowed(course, ben.pk) == ALL


def test_two_switches_are_lifted_one_by_one(course: Course, ada: User) -> None:
    first = services.switch_off("one", modality="face")
    assert services.switch_off("again", modality="face") == first
    services.switch_off("two")
    services.lift(services.switches_on(None, ""))
    assert privacy.allowed(course, ada.pk) == ALL - {"face"}
    services.lift(services.switches_on(None, "face"))
    first.refresh_from_db()
    lifted_at = first.lifted_at
    assert services.lift(KillSwitch.objects.filter(pk=first.pk)) == 0
    first.refresh_from_db()
    assert first.lifted_at == lifted_at


def test_who_sees_and_who_lifts(school: School) -> None:
    root, office = people.person("root", is_superuser=True), people.person("office")
    school.admins.add(office)
    of_site = services.switch_off("site", root)
    of_school = services.switch_off("school", office, school=school)
    by_site = services.switch_off("site, in a school", root, school=school, modality="face")
    by_command = services.switch_off("command", school=school, modality="voice")
    every = (of_site, of_school, by_site, by_command)
    assert [services.may_lift(switch, root) for switch in every] == [True] * 4
    assert [services.may_lift(switch, office) for switch in every] == [False, True, False, False]
    assert of_site not in services.switches_of(office)
    assert not services.switches_of(people.person("stranger")).exists()


def test_courses_with_a_session_that_runs_are_told(
    course: Course, school: School, ada: User, ben: User
) -> None:
    algebra, empty = people.course("algebra"), people.course("empty")
    people.session(course, ada)
    people.session(algebra, ben)
    assert set(services.courses_hit(None)) == {course.key, algebra.key}
    assert services.courses_hit(school) == [course.key]
    assert empty.key not in services.courses_hit(None)


def command(*args: str) -> None:
    call_command("kill_switch", *args)


@pytest.mark.usefixtures("valkey")
def test_the_command_switches_and_lifts(course: Course, ada: User, capsys: Any) -> None:
    command("on", "--modality", "face", "--why", "an incident")
    assert privacy.allowed(course, ada.pk) == ALL - {"face"}
    switch = KillSwitch.objects.get()
    assert (switch.why, switch.by, switch.school) == ("an incident", None, None)
    command("on", "--school", "Lindenschule", "--why", "x")
    command("off", "--modality", "face")
    assert privacy.allowed(course, ada.pk) == frozenset()
    command("off", "--school", "Lindenschule")
    assert privacy.allowed(course, ada.pk) == ALL
    command("on", "--all", "--why", "x")
    assert "everything in every school: switched off." in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [
        ("on", "--why", "x"),
        ("on", "--all", "--modality", "face", "--why", "x"),
        ("on", "--all"),
        ("on", "--all", "--why", "  "),
        ("on", "--all", "--why", "x" * 301),
        ("on", "--school", "Nowhere", "--why", "x"),
        ("on", "--modality", "gait", "--why", "x"),
        ("off", "--all"),
        ("maybe", "--all"),
    ],
)
def test_the_command_refuses_what_is_not_clear(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        command(*args)
    assert not KillSwitch.objects.exists()


def test_the_switch_turns_though_nobody_can_be_told(
    course: Course, ada: User, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    people.session(course, ada)

    async def away(_: str) -> None:
        raise OSError

    monkeypatch.setattr("tutor_emotion.live.push.policy_changed", away)
    command("on", "--all", "--why", "x")
    assert privacy.allowed(course, ada.pk) == frozenset()
    assert "ask again within 10 s" in capsys.readouterr().err
