"""Signals never feed a mark: nothing that leaves or is kept has a field for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory
from pydantic import BaseModel

from tests.world import World, build
from tutor_emotion import protocol, services
from tutor_emotion.admin.scope import ReadOnly
from tutor_emotion.views import report

APPS = ("tutor_emotion", "tutor_emotion_lessons")
MARKS = re.compile(
    r"(^|_)(mark|marks|marked|grade|grades|graded|score|scores|scored|rank|ranks|ranking|rating|"
    r"percentile|attendance|attended|absence|absent|late|discipline|behaviour|behavior|conduct|"
    r"merit|demerit|penalty|points|credit|credits|pass|passed|fail|failed|promotion|gpa)($|_)"
)
# Names that have such a word in them and are something else; each with what it is.
ALLOWED: dict[str, str] = {}


def messages() -> Iterator[type[BaseModel]]:
    for name in dir(protocol):
        each = getattr(protocol, name)
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def fields_of_messages() -> Iterator[str]:
    for message in messages():
        yield from (f"{message.__name__}.{field}" for field in message.model_fields)


def models() -> list[type[Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def fields_of_models() -> Iterator[str]:
    for model in models():
        yield from (f"{model.__name__}.{field.name}" for field in model._meta.get_fields())


def fields_of_forms(world: World) -> Iterator[str]:
    request = RequestFactory().get("/admin/")
    request.user = world.people["owner"]
    for model in models():
        ours: Any = admin.site._registry.get(model)
        if ours is None:
            continue
        shown = [*ours.list_display, *ours.list_filter]
        if not isinstance(ours, ReadOnly):
            shown += ours.get_form(request).base_fields
        names = [name[0] if isinstance(name, tuple) else name for name in shown]
        names = [n if isinstance(n, str) else getattr(n, "__name__", "") for n in names]
        yield from (f"{model.__name__}Admin.{name}" for name in names)


def columns_of_files(world: World) -> Iterator[str]:
    sessions = services.sessions_of(world.people["owner"])
    for what, rows in report.FILES.items():
        header = next(iter(rows(world.course, sessions, names=False)))
        yield from (f"{what}.csv.{column}" for column in header)


def marks_in(names: Iterator[str]) -> list[str]:
    found = list(names)
    assert len(found) > 10, "the walk has lost what it walks over"
    return [n for n in found if MARKS.search(n.rpartition(".")[2].lower()) and n not in ALLOWED]


# --- it works -------------------------------------------------------------------------------------


def test_no_message_of_the_protocol_has_a_mark() -> None:
    assert marks_in(fields_of_messages()) == []


def test_nothing_that_is_kept_is_a_mark() -> None:
    assert marks_in(fields_of_models()) == []


@pytest.mark.django_db
def test_no_page_of_the_admin_and_no_file_has_a_mark() -> None:
    world = build()
    assert marks_in(fields_of_forms(world)) == []
    assert marks_in(columns_of_files(world)) == []


def test_what_the_engine_decides_has_no_kind_that_is_a_mark() -> None:
    from tutor_emotion.core.types import AdaptationKind, SignalKind

    kinds = [*get_args(AdaptationKind), *get_args(SignalKind)]
    assert marks_in(f"kind.{kind.replace('.', '_')}" for kind in kinds) == []


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mark", "final_grade", "score", "class_rank", "attendance_pct"])
def test_a_mark_would_be_found(name: str) -> None:
    assert marks_in(iter([f"Session.field_{n}" for n in range(11)] + [f"Session.{name}"]))


@pytest.mark.parametrize("name", ["remarked", "upgrade", "latest", "passive", "lately", "frank"])
def test_words_that_only_sound_alike_pass(name: str) -> None:
    names = [f"Session.field_{n}" for n in range(11)] + [f"Session.{name}"]
    assert marks_in(iter(names)) == []


def test_every_exception_is_explained_and_is_still_there() -> None:
    there = {*fields_of_messages(), *fields_of_models()}
    assert all(len(why) > 10 for why in ALLOWED.values())
    assert set(ALLOWED) <= there
