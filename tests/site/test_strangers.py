"""A stranger's broken request is one line of the log; a fault of ours keeps its traceback."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tutor_emotion.demo import urls
from tutor_emotion.demo.strangers import BriefAboutStrangers


def fails(request: HttpRequest) -> HttpResponse:
    raise ValueError("ours")


urlpatterns = [path("fails/", fails), *urls.urlpatterns]


@pytest.fixture
def filtered(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.handler.addFilter(BriefAboutStrangers())
    yield caplog
    caplog.handler.filters.clear()


@pytest.mark.parametrize("host", ["localhost,", "evil.example", "127.0.0.1,evil.example", "a b"])
def test_a_host_that_is_none_is_one_line(filtered: Any, host: str) -> None:
    answer = Client(raise_request_exception=False).get("/healthz", headers={"host": host})
    assert answer.status_code == 400
    (line,) = [r for r in filtered.records if r.name.startswith("django.security")]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert "Traceback" not in filtered.text


def test_a_broken_form_is_one_line(filtered: Any) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "a" * 32
    kind = "multipart/form-data; boundary="
    assert client.post("/sign-in/", b"--x", content_type=kind).status_code == 400
    assert filtered.records
    assert "Traceback" not in filtered.text


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=", "multipart/form-data; \xff"])
def test_a_broken_form_to_nowhere_is_nowhere(filtered: Any, kind: str) -> None:
    """Django looks for the form's token before it says that there is no such page."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post("/no/such/page/", b"--x", content_type=kind)
    assert answer.status_code == 404
    assert "Traceback" not in filtered.text


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_keeps_its_traceback(filtered: Any) -> None:
    assert Client(raise_request_exception=False).get("/fails/").status_code == 500
    (line,) = [r for r in filtered.records if r.levelno == logging.ERROR]
    assert line.exc_info is not None
