"""The gate over HTTP: law, policy, consent; and what each refusal says."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.errors import NotAllowed
from tutor_emotion.models import Consent, Course, Policy, Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def browser(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def post(client: Client, path: str, body: Any) -> HttpResponse:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(f"/tutor-emotion/{path}", data, content_type="application/json")


def rules(response: HttpResponse) -> dict[str, tuple[bool, str, bool]]:
    rows = json.loads(response.content)["rules"]
    return {r["modality"]: (r["permitted"], r["reason"], r["consented"]) for r in rows}


def choose(client: Client, token: str, **modalities: bool) -> HttpResponse:
    body = {"token": token, "text_version": privacy.CONSENT_TEXT_VERSION, "modalities": modalities}
    return post(client, "consents/", body)


def test_nothing_is_consented_beforehand(browser: Client, course: Course, ada: User) -> None:
    response = browser.get("/tutor-emotion/setup/", {"token": people.token(course, ada)})
    assert response.status_code == 200
    assert all(
        (permitted, consented) == (True, False)
        for permitted, _, consented in rules(response).values()
    )


def test_each_modality_is_chosen_separately_and_taken_back(
    browser: Client, course: Course, ada: User
) -> None:
    token = people.token(course, ada)
    assert rules(choose(browser, token, face=True, text=True))["face"][2]
    after = rules(choose(browser, token, face=False))
    assert (after["face"][2], after["text"][2], after["voice"][2]) == (False, True, False)
    kept = Consent.objects.get(modality="face")
    assert kept.revoked_at is not None


def test_choosing_twice_is_one_consent(browser: Client, course: Course, ada: User) -> None:
    token = people.token(course, ada)
    for _ in range(2):
        choose(browser, token, face=True)
    assert Consent.objects.filter(modality="face").count() == 1


def test_a_consent_to_older_words_does_not_count(course: Course, ada: User) -> None:
    Consent.objects.create(course=course, learner=ada, modality="face", text_version="2020-01")
    assert privacy.allowed(course, ada.pk) == frozenset()


@pytest.mark.parametrize("profile", ["camera_free", "eu_institution", "misspelt", ""])
def test_the_law_comes_before_any_consent(
    browser: Client, course: Course, ada: User, settings: Any, profile: str
) -> None:
    people.consent(course, ada)
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": profile}
    assert privacy.allowed(course, ada.pk) == {"text", "interaction", "self_report"}
    refused = choose(browser, people.token(course, ada), face=True)
    assert refused.status_code == 403
    assert refused.json()["code"] == "forbidden_by_law"


def test_nothing_configured_is_camera_free(course: Course, ada: User, settings: Any) -> None:
    people.consent(course, ada)
    settings.TUTOR_EMOTION = {}
    assert privacy.allowed(course, ada.pk) == {"text", "interaction", "self_report"}


def test_a_teacher_turns_a_modality_off_for_a_course(course: Course, ada: User) -> None:
    people.consent(course, ada)
    Policy.objects.filter(course=course).update(use_face=False)
    assert "face" not in privacy.allowed(course, ada.pk)
    Policy.objects.filter(course=course).update(paused=True)
    assert privacy.allowed(course, ada.pk) == frozenset()


def test_consent_is_for_one_course(course: Course, ada: User) -> None:
    people.consent(course, ada)
    assert privacy.allowed(people.course("algebra"), ada.pk) == frozenset()


def test_a_session_is_opened_with_the_hosts_token(
    browser: Client, course: Course, ada: User
) -> None:
    response = post(browser, "sessions/", {"token": people.token(course, ada, "f-1")})
    assert response.status_code == 201
    row = Session.objects.get(pk=response.json()["session"])
    assert (row.course, row.lesson, row.learner) == (course, "f-1", ada)
    mine = browser.get(f"/tutor-emotion/sessions/{row.pk}/")
    assert mine.json()["signals"] == []


def test_somebody_elses_token_and_session(browser: Client, course: Course) -> None:
    ben = people.person("ben")
    refused = post(browser, "sessions/", {"token": people.token(course, ben)})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_token")
    other = people.session(course, ben)
    hidden = browser.get(f"/tutor-emotion/sessions/{other.pk}/")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown_session")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_message"),
        (b"[]", "bad_message"),
        (b'{"token": 3}', "bad_message"),
        (b'{"token": "forged:abc:def"}', "bad_token"),
        (b'{"token": "x", "more": 1}', "bad_message"),
        (b"{" * 20_000, "message_too_large"),
        (b"\xff\xfe", "bad_message"),
    ],
)
def test_bad_bodies_get_a_code(browser: Client, body: bytes, code: str) -> None:
    refused = post(browser, "sessions/", body)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_an_old_text_version_is_not_a_consent(browser: Client, course: Course, ada: User) -> None:
    body = {"token": people.token(course, ada), "text_version": "1999", "modalities": {}}
    assert post(browser, "consents/", body).json()["code"] == "old_text"


@pytest.mark.parametrize("path", ["setup/", "sessions/00000000-0000-0000-0000-000000000000/"])
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    refused = Client().get(f"/tutor-emotion/{path}")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


def test_the_classroom_is_for_its_teachers(course: Course, browser: Client) -> None:
    teacher = people.person("teacher")
    course.teachers.add(teacher)
    assert browser.get("/tutor-emotion/classroom/fractions/").status_code == 404
    client = Client()
    assert client.get("/tutor-emotion/classroom/fractions/").status_code == 302
    client.force_login(teacher)
    assert client.get("/tutor-emotion/classroom/fractions/").status_code == 200
    assert client.get("/tutor-emotion/classroom/nowhere/").status_code == 404


def test_a_host_may_number_its_users_as_it_likes(course: Course) -> None:
    learner_id = uuid.uuid4()
    token = services.lesson_token(course.key, "f-1", learner_id)
    assert services.read_token(token, learner_id) == (course, "f-1")
    with pytest.raises(NotAllowed) as caught:
        services.read_token(token, uuid.uuid4())
    assert caught.value.code == "not_your_token"


def test_health_says_what_is_there(client: Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz")
    assert (ready.json()["database"], ready.json()["queue"]) == (True, True)
    assert ready.status_code == 200
