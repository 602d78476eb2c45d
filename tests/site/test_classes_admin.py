"""Classes, roles and enrolments in the admin: each role's pages, and enrolling from a list."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.people import course, person, session
from tutor_emotion.admin import enrolling
from tutor_emotion.models import Enrolment, Policy, School, SchoolClass

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
HERE = "/admin/tutor_emotion"
ENROL = f"{HERE}/schoolclass/enrol/"
ROLES = ("owner", "course_teacher", "school_admin", "class_teacher", "co_teacher", "stranger")


@pytest.fixture
def here() -> Any:
    fractions = course("fractions", teacher=person("course_teacher", is_staff=True))
    course("latin", teacher=person("stranger", is_staff=True))
    north, south = School.objects.create(name="North"), School.objects.create(name="South")
    north.admins.add(person("school_admin", is_staff=True))
    red = fractions.classes.create(name="Red", school=north)
    blue = fractions.classes.create(name="Blue", school=south)
    red.roles.create(user=person("class_teacher", is_staff=True), role="teacher")
    red.roles.create(user=person("co_teacher", is_staff=True), role="co_teacher")
    ada, ben = person("ada", first_name="Ada", last_name="Okoye"), person("ben")
    person("mia", email="mia@example.org")
    seat = red.enrolments.create(learner=ada)
    far = blue.enrolments.create(learner=ben)
    mine, other = session(fractions, ada), session(fractions, ben)
    person("owner", is_superuser=True, is_staff=True)
    return SimpleNamespace(
        fractions=fractions, north=north, red=red, blue=blue,
        seat=seat, far=far, mine=mine, other=other,
    )  # fmt: skip


def browser(name: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client


def page(client: Client, path: str) -> str:
    response = client.get(f"{HERE}/{path}")
    assert response.status_code == 200, path
    return response.content.decode()


# --- who sees and does what: the table of docs/teachers.md ----------------------------------------

SEES_RED = {"owner", "course_teacher", "school_admin", "class_teacher", "co_teacher"}
SEES_BLUE = {"owner", "course_teacher"}
CHANGES_RED = SEES_RED - {"co_teacher"}
PAGES = {
    "the class": ("schoolclass/{red.pk}/change/", SEES_RED),
    "another class": ("schoolclass/{blue.pk}/change/", SEES_BLUE),
    "an enrolment": ("enrolment/{seat.pk}/change/", SEES_RED),
    "another enrolment": ("enrolment/{far.pk}/change/", SEES_BLUE),
    "a session": ("session/{mine.pk}/change/", SEES_RED),
    "a session of another class": ("session/{other.pk}/change/", SEES_BLUE),
    "the course": ("course/{fractions.pk}/change/", SEES_RED),
    "the school": ("school/{north.pk}/change/", {"owner", "school_admin"}),
}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("what", PAGES)
def test_who_opens_which_page(here: Any, what: str, who: str) -> None:
    path, allowed = PAGES[what]
    response = browser(who).get(f"{HERE}/{path.format(**vars(here))}")
    assert (response.status_code == 200) is (who in allowed)


@pytest.mark.parametrize("who", ROLES)
def test_who_changes_the_policy(here: Any, who: str) -> None:
    client = browser(who)
    client.post(f"{HERE}/course/{here.fractions.pk}/pause/")
    allowed = who in {"owner", "course_teacher"}
    assert Policy.objects.get(course=here.fractions).paused is allowed
    Policy.objects.update(paused=False)
    data = {"action": "pause_everything", "_selected_action": [here.fractions.pk]}
    client.post(f"{HERE}/course/", data)
    assert Policy.objects.get(course=here.fractions).paused is allowed
    Policy.objects.update(paused=False)
    data = {"policy-TOTAL_FORMS": 1, "policy-INITIAL_FORMS": 1, "policy-0-paused": "on"}
    client.post(f"{HERE}/course/{here.fractions.pk}/change/", data)
    assert not Policy.objects.get(course=here.fractions).paused  # half a form is no change


@pytest.mark.parametrize("who", ROLES)
def test_who_ends_an_enrolment(here: Any, who: str) -> None:
    browser(who).post(f"{HERE}/enrolment/{here.seat.pk}/delete/", {"post": "yes"})
    assert Enrolment.objects.filter(pk=here.seat.pk).exists() is (who not in CHANGES_RED)
    rows = {"action": "delete_selected", "_selected_action": [here.far.pk], "post": "yes"}
    browser(who).post(f"{HERE}/enrolment/", rows)
    assert Enrolment.objects.filter(pk=here.far.pk).exists() is (who not in SEES_BLUE)


@pytest.mark.parametrize("who", ROLES)
def test_who_deletes_a_class(here: Any, who: str) -> None:
    browser(who).post(f"{HERE}/schoolclass/{here.red.pk}/delete/", {"post": "yes"})
    gone = who in {"owner", "course_teacher", "school_admin"}
    assert SchoolClass.objects.filter(pk=here.red.pk).exists() is not gone


@pytest.mark.parametrize("who", ROLES)
def test_who_gives_a_role(here: Any, who: str) -> None:
    role = here.red.roles.get(role="co_teacher")
    other = here.red.roles.get(role="teacher")
    data = {
        "name": "Crimson", "roles-TOTAL_FORMS": 3, "roles-INITIAL_FORMS": 2,
        "roles-0-id": other.pk, "roles-0-school_class": here.red.pk, "roles-0-role": "teacher",
        "roles-1-id": role.pk, "roles-1-school_class": here.red.pk, "roles-1-role": "teacher",
        "roles-2-school_class": here.red.pk, "roles-2-user": "mia", "roles-2-role": "co_teacher",
    }  # fmt: skip
    if who == "owner":  # who may list accounts chooses one, others write its name
        mia = get_user_model().objects.get(username="mia")
        data |= {"school": here.north.pk, "roles-2-user": mia.pk}
    browser(who).post(f"{HERE}/schoolclass/{here.red.pk}/change/", data)
    role.refresh_from_db()
    here.red.refresh_from_db()
    done = who in CHANGES_RED
    assert (role.role, here.red.name) == (("teacher", "Crimson") if done else ("co_teacher", "Red"))
    assert here.red.roles.filter(user__username="mia").exists() is done
    assert str(here.red.course) == "Fractions"


# --- it works -------------------------------------------------------------------------------------


def test_a_class_is_read_at_a_glance(here: Any) -> None:
    client = browser("class_teacher")
    listed = page(client, "schoolclass/")
    assert "class_teacher, co_teacher" in listed
    assert f"{ENROL}?class={here.red.pk}" in listed
    assert "Blue" not in listed
    shown = page(client, f"schoolclass/{here.red.pk}/change/")
    assert "Ada Okoye" in shown
    assert "co-teacher" in shown


def test_a_school_admin_opens_a_class_in_their_school(here: Any) -> None:
    client = browser("school_admin")
    data = {"name": "Green", "course": here.fractions.pk, "school": here.north.pk}
    data |= {"roles-TOTAL_FORMS": 0, "roles-INITIAL_FORMS": 0}
    assert client.post(f"{HERE}/schoolclass/add/", data).status_code == 302
    assert SchoolClass.objects.get(name="Green").school == here.north
    for wrong in ({"school": ""}, {"school": School.objects.get(name="South").pk}):
        response = client.post(f"{HERE}/schoolclass/add/", data | {"name": "Grey"} | wrong)
        assert "school" in response.context["adminform"].form.errors
    assert not SchoolClass.objects.filter(name="Grey").exists()


def test_a_school_admin_keeps_the_contact_and_not_the_admins(here: Any) -> None:
    mia = get_user_model().objects.get(username="mia")
    data = {"name": "Mine now", "contact": "Ms Roth, room 12", "admins": [mia.pk]}
    browser("school_admin").post(f"{HERE}/school/{here.north.pk}/change/", data)
    here.north.refresh_from_db()
    assert (here.north.name, here.north.contact) == ("North", "Ms Roth, room 12")
    assert not here.north.admins.filter(pk=mia.pk).exists()


# --- from a list ----------------------------------------------------------------------------------


def look(client: Client, target: str, text: str) -> Any:
    file = SimpleUploadedFile("autumn.csv", text.encode())
    return client.post(ENROL, {"target": target, "file": file})


def carried(response: Any) -> str:
    match = re.search(r'name="list" value="([^"]+)"', response.content.decode())
    assert match
    return match[1]


LIST = "username,class,role\nmia,,\nada,,\nnobody,,\nada,,\n"


def test_first_a_look_then_the_deed_and_only_once(here: Any) -> None:
    client = browser("class_teacher")
    seen = look(client, f"class:{here.red.pk}", LIST)
    text = seen.content.decode()
    assert "1 learner to enrol, 1 there already, 2 rows left out." in text
    assert "There is no such account" in text
    assert "The same person and class as in line 3." in text
    assert Enrolment.objects.count() == 2
    for _again in range(2):
        done = client.post(ENROL, {"list": carried(seen)}, follow=True)
        assert "2 rows left out." in done.content.decode()
        assert here.red.enrolments.count() == 2
    row = Enrolment.history.latest()
    assert (row.history_user.username, row.history_change_reason) == (
        "class_teacher",
        "list: autumn.csv",
    )


def test_a_pasted_list_and_the_courses_own_classes(here: Any) -> None:
    client = browser("course_teacher")
    named = "username;Klasse\nmia;Blue\nada;Green"
    seen = client.post(ENROL, {"target": f"course:{here.fractions.pk}", "pasted": named})
    assert "1 new class" in seen.content.decode()
    client.post(ENROL, {"list": carried(seen)})
    rows = Enrolment.objects.values_list("learner__username", "school_class__name")
    assert {("mia", "Blue"), ("ada", "Green")} <= set(rows)


def test_the_empty_list_has_the_columns_that_are_read(here: Any) -> None:
    response = browser("class_teacher").get(f"{ENROL}template.csv")
    assert (
        response.content.decode("utf-8-sig").strip()
        == "username,first_name,last_name,class,role,age"
    )
    assert "attachment" in response["Content-Disposition"]


def test_what_changed_since_the_look_is_seen_at_the_deed(here: Any) -> None:
    client = browser("class_teacher")
    seen = look(client, f"class:{here.red.pk}", "username\nmia\n")
    get_user_model().objects.filter(username="mia").update(is_active=False)
    done = client.post(ENROL, {"list": carried(seen)}, follow=True)
    assert "0 learners enrolled, 1 row left out." in done.content.decode()


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["co_teacher", "stranger"])
def test_who_manages_no_class_here_enrols_nobody(here: Any, who: str) -> None:
    response = look(browser(who), f"class:{here.red.pk}", LIST)
    assert response.status_code in {400, 403}
    assert Enrolment.objects.count() == 2


def test_a_target_of_others_is_no_choice(here: Any) -> None:
    response = look(browser("class_teacher"), f"class:{here.blue.pk}", LIST)
    assert response.status_code == 400
    assert "target" in response.context["form"].errors


def test_a_look_is_ones_own_and_keeps_for_an_hour(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(browser("class_teacher"), f"class:{here.red.pk}", LIST)
    other = browser("course_teacher").post(ENROL, {"list": carried(seen)}, follow=True)
    assert "choose it again" in other.content.decode()
    client = browser("class_teacher")
    assert "choose it again" in client.post(ENROL, {"list": "x"}, follow=True).content.decode()
    monkeypatch.setattr(enrolling, "CONFIRM_WITHIN_S", 0)
    late = client.post(ENROL, {"list": carried(seen)}, follow=True)
    assert "choose it again" in late.content.decode()
    assert Enrolment.objects.count() == 2


def test_a_right_that_was_taken_since_the_look(here: Any) -> None:
    client = browser("class_teacher")
    seen = look(client, f"class:{here.red.pk}", LIST)
    here.red.roles.filter(role="teacher").delete()
    assert client.post(ENROL, {"list": carried(seen)}).status_code == 403
    assert here.red.enrolments.count() == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x00", "not a text file"),
        (b"name\tshoe\nada\t3\n", "No column says who it is."),
        (b"a" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_list_is_told_why(here: Any, file: bytes, said: str) -> None:
    upload = SimpleUploadedFile("list.csv", file)
    data = {"target": f"class:{here.red.pk}", "file": upload}
    response = browser("class_teacher").post(ENROL, data)
    assert response.status_code == 400
    assert said in response.content.decode()


def test_what_looks_like_markup_or_a_formula_stays_text(here: Any) -> None:
    text = 'username,class\n<script>alert(1)</script>,"=HYPERLINK(""x"")"\nmia,=1+1\n'
    seen = look(browser("course_teacher"), f"class:{here.red.pk}", text).content.decode()
    assert "<script>alert" not in seen
    assert "This cannot be the name of a class." in seen


def test_a_learner_of_another_class_is_not_taken_by_hand_either(here: Any) -> None:
    client = browser("class_teacher")
    data = {"school_class": here.red.pk, "learner": "ben"}
    response = client.post(f"{HERE}/enrolment/add/", data)
    assert "learner" in response.context["adminform"].form.errors
    assert client.post(f"{HERE}/enrolment/add/", data | {"learner": "mia"}).status_code == 302
    response = client.post(f"{HERE}/enrolment/add/", data | {"learner": "nobody"})
    assert "no such account" in response.content.decode()
