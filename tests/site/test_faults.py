"""What breaks is told with a number and never with a traceback: pages, JSON doors, sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.views.decorators.csrf import csrf_protect

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion.lessons.api import coded
from tutor_emotion.live.student import StudentConsumer
from tutor_emotion.views.doors import api

SECRET = "Ada wrote: I hate this, ada@school.example"
LANGUAGES = ("en", "de", "ar")
NUMBER = re.compile(r"fault ([0-9a-f]{8}): ")


def broken(_request: HttpRequest, **_: Any) -> HttpResponse:
    raise ValueError(SECRET)


def nowhere(_request: HttpRequest) -> HttpResponse:
    raise Http404(SECRET)


@csrf_protect
def guarded(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def reads(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


handler500 = "tutor_emotion.demo.views.failed"
urlpatterns = [
    path("", include("tutor_emotion.demo.urls")),
    path("broken/", broken),
    path("broken.json", api(broken)),
    path("broken-lesson.json", coded(broken)),
    path("nowhere.json", api(nowhere)),
    path("guarded/", guarded),
    path("reads/", reads),
]


@pytest.fixture(autouse=True)
def urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def browser(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(people.person("ada"))
    return client


def check_page(response: Any, status: int, language: str) -> str:
    """Dressed, in its language, and with nothing of what happened inside."""
    text = str(response.content.decode())
    assert response.status_code == status
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in text
    assert "demo/demo.css" in text
    for never in (SECRET, "Traceback", "ValueError", "test_faults", "Django"):
        assert never not in text
    return text


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_breaks_says_so_calmly(
    browser: Client, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = check_page(browser.get("/broken/", headers={"accept-language": language}), 500, language)
    number = NUMBER.search(caplog.text)
    assert number, caplog.text
    assert number[1] in text
    assert "ValueError at" in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_that_are_not_there_not_yours_or_too_large(browser: Client, language: str) -> None:
    said = {"accept-language": language}
    check_page(browser.get("/no/such/page/", headers=said), 404, language)
    check_page(browser.get("/lessons/no-such-lesson/", headers=said), 404, language)
    browser.force_login(people.person("clerk", is_staff=True))
    refused = browser.get(reverse("admin:tutor_emotion_look_changelist"), headers=said)
    check_page(refused, 403, language)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        large = browser.post("/reads/", b"x" * 100, content_type="text/plain", headers=said)
    check_page(large, 400, language)
    strict = Client(enforce_csrf_checks=True)
    check_page(strict.post("/guarded/", headers=said), 403, language)


@pytest.mark.parametrize("door", ["/broken.json", "/broken-lesson.json"])
def test_a_json_door_that_breaks_gives_a_code_and_a_number(
    browser: Client, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []
    got_request_exception.connect(lambda **_: heard.append(1), weak=False, dispatch_uid="test")
    response = browser.get(door)
    got_request_exception.disconnect(dispatch_uid="test")
    body = response.json()
    assert (response.status_code, body["code"], body["retry"]) == (500, "internal", True)
    number = NUMBER.search(caplog.text)
    assert number
    assert number[1] in body["hint"]
    assert heard, "monitors that listen to Django's signal hear of it"
    assert SECRET not in response.content.decode() + caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["_handle", "_open", "session_consent"])
async def test_a_socket_that_breaks_gives_a_code_and_closes(
    method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from asgiref.sync import sync_to_async

    from tutor_emotion.live import push

    async def fail(self: Any, *_: Any) -> None:
        raise ValueError(SECRET)

    ada = await sync_to_async(people.person)()
    row = await sync_to_async(people.session)(await sync_to_async(people.course)(), ada)
    monkeypatch.setattr(StudentConsumer, method, fail)
    socket = LearnerSocket(row.pk, ada)
    first = await socket.open()
    if method == "_handle":
        await socket.send("ping", sent_s=1.0)
    elif method == "session_consent":
        await push.consent_changed([str(row.pk)])
    heard = [first]
    while heard[-1]["type"] != "close":
        heard.append(await socket.next(10))
    await socket.close()
    error = next(message for message in heard if message["type"] == "error")
    assert (error["code"], error["fatal"], heard[-1]["code"]) == ("internal", False, 1011)
    number = NUMBER.search(caplog.text)
    assert number
    assert number[1] in error["hint"]
    assert SECRET not in caplog.text + str(heard)


# --- its edges ------------------------------------------------------------------------------------


def test_what_django_answers_itself_stays_its_own(browser: Client) -> None:
    assert browser.get("/nowhere.json").status_code == 404


def test_a_door_that_breaks_writes_nothing_where_requests_are_transactions(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from tutor_emotion.models import Course
    from tutor_emotion.views import learner

    client = Client(raise_request_exception=False)
    ada = people.person("ada")
    client.force_login(ada)
    token = people.token(people.course(), ada)

    def write_and_fail(*_: Any) -> None:
        Course.objects.create(key="half-done", title="Half done")
        raise ValueError(SECRET)

    monkeypatch.setattr(learner.services, "open_session", write_and_fail)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    body = {"token": token}
    answer = client.post(reverse("tutor_emotion:sessions"), body, content_type="application/json")
    assert answer.json()["code"] == "internal"
    assert not Course.objects.filter(key="half-done").exists()


# --- what it refuses ------------------------------------------------------------------------------


def test_debug_is_off_unless_somebody_asks_for_it() -> None:
    assert settings.DEBUG is False
