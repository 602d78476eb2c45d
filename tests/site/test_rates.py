"""How often one may come: over all processes, by person and by address, and open where Redis is
away."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion import privacy, rates, shared
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.errors import TooFast
from tutor_emotion.models import Course, Session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
SETUP = "/tutor-emotion/setup/"
NOW_S = 1_800_000_030.0


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the limits stands still, in the middle of a minute."""
    now = [NOW_S]
    monkeypatch.setattr("tutor_emotion.rates.time.time", lambda: now[0])
    return now


@pytest.fixture
def limits(settings: Any) -> Any:
    def give(**doors: tuple[int, int]) -> None:
        settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "LIMITS": doors}

    return give


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def session(ada: User) -> Session:
    course = Course.objects.create(key="fractions", title="Fractions")
    return Session.objects.create(course=course, lesson="fractions-1", learner=ada)


# --- it works -------------------------------------------------------------------------------------


def test_past_the_limit_one_waits_for_the_next_minute(limits: Any, one_minute: list[float]) -> None:
    limits(links=(2, 100))
    for _ in range(2):
        rates.check("links", 7, "192.0.2.1")
    with pytest.raises(TooFast) as too_fast:
        rates.check("links", 7, "192.0.2.1")
    assert too_fast.value.wait_s == 60 - int(NOW_S) % 60
    rates.check("links", 8, "192.0.2.1")
    rates.check("sockets", 7, "192.0.2.1")
    one_minute[0] += too_fast.value.wait_s
    rates.check("links", 7, "192.0.2.1")


def test_an_address_is_counted_over_all_who_come_from_it(limits: Any) -> None:
    limits(links=(100, 3))
    for user in (1, 2, None):
        rates.check("links", user, "192.0.2.1")
    with pytest.raises(TooFast):
        rates.check("links", 3, "192.0.2.1")
    rates.check("links", 3, "192.0.2.2")


def test_a_json_door_says_when_to_come_again(client: Client, ada: User, limits: Any) -> None:
    limits(requests=(1, 100))
    client.force_login(ada)
    assert client.get(SETUP).status_code == 400  # no token: but let in
    answer = client.get(SETUP)
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_fast"
    assert answer.json()["retry"]
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert client.post("/lessons/nowhere/answer/").status_code == 429


def test_consents_have_a_limit_of_their_own(client: Client, session: Session, limits: Any) -> None:
    limits(consents=(1, 100))
    client.force_login(session.learner)
    body = {
        "token": people.token(session.course, session.learner),
        "text_version": privacy.CONSENT_TEXT_VERSION,
        "modalities": {"text": True},
    }
    answers = [
        client.post("/tutor-emotion/consents/", json.dumps(body), "application/json")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]


async def test_a_socket_too_many_is_told_to_come_later(session: Session, limits: Any) -> None:
    limits(sockets=(1, 100))
    first, second = (LearnerSocket(session.pk, session.learner) for _ in range(2))
    assert (await first.open())["type"] == "welcome"
    told = await second.open()
    assert (told["code"], told["retry"], told["fatal"]) == ("too_fast", True, False)
    assert (await second.next())["code"] == 1013
    await first.close()
    await second.close()


async def test_an_offer_too_many_is_not_looked_at(session: Session, limits: Any) -> None:
    limits(offers=(1, 100))
    socket = LearnerSocket(session.pk, session.learner)
    await socket.open()
    codes = []
    for _ in range(2):
        await socket.send("rtc_offer", sdp="v=0", modalities=["face"])
        codes.append((await socket.until("error"))["code"])
    assert codes[0] != "too_fast"
    assert codes[1] == "too_fast"
    await socket.close()


# --- its edges ------------------------------------------------------------------------------------


def test_without_redis_everybody_is_let_in_and_the_log_says_so_once(
    limits: Any, settings: Any, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(links=(1, 1))
    away = f"redis://127.0.0.1:{free_port()}/0"
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "REDIS_URL": away}
    monkeypatch.setattr(rates, "_told_at_s", -rates.SILENCE_S)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            rates.check("links", 1, "192.0.2.1")
    assert [record.getMessage() for record in caplog.records] == [
        "rates are not counted, everybody is let in: ConnectionError"
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unix", "unix", True),
    ],
)
def test_whom_an_address_stands_for(one: str, other: str, same: bool) -> None:
    assert (rates.network(one) == rates.network(other)) is same


def test_nobody_stands_in_a_key_and_it_is_gone_by_itself(valkey: redis.Redis) -> None:
    rates.check("links", 123456, "192.0.2.77")
    keys = [key.decode() for key in valkey.keys(f"{shared.PREFIX}*")]
    assert len(keys) == 2
    for key in keys:
        assert "123456" not in key
        assert "192.0.2.77" not in key
        assert 0 < valkey.ttl(key) <= rates.WINDOW_S


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [{"doors": (1, 1)}, {"links": (0, 1)}, {"links": (1,)}, {"links": "many"}]
)
def test_an_impossible_limit_stops_the_start(settings: Any, bad: dict[str, Any]) -> None:
    from tutor_emotion.checks import settings_are_valid

    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "LIMITS": bad}
    assert [found.id for found in settings_are_valid()] == ["tutor_emotion.E001"]
