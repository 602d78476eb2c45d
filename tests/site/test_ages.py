"""How old learners are: read from what people write, set by who manages a class of theirs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.people import course, person
from tutor_emotion import services
from tutor_emotion.errors import BadInput
from tutor_emotion.models import LearnerRecord, School
from tutor_emotion.services import read_age, read_roster

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.site.admin_urls"),
    pytest.mark.usefixtures("valkey"),
]
HERE = "/admin/tutor_emotion/learnerrecord"


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("", ""), ("  ", ""), ("0", "under_13"), ("12", "under_13"), ("13", "13_15"),
        ("15", "13_15"), ("16", "16_17"), ("17", "16_17"), ("18", "adult"), ("120", "adult"),
        ("under_13", "under_13"), ("Under 13", "under_13"), ("unter 13", "under_13"),
        ("13–15", "13_15"), ("13 bis 15", "13_15"), ("16 or 17", "16_17"), ("16-17", "16_17"),
        ("Adult", "adult"), ("18+", "adult"), ("erwachsen", "adult"), ("بالغ", "adult"),
        ("١٤", "13_15"),
    ],
)  # fmt: skip
def test_ages_as_people_write_them(text: str, band: str) -> None:
    assert read_age(text) == band


@pytest.mark.parametrize("text", ["121", "old", "13.5x", "2012-05-01", "9" * 5000])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="bad_age_band"):
        read_age(text)


def test_a_list_may_say_how_old_and_a_bad_age_is_a_fault_of_its_row() -> None:
    rows = read_roster(b"username;Alter\nada;14\nben;\ncem;alt").rows
    assert [row.age_band for row in rows] == ["13_15", "", ""]
    assert [bool(row.fault) for row in rows] == [False, False, True]
    assert "“alt”" in rows[2].fault


# --- a school ---------------------------------------------------------------------------------


@pytest.fixture
def here() -> Any:
    fractions = course("fractions")
    north = School.objects.create(name="North")
    red = fractions.classes.create(name="Red", school=north)
    blue = fractions.classes.create(name="Blue")
    for name, role in (("class_teacher", "teacher"), ("co_teacher", "co_teacher")):
        red.roles.create(user=person(name, is_staff=True, age=""), role=role)
    office = person("office", is_staff=True, age="")
    north.admins.add(office)
    person("owner", is_staff=True, is_superuser=True, age="")
    person("stranger", is_staff=True, age="")
    ada, ben, mia = person("ada", age=""), person("ben", age=""), person("mia", age="")
    red.enrolments.create(learner=ada)
    blue.enrolments.create(learner=ben)
    return SimpleNamespace(fractions=fractions, red=red, blue=blue, ada=ada, ben=ben, mia=mia)


def user(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def browser(name: str) -> Client:
    client = Client()
    client.force_login(user(name))
    return client


def plan(here: Any, text: str) -> services.Plan:
    rows = read_roster(text.encode()).rows
    return services.plan_enrolment(rows, here.fractions, here.red, user("class_teacher"))


def test_the_dry_run_says_what_happens_to_each_age(here: Any) -> None:
    services.set_ages({here.ada.pk: "13_15"})
    seen = plan(here, "username,age\nmia,12\nada,16\nben,14\nnobody,9\noffice,old")
    assert [item.what for item in seen.rows] == ["enrol", "age", "bad", "bad", "bad"]
    assert dict(seen.ages) == {here.mia.pk: "under_13", here.ada.pk: "16_17"}
    assert services.age_band_of(here.mia.pk) == ""  # nothing is written yet
    assert plan(here, "username,age\nada,15").rows[0].what == "there"
    assert plan(here, "username,age\nada,").rows[0].what == "there"


def test_two_ages_of_one_learner_in_a_list_are_a_fault(here: Any) -> None:
    green = here.fractions.classes.create(name="Green")
    green.roles.create(user=user("class_teacher"), role="teacher")
    seen = plan(here, "username,class,age\nmia,Red,12\nmia,Green,13\nada,Red,14\nada,Green,")
    assert "another age" in seen.rows[1].why
    assert [item.what for item in seen.rows] == ["enrol", "bad", "age", "enrol"]


def test_a_list_sets_ages_and_touches_nothing_else(here: Any) -> None:
    before = services.learner_record(here.ada.pk).pseudonym
    LearnerRecord.objects.filter(learner=here.mia).delete()
    rows = read_roster(b"username,age\nada,17\nmia,adult").rows
    services.enrol(rows, here.fractions, here.red, user("class_teacher"), "list")
    assert services.age_band_of(here.ada.pk) == "16_17"
    assert services.age_band_of(here.mia.pk) == "adult"
    assert services.learner_record(here.ada.pk).pseudonym == before
    assert services.age_band_of(here.ben.pk) == ""


# --- the admin ----------------------------------------------------------------------------------

MANAGES_ADA = ("owner", "office", "class_teacher")


@pytest.mark.parametrize("who", ["owner", "office", "class_teacher", "co_teacher", "stranger"])
def test_who_may_say_how_old_a_learner_is(here: Any, who: str) -> None:
    client = browser(who)
    allowed = who in MANAGES_ADA
    change = f"{HERE}/{here.ada.pk}/change/"
    assert (client.get(change).status_code == 200) == allowed
    client.post(change, {"age_band": "13_15"})
    assert services.age_band_of(here.ada.pk) == ("13_15" if allowed else "")
    # A learner of another class: the site's owner alone, who manages all of them.
    client.post(f"{HERE}/{here.ben.pk}/change/", {"age_band": "adult"})
    assert services.age_band_of(here.ben.pk) == ("adult" if who == "owner" else "")


def test_the_list_shows_ones_own_learners_alone(here: Any) -> None:
    listed = browser("class_teacher").get(f"{HERE}/").content.decode()
    assert "ada" in listed
    assert "ben" not in listed
    assert browser("stranger").get(f"{HERE}/").status_code == 403


@pytest.mark.parametrize(("name", "may"), [("ada", True), ("ben", False), ("nobody", False)])
def test_a_learner_without_a_record_is_named(here: Any, name: str, may: bool) -> None:
    LearnerRecord.objects.filter(learner__username=name).delete()
    sent = {"learner": name, "age_band": "under_13"}
    status = browser("class_teacher").post(f"{HERE}/add/", sent).status_code
    assert status == (302 if may else 200)
    assert LearnerRecord.objects.filter(learner__username=name).exists() == may


def test_an_age_that_nobody_has_and_a_record_that_nobody_deletes(here: Any) -> None:
    client = browser("owner")
    client.post(f"{HERE}/{here.ada.pk}/change/", {"age_band": "methuselah"})
    assert services.age_band_of(here.ada.pk) == ""
    assert client.post(f"{HERE}/{here.ada.pk}/delete/", {"post": "yes"}).status_code == 403
