"""Requests over ASGI: one thread each, of a pool that stays."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.translation import get_language

from tutor_emotion.demo.one_thread import THREADS, Http

seen: list[str] = []


def look(request: HttpRequest) -> HttpResponse:
    seen.append(threading.current_thread().name)
    return HttpResponse(get_language())


def fail(request: HttpRequest) -> HttpResponse:
    raise ValueError("on purpose")


urlpatterns = [path("look/", look), path("fail/", fail)]


async def get(app: Http, url: str, language: str = "en") -> tuple[int, str]:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": url,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept-language", language.encode())],
    }
    page = ApplicationCommunicator(app, scope)
    await page.send_input({"type": "http.request", "body": b""})
    start, body = await page.receive_output(10), await page.receive_output(10)
    await page.wait(10)
    return start["status"], body["body"].decode()


@pytest.fixture(autouse=True)
def urls() -> Any:
    seen.clear()
    with override_settings(ROOT_URLCONF=__name__, LANGUAGES=[("en", "en"), ("de", "de")]):
        yield


@pytest.mark.django_db(transaction=True)
async def test_a_request_has_one_thread_and_threads_stay() -> None:
    app = Http()
    for _ in range(THREADS + 4):
        assert await get(app, "/look/") == (200, "en")
    assert all(who.startswith("http_") for who in seen)
    assert len(set(seen)) <= THREADS


@pytest.mark.django_db(transaction=True)
async def test_a_language_is_its_own_requests() -> None:
    app = Http()
    languages = ["de", "en"] * THREADS
    said = await asyncio.gather(*(get(app, "/look/", language) for language in languages))
    assert [text for _, text in said] == languages


@pytest.mark.django_db(transaction=True)
async def test_a_view_that_fails_is_an_answer() -> None:
    app = Http()
    assert (await get(app, "/fail/"))[0] == 500
    assert (await get(app, "/nowhere/"))[0] == 404
    assert (await get(app, "/look/"))[0] == 200
