"""``docs/openapi.json`` is what the doors say of themselves, and what they then do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests import people
from tutor_emotion.management.commands import describe_api
from tutor_emotion.models import Course

ROOT = Path(__file__).resolve().parents[2]
NOBODYS = "00000000-0000-0000-0000-000000000000"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe_api.description()


def refers(described: dict[str, Any], path: str, method: str, status: int) -> Any:
    """The schema of one answer, with what it refers to."""
    answer = described["paths"][path][method]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    return {**schema, "components": described["components"]}


def test_the_page_is_true() -> None:
    written = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert written == describe_api.page(), "run: manage.py describe_api > docs/openapi.json"


def test_every_schema_is_one_and_every_name_is_its_own(described: dict[str, Any]) -> None:
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "components": described["components"]})
    names = [op["operationId"] for path in described["paths"].values() for op in path.values()]
    assert len(names) == len(set(names)) >= 10
    for path in described["paths"].values():
        assert all(operation["summary"] for operation in path.values())


# --- no door is left out --------------------------------------------------------------------------


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLPattern):
            yield here
        elif pattern.app_name != "admin":
            yield from addresses(pattern, here)


@pytest.mark.parametrize("signed_in", [False, True])
def test_whatever_speaks_json_is_described(
    signed_in: bool, described: dict[str, Any], django_user_model: Any
) -> None:
    """Each address of the host is asked; who answers JSON must be in the description."""
    client = Client(raise_request_exception=False)
    if signed_in:
        client.force_login(people.person())
    spoke = set()
    for address in addresses(get_resolver()):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
        asked = re.sub(r"<uuid:\w+>", NOBODYS, address)
        asked = re.sub(r"<[^>]*>", "x", asked)
        for method in ("get", "post"):
            said = getattr(client, method)(asked)
            if said.headers.get("Content-Type", "").startswith("application/json"):
                spoke.add((path, method))
    assert ("/tutor-emotion/setup/", "get") in spoke
    known = {(path, method) for path, doors in described["paths"].items() for method in doors}
    assert spoke <= known, "describe them with @described, then: manage.py describe_api"
    assert known <= spoke


# --- what is said is what is done -----------------------------------------------------------------


def test_a_good_answer_is_as_described(described: dict[str, Any]) -> None:
    ada, course = people.person(), people.course()
    people.consent(course, ada)
    client = Client()
    client.force_login(ada)
    token = people.token(course, ada)
    setup = client.get("/tutor-emotion/setup/", {"token": token, "language": "de"}).json()
    jsonschema_rs.validate(refers(described, "/tutor-emotion/setup/", "get", 200), setup)
    opened = client.post("/tutor-emotion/sessions/", {"token": token}, "application/json").json()
    jsonschema_rs.validate(refers(described, "/tutor-emotion/sessions/", "post", 201), opened)
    session = client.get(f"/tutor-emotion/sessions/{opened['session']}/").json()
    path = "/tutor-emotion/sessions/{session_id}/"
    jsonschema_rs.validate(refers(described, path, "get", 200), session)


def test_a_fault_has_a_code_that_was_announced(described: dict[str, Any]) -> None:
    client = Client()
    schema = refers(described, "/tutor-emotion/setup/", "get", 401)
    jsonschema_rs.validate(schema, client.get("/tutor-emotion/setup/").json())
    client.force_login(people.person())
    answer = client.get("/tutor-emotion/setup/", {"token": "forged"})
    schema = refers(described, "/tutor-emotion/setup/", "get", 400)
    jsonschema_rs.validate(schema, answer.json())
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, answer.json() | {"code": "something_else"})


@pytest.mark.parametrize("query", [{"language": "d\0"}, {"language": "x" * 36}, {"other": "1"}])
@pytest.mark.parametrize("door", ["setup", "consents"])
def test_a_query_is_refused_with_a_code_and_changes_nothing(
    query: dict[str, str], door: str
) -> None:
    ada, course = people.person(), people.course()
    client = Client()
    client.force_login(ada)
    answer = ask(client, door, query, ada, course)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
    assert not course.consents.exists()


def ask(client: Client, door: str, query: dict[str, str], ada: User, course: Course) -> Any:
    token = people.token(course, ada)
    if door == "setup":
        return client.get("/tutor-emotion/setup/", {"token": token, **query})
    body = {"token": token, "text_version": "1", "modalities": {"text": True}}
    url = f"/tutor-emotion/consents/?{'&'.join(f'{k}={v}' for k, v in query.items())}"
    return client.post(url.replace("\0", "%00"), json.dumps(body), "application/json")


def test_no_field_anywhere_is_a_mark(described: dict[str, Any]) -> None:
    """Signals never feed a mark: the API has no field to put one in."""
    marks = {"grade", "mark", "marks", "score", "points", "rank", "attendance", "discipline"}
    fields = {
        name
        for schema in described["components"]["schemas"].values()
        for name in schema.get("properties", {})
    }
    assert "code" in fields
    assert not fields & marks
