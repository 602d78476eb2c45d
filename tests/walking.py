"""Doors as the host's addresses have them, and how each is knocked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests import people
from tests.doors import DOORS, ROLES, cells_of
from tests.world import STEP, World
from tutor_emotion.documents.facts import gather
from tutor_emotion.services.guardians import guardian_token

JSON = "application/json"


@dataclass(frozen=True)
class Address:
    """``name`` as ``reverse`` takes it, or the route where there is none."""

    name: str
    route: str
    takes: tuple[str, ...]
    model: str = ""

    def url(self, world: World) -> str:
        values = {key: self._value(world, key) for key in self.takes}
        if self.name != self.route:
            return reverse(self.name, kwargs=values)
        url = "/" + self.route.replace("(?P<url>.*)$", "no-such-page/")
        for key, value in values.items():
            url = url.replace(f"<path:{key}>", str(value))
        return url

    def _value(self, world: World, key: str) -> Any:
        if self.name in ABOUT_ADA:
            return world.ada.pk
        if key in ("object_id", "pk", "id") and self.model:
            return world.row(self.model).pk
        return VALUES[key](world)


# Pages of a model's admin whose key is a person's.
ABOUT_ADA = ("admin:tutor_emotion_erase",)
# What stands in an address. A new kind of parameter is one line here.
VALUES: Mapping[str, Callable[[World], Any]] = {
    "course": lambda w: w.course.key,
    "session_id": lambda w: w.sessions["ada"].pk,
    "lesson": lambda w: w.lesson.slug,
    "step": lambda w: STEP,
    "content_type_id": lambda w: 1,
    "object_id": lambda w: w.ada.pk,
    "app_label": lambda w: "tutor_emotion",
    "url": lambda w: "no-such-page/",
    "name": lambda w: next(card.slug for card in gather().cards),  # of a model
    "token": lambda w: guardian_token(w.row("tutor_emotion.guardianlink"), "answer"),
}


def _token(world: World) -> dict[str, str]:
    return {"token": people.token(world.course, world.ada, world.lesson.slug)}


# What is asked beside the address; without a line here it is nothing.
QUERY: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "tutor_emotion:setup": _token,
    "tutor_emotion:my-data": lambda w: {"learner": w.ada.get_username()},
    "tutor_emotion:report-csv": lambda w: {
        "lesson": w.lesson.slug, "what": "learners", "names": "1"
    },
    "admin:search": lambda w: {"s": "7fq3"},
    "admin:autocomplete": lambda w: {
        "app_label": "tutor_emotion", "model_name": "enrolment", "field_name": "learner",
        "term": "7fq3",
    },
}  # fmt: skip
# What is posted, as a form; or as JSON, where it says so.
FORM: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "admin:*_delete": lambda w: {"post": "yes"},
    "admin:tutor_emotion_erase": lambda w: {"name": w.ada.get_username()},
    "tutor_emotion:erase-my-data": lambda w: {"sure": "erase"},
    "admin:tutor_emotion_enrol": lambda w: {"school_class": w.red.pk},
}
BODY: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "tutor_emotion:consents": lambda w: _token(w) | {
        "text_version": people.privacy.CONSENT_TEXT_VERSION, "modalities": {"text": True}
    },
    "tutor_emotion:sessions": _token,
    "tutor_emotion_lessons:answer": lambda w: {
        "attempt": str(uuid4()), "step": STEP, "answer": "1"
    },
    "tutor_emotion_lessons:carried_out": lambda w: {
        "adaptation": 1, "kind": "hint", "step": STEP
    },
}  # fmt: skip


def addresses() -> Iterator[Address]:
    """Every address of the host."""
    yield from _walk(get_resolver().url_patterns)


def _walk(patterns: Sequence[Any], prefix: str = "", spaces: str = "") -> Iterator[Address]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            space = f"{spaces}{each.namespace}:" if each.namespace else spaces
            yield from _walk(each.url_patterns, route, space)
            continue
        name = spaces + each.name if each.name else route
        yield Address(name, route, tuple(each.pattern.regex.groupindex), _model(route))


def _model(route: str) -> str:
    """``admin/app/model/…`` is about that model."""
    parts = route.split("/")
    ours = parts[0] == "admin" and len(parts) > 3 and parts[1] in apps.app_configs
    return ".".join(parts[1:3]) if ours else ""


# These answer a POST as they answer a GET, by Django's own code or by ``require_GET``.
READS = (
    "*_history", "admin/*", "admin:jsi18n", "admin:index", "admin:app_list", "admin:search",
    "admin:autocomplete", "admin:view_on_site", "admin:password_change_done", "healthz", "readyz",
)  # fmt: skip


def methods(address: Address) -> tuple[str, ...]:
    reads = any(fnmatchcase(address.name, pattern) for pattern in READS)
    return ("GET",) if reads else ("GET", "POST")


def matching(table: Mapping[str, Any], key: str) -> Any:
    """The row of ``key``: its own, or that of the first pattern that fits; None without one."""
    if key in table:
        return table[key]
    return next((row for pattern, row in table.items() if fnmatchcase(key, pattern)), None)


def row_of(method: str, address: Address) -> dict[str, str] | None:
    """Role → expected cell, where the table has a row for this door."""
    cells = matching(DOORS, f"{method} {address.name}")
    if cells is None:
        return None
    return dict(zip(ROLES, cells_of(cells), strict=True))


def knock(world: World, role: str, method: str, address: Address) -> str:
    """The cell as it is. Whatever the door did is taken back."""
    client = _client()
    client.cookies.clear()
    cache.clear()
    url = address.url(world)  # and with it Ada's row, before what is taken back
    if address.model:
        world.row(address.model)
    with transaction.atomic():
        if role != "nobody":
            client.force_login(world.people[role])
        response = _ask(client, method, url, address.name, world)
        cell = _cell(world, response, address, method)
        transaction.set_rollback(True)
    return cell


@lru_cache(maxsize=1)
def _client() -> Client:
    """One for all: a new one loads the middleware anew, and WhiteNoise all the static files."""
    return Client(raise_request_exception=False)


def _ask(client: Client, method: str, url: str, name: str, world: World) -> Any:
    if method == "GET":
        query = matching(QUERY, name)
        return client.get(url, query(world) if query else {})
    if (body := matching(BODY, name)) is not None:
        return client.post(url, body(world), content_type=JSON)
    form = matching(FORM, name)
    if form is None and name.endswith("_changelist"):
        return client.post(url, _delete_selected(world, name))
    return client.post(url, form(world) if form else {})


def _delete_selected(world: World, name: str) -> dict[str, Any]:
    label = _label_of_changelist(name)
    pk = world.row(label).pk
    return {"action": "delete_selected", "_selected_action": pk, "post": "yes"}


def _label_of_changelist(name: str) -> str:
    found = next(a for a in addresses() if a.name == name)
    return found.model


def _cell(world: World, response: Any, address: Address, method: str) -> str:
    status = response.status_code
    if method == "POST" and address.model and _gone(world, address.model):
        return "del"
    if status in (301, 302):
        to = response["Location"]
        if to.startswith((reverse(settings.LOGIN_URL), reverse("admin:login"))):
            return "in"
        return "away" if to == reverse("admin:index") else "302"
    if status not in (200, 201):
        return str(status)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{status}{world.named_in(body.decode(errors='replace'))}"


def _gone(world: World, label: str) -> bool:
    if label not in world.rows:
        return False
    row = world.rows[label]
    return not type(row)._default_manager.filter(pk=row.pk).exists()
