"""Kill switches in the admin: a second look before anything stops, and who may."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.models import Enrolment, KillSwitch, School, SchoolClass

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.site.admin_urls"),
    pytest.mark.usefixtures("valkey"),
]
HERE = "/admin/tutor_emotion/killswitch"


@pytest.fixture
def here() -> Any:
    course, north = people.course(), School.objects.create(name="North")
    south = School.objects.create(name="South")
    school_class = SchoolClass.objects.create(course=course, school=north, name="7a")
    ada = people.person("ada")
    Enrolment.objects.create(school_class=school_class, learner=ada)
    people.consent(course, ada)
    people.session(course, ada)
    people.person("owner", is_staff=True, is_superuser=True)
    north.admins.add(people.person("office", is_staff=True))
    south.admins.add(people.person("far", is_staff=True))
    course.teachers.add(people.person("teacher", is_staff=True))
    return SimpleNamespace(course=course, north=north, south=south, ada=ada)


def browser(name: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client


def off(client: Client, school: Any = "", modality: str = "", **more: str) -> Any:
    sent = {"school": getattr(school, "pk", ""), "modality": modality, "why": "x", **more}
    return client.post(f"{HERE}/switch-off/", sent)


def test_first_what_it_would_stop_and_then_the_deed(here: Any) -> None:
    client = browser("owner")
    seen = off(client).content.decode()
    assert "every school: everything" in seen
    assert "1 lesson runs now." in seen
    assert "words of danger" in seen
    assert not KillSwitch.objects.exists()
    assert off(client, sure="yes").status_code == 302
    assert privacy.allowed(here.course, here.ada.pk) == frozenset()
    switch = KillSwitch.objects.get()
    assert (switch.by.username, switch.why) == ("owner", "x")
    listed = client.get(f"{HERE}/").content.decode()
    assert f"{HERE}/{switch.pk}/lift/" in listed
    assert "Lift this switch?" in client.get(f"{HERE}/{switch.pk}/lift/").content.decode()
    assert privacy.allowed(here.course, here.ada.pk) == frozenset()  # a look lifts nothing
    client.post(f"{HERE}/{switch.pk}/lift/")
    switch.refresh_from_db()
    assert switch.lifted_by.username == "owner"
    assert "face" in privacy.allowed(here.course, here.ada.pk)
    assert client.post(f"{HERE}/{switch.pk}/lift/").status_code == 403  # it is lifted already


def test_a_camera_does_not_silence_words_of_danger(here: Any) -> None:
    assert "words of danger" not in off(browser("owner"), modality="face").content.decode()


def test_a_school_admin_stops_their_school_and_no_other(here: Any) -> None:
    client = browser("office")
    assert off(client, here.north, sure="yes").status_code == 302
    assert KillSwitch.objects.get().school == here.north
    for school in ("", here.south):
        assert off(client, school, sure="yes").status_code == 400
    assert KillSwitch.objects.count() == 1


def test_a_school_does_not_lift_what_the_site_switched_off(here: Any) -> None:
    owner = get_user_model().objects.get(username="owner")
    of_site = services.switch_off("x", owner)
    of_school = services.switch_off("x", owner, school=here.north)
    client = browser("office")
    for switch in (of_site, of_school):
        for method in (client.get, client.post):
            assert method(f"{HERE}/{switch.pk}/lift/").status_code == 403
    assert services.switched_off_everywhere()


@pytest.mark.parametrize("name", ["far", "teacher"])
def test_who_does_not_answer_for_the_school_sees_no_switch_of_it(here: Any, name: str) -> None:
    office = get_user_model().objects.get(username="office")
    switch = services.switch_off("a reason of ours", office, school=here.north)
    client = browser(name)
    assert client.post(f"{HERE}/{switch.pk}/lift/").status_code == 403
    assert "a reason of ours" not in client.get(f"{HERE}/").content.decode()
    if name == "teacher":
        assert client.get(f"{HERE}/switch-off/").status_code == 403


@pytest.mark.parametrize(
    "bad",
    [{"why": ""}, {"why": "x" * 301}, {"modality": "gait"}, {"school": "999"}, {"school": "x"}],
)
def test_what_is_not_clear_switches_nothing(here: Any, bad: dict[str, str]) -> None:
    sent = {"school": "", "modality": "", "why": "x", "sure": "yes", **bad}
    assert browser("owner").post(f"{HERE}/switch-off/", sent).status_code == 400
    assert not KillSwitch.objects.exists()


def test_no_switch_is_deleted_or_rewritten(here: Any) -> None:
    switch, client = services.switch_off("x"), browser("owner")
    assert client.post(f"{HERE}/{switch.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{HERE}/{switch.pk}/change/", {"why": "y"}).status_code == 403
    assert client.get(f"{HERE}/add/").status_code == 403
