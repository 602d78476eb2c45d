"""The operator's page: who may see it, what it shows, and that it names nobody."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import redis
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from django.urls import reverse

from tests import people
from tutor_emotion import __version__, beats, lately, services
from tutor_emotion.admin.overview import database_bytes
from tutor_emotion.beats import ALIVE_S, Beat
from tutor_emotion.inference.queue import WAITING
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.telemetry import marks

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.admin_urls")]
PAGE = "/admin/tutor_emotion/killswitch/operator/"


@pytest.fixture
def operator() -> Client:
    """Staff with the one permission, and nothing else."""
    user = people.person("olga", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="operate_site"))
    client = Client()
    client.force_login(user)
    return client


def say(client: redis.Redis, kind: beats.Kind, name: str, **changed: Any) -> None:
    now_s = time.time()
    row = {"release": __version__, "schema": SCHEMA, "up_s": 9.0, "at_s": now_s,
           "until_s": now_s + ALIVE_S} | changed  # fmt: skip
    pipe = client.pipeline()
    beats.put(pipe, Beat(kind, name, **row))
    pipe.execute()


def text_of(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode().split('id="te-operator"')[1])


# --- it works -------------------------------------------------------------------------------------


def test_a_site_that_is_well(valkey: redis.Redis, operator: Client) -> None:
    course = people.course()
    say(valkey, "web", "web-1", sessions=3, courses={str(course.pk): 3}, refused={"too_fast": 2})
    say(valkey, "web", "web-2", sessions=1, courses={str(course.pk): 1}, refused={"too_fast": 5})
    say(valkey, "worker", "gpu-1", runner="compact/7")
    marks.done("prune")
    text = text_of(operator)
    assert "All is well." in text
    assert "<dt>Live sessions</dt><dd>4</dd>" in text
    assert "<dt>Web processes alive</dt><dd>2</dd>" in text
    assert f'<bdi>{course.title}</bdi></th><td class="te-number">4</td>' in text
    assert '<code>too_fast</code></th><td class="te-number">7</td>' in text
    assert "compact/7" in text
    assert database_bytes()


def test_what_is_wrong_is_said_with_what_to_do(valkey: redis.Redis, operator: Client) -> None:
    now_s = time.time()
    say(valkey, "worker", "gone", at_s=now_s - 60, until_s=now_s - 51)
    say(valkey, "web", "newer", schema=SCHEMA + 1, release="9.9")
    say(valkey, "web", "ending", draining=True)
    valkey.zadd(WAITING, {"slot": now_s - 30})
    services.switch_off("an incident")
    fault = {"number": "1a2b3c4d", "code": "internal", "what": "a JSON door", "kind": "KeyError",
             "place": "views/learner.py:31 setup", "at_s": now_s, "process": "web-1"}  # fmt: skip
    valkey.lpush(lately.KEY, json.dumps(fault))
    text = text_of(operator)
    for said in ("No worker lives.", "One process died", "Processes of two releases",
                 "Windows wait longer than 2 s.", "Nothing was pruned", "is ending", "1a2b3c4d",
                 "views/learner.py:31 setup"):  # fmt: skip
        assert said in text, said
    assert text.index("No worker lives.") < text.index("Nothing was pruned")
    assert '<strong class="te-over">1</strong>' in text


# --- its edges ------------------------------------------------------------------------------------


def test_who_was_asked_to_end_is_not_missed(valkey: redis.Redis, operator: Client) -> None:
    now_s = time.time()
    say(valkey, "web", "left-in-order", draining=True, at_s=now_s - 60, until_s=now_s - 51)
    text = text_of(operator)
    assert "left-in-order" not in text
    assert "died" not in text


def test_it_works_without_a_script_and_has_none_in_it(
    valkey: redis.Redis, operator: Client
) -> None:
    page = operator.get(PAGE).content.decode()
    assert 'tutor_emotion/operator.js" defer' in page
    ours = page.split('id="te-operator"')[1].split("</section>\n</div>")[0]
    assert "<script" not in ours
    assert " style=" not in ours
    assert '<label hidden><input type="checkbox"' in ours  # what only a script does is not offered


def test_the_link_to_the_metrics_is_there_where_a_token_opens_them(
    valkey: redis.Redis, operator: Client, settings: Any
) -> None:
    assert "METRICS_PORT" in text_of(operator)
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"METRICS_TOKEN": "t" * 40}
    with override_settings(ROOT_URLCONF="tutor_emotion.demo.urls"):
        assert f'href="{reverse("metrics")}"' in text_of(operator)


def test_without_valkey_the_page_is_there(settings: Any, operator: Client) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    text = text_of(operator)
    assert "Valkey does not answer." in text
    assert "No worker lives." not in text  # nobody knows


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("staff", [True, False])
def test_it_is_for_who_has_the_permission(staff: bool) -> None:
    user = people.person("nosy", is_staff=staff)
    if not staff:
        user.user_permissions.add(Permission.objects.get(codename="operate_site"))
    client = Client()
    client.force_login(user)
    assert client.get(PAGE).status_code == (403 if staff else 302)


def test_it_changes_nothing(operator: Client) -> None:
    assert operator.post(PAGE).status_code == 405
