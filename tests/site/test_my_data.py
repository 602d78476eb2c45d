"""The page with everything that is kept of somebody, and the button that erases it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.filled import WORD, Filled
from tests.people import course, person
from tutor_emotion import services
from tutor_emotion.models import (
    Enrolment,
    ErasureRecord,
    ErasureRequest,
    School,
    SchoolClass,
    Session,
)
from tutor_emotion.views.readable import said

PAGE, ERASE = reverse("tutor_emotion:my-data"), reverse("tutor_emotion:erase-my-data")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ada(db: None) -> Filled:
    filled = Filled(person("ada"))
    ErasureRequest.objects.all().delete()
    return filled


@pytest.fixture
def head(ada: Filled) -> User:
    """Administers a school that Ada is in."""
    school = School.objects.create(name="North")
    head = person("head", is_staff=True)
    school.admins.add(head)
    group = SchoolClass.objects.create(course=course("reading"), name="7b", school=school)
    Enrolment.objects.create(school_class=group, learner=ada.user)
    return head


def page(client: Client, **query: str) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def set_age(user: User, band: str) -> None:
    record = services.learner_record(user.pk)
    record.age_band = band
    record.save()


# --- reading --------------------------------------------------------------------------------------


def test_a_learner_reads_everything_in_plain_words(ada: Filled) -> None:
    text = page(client_of(ada.user))
    assert "<h1>My data</h1>" in text
    assert WORD.format("ada") in text
    assert "Each answer that counted, with what was written." in text
    assert "Kept for 400 days at most." in text
    assert "None" not in text
    assert "sealed" not in text


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_it_is_a_page_in_each_language(ada: Filled, language: str) -> None:
    with translation.override(language):
        answer = client_of(ada.user).get(PAGE, headers={"accept-language": language})
    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.content.decode()


def test_the_file_has_what_the_page_leaves_out(ada: Filled) -> None:
    answer = client_of(ada.user).get(PAGE, {"format": "json"})
    assert answer["Content-Disposition"].startswith("attachment")
    (session,) = answer.json()["tables"]["tutor_emotion.Session"]
    assert session["id"] == str(Session.objects.get().pk)
    assert session["id"] not in page(client_of(ada.user))


def test_of_many_rows_the_page_shows_the_newest(ada: Filled) -> None:
    for n in range(250):
        Session.objects.create(learner=ada.user, course=course_of(ada), lesson=f"lesson-{n:03}")
    text = page(client_of(ada.user))
    assert "lesson-249" in text
    assert "lesson-020" not in text
    assert "51 older rows are in the file alone." in text


def course_of(filled: Filled) -> Any:
    return Session.objects.filter(learner=filled.user)[0].course


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kind", "confused", "seems confused"),
        ("correct", True, "yes"),
        ("took_s", 12.3456, "12.35"),
        ("at", "2026-03-01T10:00:00+00:00", "03/01/2026 10 a.m."),
        ("evidence", [], "–"),
        ("data", {"feeling": "stuck", "level": 2}, "feeling: stuck, level: 2"),
        ("answer", "2026 apples, Tom", "2026 apples, Tom"),
        ("answer", "x" * 5_000, "x" * 299 + "…"),
        ("helped", None, "–"),
    ],
)  # fmt: skip
def test_a_value_in_words(name: str, value: Any, words: str) -> None:
    assert said(name, value) == words


def test_what_a_learner_wrote_is_text_and_nothing_else(ada: Filled) -> None:
    from tutor_emotion.lessons.models import Attempt

    row = Attempt.objects.get()
    row.answer = "<script>alert(1)</script>"
    row.save()
    text = page(client_of(ada.user))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


# --- who may --------------------------------------------------------------------------------------


def test_nobody_reads_it_without_signing_in(ada: Filled) -> None:
    assert Client().get(PAGE).status_code == 302
    assert Client().post(ERASE).status_code == 302


def test_whoever_answers_for_a_learner_reads_theirs(ada: Filled, head: User) -> None:
    root = person("root", is_superuser=True)
    for one in (head, root):
        text = page(client_of(one), learner="ada")
        assert WORD.format("ada") in text
        assert "Erase everything" not in text, "that is a page of the admin"


@pytest.mark.parametrize("who", ["teacher", "another head", "another learner", "head of before"])
def test_nobody_else_does(ada: Filled, head: User, who: str) -> None:
    one = person("ben", is_staff=True)
    if who == "teacher":
        course_of(ada).teachers.add(one)
    if who == "another head":
        School.objects.create(name="South").admins.add(one)
    if who == "head of before":
        one = head
        SchoolClass.objects.filter(name="7b").delete()
    client = client_of(one)
    assert client.get(PAGE, {"learner": "ada"}).status_code == 404
    assert client.get(PAGE, {"learner": "nobody"}).status_code == 404
    assert client.get(f"/admin/tutor_emotion/erasurerequest/erase/{ada.user.pk}/").status_code in (
        302,
        403,
    )


# --- erasing --------------------------------------------------------------------------------------


def test_an_adult_is_erased_at_once(ada: Filled) -> None:
    set_age(ada.user, "adult")
    client = client_of(ada.user)
    assert "Erase everything now" in page(client)
    answer = client.post(ERASE, {"sure": "erase"}, follow=True)
    assert "Everything that was kept of you has been erased." in answer.content.decode()
    assert not Session.objects.exists()
    assert ErasureRecord.objects.count() == 1


@pytest.mark.parametrize("band", ["", "under_13", "13_15", "16_17"])
def test_a_child_asks_and_a_grown_up_decides(ada: Filled, head: User, band: str) -> None:
    set_age(ada.user, band)
    client = client_of(ada.user)
    assert "Ask my school to erase it" in page(client)
    for _ in range(2):  # noted once
        client.post(ERASE, {"sure": "erase"})
    assert "You have asked your school" in page(client)
    assert Session.objects.exists()
    listed = client_of(head).get("/admin/tutor_emotion/erasurerequest/").content.decode()
    assert "ada" in listed
    assert f"/erase/{ada.user.pk}/" in listed


def test_without_the_tick_nothing_is_erased(ada: Filled) -> None:
    set_age(ada.user, "adult")
    answer = client_of(ada.user).post(ERASE, follow=True)
    assert "Nothing was erased." in answer.content.decode()
    assert client_of(ada.user).get(ERASE).status_code == 405
    assert Session.objects.exists()


# --- in the admin ---------------------------------------------------------------------------------


def test_the_admin_shows_what_would_go_and_asks_for_the_name(ada: Filled, head: User) -> None:
    url = f"/admin/tutor_emotion/erasurerequest/erase/{ada.user.pk}/"
    client = client_of(head)
    shown = client.get(url).content.decode()
    assert "Attempts" in shown
    assert "Delete the account too" not in shown, "accounts are a superuser's business"
    wrong = client.post(url, {"name": "adah"}).content.decode()
    assert "This is not the username." in wrong
    assert Session.objects.exists()
    done = client.post(url, {"name": "ada", "account": "1"}, follow=True).content.decode()
    assert "rows were erased" in done
    assert not Session.objects.exists()
    assert User.objects.filter(username="ada").exists()


def test_a_superuser_may_delete_the_account_too(ada: Filled) -> None:
    url = f"/admin/tutor_emotion/erasurerequest/erase/{ada.user.pk}/"
    root = person("root", is_superuser=True, is_staff=True)
    assert client_of(root).post(url, {"name": "ada", "account": "1"}).status_code == 302
    assert not User.objects.filter(username="ada").exists()


def test_an_address_of_nobody_is_not_found(ada: Filled) -> None:
    root = client_of(person("root", is_superuser=True, is_staff=True))
    for key in ("99999", "ada", "1.5"):
        answer = root.get(f"/admin/tutor_emotion/erasurerequest/erase/{key}/")
        assert answer.status_code == 404
