"""Signing in: it works as ever, wrong tries are counted, and a second step can be had and asked."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from tests import people
from tutor_emotion.demo.accounts import JsonSerializer
from tutor_emotion.errors import Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
PASSWORD = "pass-word-1"
TWICE = "/account/second-step/totp/activate/"


@pytest.fixture
def ada() -> User:
    return people.person("ada")


@pytest.fixture
def teacher() -> User:
    return people.person("teacher", is_staff=True, is_superuser=True)


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password, **more})


def say_it_again(client: Client) -> None:
    """Whoever changes how they sign in says the password once more, also just after signing in."""
    asked = client.get(TWICE)
    assert asked["Location"].startswith("/account/again/")
    assert "Location" in client.post(asked["Location"], {"password": PASSWORD})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def with_second_step(user: User) -> TOTP:
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    return TOTP.activate(user, generate_totp_secret())


# --- it works -------------------------------------------------------------------------------------


def test_a_learner_signs_in_and_goes_where_they_wanted(client: Client, ada: User) -> None:
    answer = sign_in(client, "ada", next="/lessons/progress/")
    assert (answer.status_code, answer["Location"]) == (302, "/lessons/progress/")
    assert client.get("/lessons/progress/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/lessons/progress/").status_code == 302


def test_a_second_step_is_set_up_and_then_asked_for(teacher: User, settings: Any) -> None:
    client = Client()
    sign_in(client, "teacher")
    say_it_again(client)
    page = client.get(TWICE).content.decode()
    found = re.search(r"<code>([A-Z2-7=]+)</code>", page)
    assert found, page
    assert "<svg" in page
    assert "style=" not in page
    done = client.post(TWICE, {"code": code_of(found[1])})
    assert done["Location"] == "/account/second-step/recovery-codes/"
    codes = client.get(done["Location"]).content.decode()
    recovery = re.findall(r"[0-9a-f]{8}", codes)
    assert len(recovery) >= 10

    other = Client()
    asked = sign_in(other, "teacher")
    assert asked["Location"].startswith("/account/second-step/authenticate/")
    assert other.get("/admin/").status_code == 302  # not in yet
    wrong = other.post("/account/second-step/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.content.decode()
    assert (
        other.post("/account/second-step/authenticate/", {"code": recovery[0]}).status_code == 302
    )
    assert other.get("/admin/").status_code == 200

    # A recovery code is good once.
    third = Client()
    sign_in(third, "teacher")
    again = third.post("/account/second-step/authenticate/", {"code": recovery[0]})
    assert again.status_code == 200


def test_a_teacher_is_offered_it(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    assert "/account/second-step/" in client.get("/").content.decode()
    assert client.get("/account/second-step/").status_code == 200


# --- its edges ------------------------------------------------------------------------------------


def test_in_production_staff_cannot_do_without(client: Client, settings: Any) -> None:
    settings.STAFF_NEEDS_SECOND_STEP = True
    teacher = people.person("head", is_staff=True, is_superuser=True)
    sign_in(client, "head")
    for path in ("/", "/admin/", "/lessons/progress/", "/tutor-emotion/setup/"):
        assert client.get(path)["Location"] == TWICE, path
    say_it_again(client)
    assert client.get(TWICE).status_code == 200
    with_second_step(teacher)
    assert client.get("/admin/").status_code == 200


def test_the_secrets_are_sealed_and_survive_a_new_master_key(teacher: User, settings: Any) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    step = TOTP.activate(teacher, secret)
    assert secret not in str(step.instance.data)
    old = settings.TUTOR_EMOTION["MASTER_KEYS"]
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "MASTER_KEYS": ["a" * 64, *old]}
    assert step.validate_code(code_of(secret))
    newest_alone = {**settings.TUTOR_EMOTION, "MASTER_KEYS": ["a" * 64]}
    both, settings.TUTOR_EMOTION = settings.TUTOR_EMOTION, newest_alone
    with pytest.raises(Unavailable, match="not_opened"):
        step.validate_code(code_of(secret))
    with pytest.raises(CommandError, match="second step"):
        call_command("rotate_keys", stdout=StringIO())
    settings.TUTOR_EMOTION = both
    call_command("rotate_keys", stdout=StringIO())
    settings.TUTOR_EMOTION = newest_alone
    kept = Authenticator.objects.get(pk=step.instance.pk).wrap()
    cache.clear()  # a code is good once
    assert kept.validate_code(code_of(secret))


def test_the_admin_takes_one_away_and_shows_no_secret(teacher: User) -> None:
    step = with_second_step(people.person("lost-phone"))
    client = Client()
    client.force_login(teacher)
    address = f"/admin/mfa/authenticator/{step.instance.pk}/"
    page = client.get(f"{address}change/")
    assert page.status_code == 200
    assert step.instance.data["secret"] not in page.content.decode()
    assert client.post(f"{address}change/", {"type": "totp"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_a_learner_can(client: Client, ada: User, settings: Any) -> None:
    settings.STAFF_NEEDS_SECOND_STEP = True
    sign_in(client, "ada")
    assert client.get("/lessons/progress/").status_code == 200
    assert Authenticator.objects.count() == 0


def test_a_class_may_sign_in_at_once_from_one_address(settings: Any) -> None:
    for number in range(40):
        people.person(f"learner-{number}")
        assert sign_in(Client(), f"learner-{number}").status_code == 302


def test_what_the_cache_keeps_is_no_program(valkey: Any) -> None:
    cache.set("what", {"a": [1.5, "ä", None, True]})
    assert cache.get("what") == {"a": [1.5, "ä", None, True]}
    (key,) = valkey.keys("cache*what")
    assert valkey.get(key).startswith(b"{")
    cache.set("count", 1)
    assert cache.incr("count") == 2
    with pytest.raises(TypeError):
        JsonSerializer().dumps(object())


# --- what it refuses ------------------------------------------------------------------------------


def test_the_sixth_try_is_not_even_looked_at(ada: User) -> None:
    for _ in range(5):
        page = sign_in(Client(), "ada", "wrong").content.decode()
        assert "do not fit together" in page
    page = sign_in(Client(), "ada", PASSWORD)  # right, and too late
    assert page.status_code == 200
    assert "too often" in page.content.decode()
    people.person("ben")
    assert sign_in(Client(), "ben").status_code == 302


def test_an_address_that_tries_many_names(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/m/ip"}
    people.person("ben")
    for number in range(3):
        sign_in(Client(), f"nobody-{number}", "wrong")
    assert "too often" in sign_in(Client(), "ben").content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert sign_in(elsewhere, "ben").status_code == 302


def test_an_address_that_only_knocks(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
    statuses = [sign_in(Client(), f"nobody-{n}", "wrong").status_code for n in range(5)]
    assert statuses[-1] == 429


def test_nobody_signs_up_and_the_admin_has_no_door_of_its_own(client: Client, ada: User) -> None:
    assert client.get("/sign-up/").status_code == 404
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/")["Location"].startswith("/sign-in/")
    assert client.post("/admin/login/", {"username": "a", "password": "b"})["Location"].startswith(
        "/sign-in/"
    )


def test_nobody_is_sent_to_another_site(client: Client, ada: User) -> None:
    assert sign_in(client, "ada", next="https://evil.example.net/")["Location"] == "/"
