"""What a browser is told that it may do: scripts, frames, camera and microphone, cookies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests import people
from tutor_emotion.lessons.content import COURSES, read_course
from tutor_emotion.lessons.importing import load
from tutor_emotion.middleware import SensorsPolicy, opens_sensors

pytestmark = pytest.mark.django_db
LESSON = "/lessons/fractions-1/"
ROOT = Path(__file__).resolve().parents[2] / "tutor_emotion"
# A file that a command writes has no server, and carries its few rules itself.
FILES = {"my_data_file.html"}
TEMPLATES = sorted(p for p in ROOT.rglob("templates/**/*.html") if p.name not in FILES)


@pytest.fixture
def ada(client: Client) -> User:
    load(read_course(COURSES / "fractions"))
    ada = people.person()
    client.force_login(ada)
    return ada


def directives(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ada")
def test_only_scripts_with_the_answers_own_nonce_may_run(client: Client) -> None:
    response = client.get(LESSON)
    rules = directives(response)
    nonce, dynamic = sorted(rules["script-src"])
    assert (nonce[:7], dynamic) == ("'nonce-", "'strict-dynamic'")
    html = response.content.decode()
    scripts = re.findall(r"<script(?![^>]*application/json)([^>]*)>", html)
    assert len(scripts) == 2
    assert all(f'nonce="{nonce[7:-1]}"' in script for script in scripts)
    assert f'<style nonce="{nonce[7:-1]}">' in html
    assert rules["default-src"] == rules["object-src"] == rules["base-uri"] == ["'none'"]
    assert rules["frame-ancestors"] == rules["frame-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    assert nonce not in client.get(LESSON)["Content-Security-Policy"]  # one for each answer


@pytest.mark.usefixtures("ada")
def test_camera_and_microphone_are_for_the_page_with_the_element(client: Client) -> None:
    assert permissions(client.get(LESSON)) == {"camera": "(self)", "microphone": "(self)"}
    for path in ("/", "/lessons/progress/", "/sign-in/", "/admin/login/", "/nowhere/"):
        response = client.get(path)
        assert permissions(response) == {"camera": "()", "microphone": "()"}, path
        assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.usefixtures("ada")
def test_where_the_law_forbids_them_not_even_there(client: Client, settings: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "JURISDICTION": "eu_institution"}
    assert permissions(client.get(LESSON)) == {"camera": "()", "microphone": "()"}


# --- its edges ------------------------------------------------------------------------------------


def test_the_admin_alone_is_let_off(client: Client) -> None:
    client.force_login(people.person("head", is_staff=True, is_superuser=True))
    rules = directives(client.get("/admin/"))
    assert "'unsafe-inline'" in rules["script-src"]
    assert not [value for value in rules["script-src"] if value.startswith("'nonce")]
    assert rules["frame-ancestors"] == rules["object-src"] == ["'none'"]
    for path in ("/", "/sign-in/", "/administration/", "/nowhere/", "/healthz"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy, path


def test_a_host_without_other_rules_gets_these_two() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        opens_sensors(request, ["voice"])
        return HttpResponse()

    answer = SensorsPolicy(page)(RequestFactory().get("/"))
    assert answer["Permissions-Policy"] == "camera=(), microphone=(self)"


def test_a_hosts_other_rules_are_kept() -> None:
    def page(_: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Permissions-Policy": "camera=*, usb=(), midi=(self)"})

    answer = SensorsPolicy(page)(RequestFactory().get("/"))
    assert answer["Permissions-Policy"] == "usb=(), midi=(self), camera=(), microphone=()"


def test_no_script_reads_a_cookie(client: Client, ada: User) -> None:
    response = client.get(LESSON)
    assert re.search(r'<tutor-emotion [^>]*csrf="\w{64}"', response.content.decode())
    assert set(response.cookies) == {"csrftoken"}
    assert response.cookies["csrftoken"]["httponly"]
    assert response.cookies["csrftoken"]["samesite"] == "Lax"


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_or_a_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    inline = re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert inline == []
    if "/admin/" not in str(path):
        assert "<script" not in text  # a tag writes it, with the nonce


def permissions(response: Any) -> dict[str, str]:
    said = dict(part.split("=") for part in response["Permissions-Policy"].split(", "))
    return {name: said[name] for name in ("camera", "microphone")}
