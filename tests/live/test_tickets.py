"""A socket's ticket: once, soon, for one person and one room; and a page of ours that shows it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from channels.routing import URLRouter
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from tests import people
from tests.live.sockets import Wire
from tutor_emotion import services
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.errors import NotAllowed, Unavailable
from tutor_emotion.live import origin, tickets
from tutor_emotion.models import Course, Session
from tutor_emotion.protocol import SUBPROTOCOL
from tutor_emotion.routing import websocket_urlpatterns

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
ROOM = "session/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0"


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def session(ada: User) -> Session:
    course = Course.objects.create(key="fractions", title="Fractions")
    return Session.objects.create(course=course, lesson="fractions-1", learner=ada)


@pytest.fixture
def browser(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def wire(session: Session, user: Any, **how: Any) -> Wire:
    path = f"/ws/tutor-emotion/session/{session.pk}/"
    return Wire(URLRouter(websocket_urlpatterns), path, user, **how)


async def told(socket: Wire) -> tuple[str, int | None]:
    """The first message's type or code, and the code of the close that follows an error."""
    await socket.open()
    first = await socket.receive(5)
    if first["type"] != "error":
        await socket.close()
        return first["type"], None
    end = await socket.receive(5)
    await socket.close()
    return first["code"], end["code"]


# --- it works -------------------------------------------------------------------------------------


def test_the_page_gets_one_with_its_session_and_another_each_time(
    browser: Client, ada: User, session: Session
) -> None:
    token = services.lesson_token("fractions", "fractions-1", ada.pk)
    opened = browser.post("/tutor-emotion/sessions/", {"token": token}, "application/json").json()
    room = f"session/{opened['session']}"
    address = f"/tutor-emotion/sessions/{opened['session']}/ticket/"
    more = [browser.post(address, {}, "application/json").json()["ticket"] for _ in range(2)]
    for ticket in (opened["ticket"], *more):
        tickets.redeem(ticket, room, ada.pk)


async def test_it_opens_a_socket_that_names_our_subprotocol(ada: User, session: Session) -> None:
    socket = wire(session, ada)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["subprotocol"] == SUBPROTOCOL
    assert (await socket.receive(5))["type"] == "welcome"
    await socket.close()


def test_a_teacher_gets_one_for_the_classroom(client: Client, session: Session) -> None:
    teacher = people.person("teacher")
    session.course.teachers.add(teacher)
    client.force_login(teacher)
    answer = client.post("/tutor-emotion/classroom/fractions/ticket/", {}, "application/json")
    tickets.redeem(answer.json()["ticket"], "classroom/fractions", teacher.pk)


# --- its edges ------------------------------------------------------------------------------------


def test_it_fits_into_the_name_of_a_subprotocol(ada: User) -> None:
    allowed = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    long = f"classroom/{'k' * 100}"
    for _ in range(20):
        assert set(tickets.issue(long, ada.pk)) <= allowed


def test_it_waits_no_longer_than_the_setting_says(
    ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "TICKET_MAX_AGE_S": 5}
    young, old = tickets.issue(ROOM, ada.pk), tickets.issue(ROOM, ada.pk)
    issued_s = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: issued_s + 4)
    tickets.redeem(young, ROOM, ada.pk)
    monkeypatch.setattr(signing.time, "time", lambda: issued_s + 6)
    with pytest.raises(NotAllowed, match="bad_ticket"):
        tickets.redeem(old, ROOM, ada.pk)


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("https://testserver", True),
        ("http://testserver:8000", True),
        ("https://lms.example.org", True),
        ("https://a.partner.example.org", True),
        ("http://lms.example.org", False),
        ("https://evil.example.net", False),
        ("https://testserver.evil.example.net", False),
        ("https://lms.example.org.evil.example.net", False),
        ("null", False),
        ("file://", False),
        ("https://[", False),
        ("https://testserver:99999999", False),
        ("\xff", False),
    ],
)
def test_an_origin(said: str, ours: bool, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://lms.example.org", "https://*.partner.example.org"]
    assert origin.is_ours([(b"origin", said.encode("latin-1"))]) is ours


# --- what it refuses ------------------------------------------------------------------------------


async def test_a_ticket_opens_once(ada: User, session: Session) -> None:
    ticket = tickets.issue(f"session/{session.pk}", ada.pk)
    assert await told(wire(session, ada, ticket=ticket)) == ("welcome", None)
    assert await told(wire(session, ada, ticket=ticket)) == ("bad_ticket", 1008)


async def test_no_ticket_opens_nothing(ada: User, session: Session) -> None:
    for ticket in ("", "x", "a.b.c", ".a.b.c", "💥", tickets.issue(ROOM, ada.pk)):
        assert await told(wire(session, ada, ticket=ticket)) == ("bad_ticket", 1008), ticket


def test_what_was_changed_or_is_somebody_elses(ada: User) -> None:
    ticket = tickets.issue(ROOM, ada.pk)
    for bad in (ticket[:-1], ticket + "x", ticket.replace(".", ":"), "x" * 10_000):
        with pytest.raises(NotAllowed, match="bad_ticket"):
            tickets.redeem(bad, ROOM, ada.pk)
    with pytest.raises(NotAllowed, match="bad_ticket"):
        tickets.redeem(ticket, ROOM, ada.pk + 1)
    tickets.redeem(ticket, ROOM, ada.pk)


async def test_a_page_of_another_site_gets_no_socket(ada: User, session: Session) -> None:
    other = wire(session, ada, origin="https://evil.example.net")
    assert await told(other) == ("bad_origin", 4403)
    assert await told(wire(session, ada, origin="https://testserver")) == ("welcome", None)


def test_a_stranger_gets_no_ticket(client: Client, session: Session) -> None:
    learner, classroom = f"sessions/{session.pk}/ticket/", "classroom/fractions/ticket/"
    for path in (learner, classroom):
        assert client.post(f"/tutor-emotion/{path}").status_code == 401
    client.force_login(people.person("eve"))
    answers = {path: client.post(f"/tutor-emotion/{path}") for path in (learner, classroom)}
    assert answers[learner].json()["code"] == "unknown_session"
    assert answers[classroom].json()["code"] == "not_your_course"
    assert client.post("/tutor-emotion/classroom/nowhere/ticket/").status_code == 403
    assert client.get(f"/tutor-emotion/{learner}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(session.learner)
    assert strict.post(f"/tutor-emotion/{learner}").status_code == 403


def test_nobody_can_say_whether_it_was_used(ada: User, settings: Any) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "REDIS_URL": away}
    with pytest.raises(Unavailable, match="messages_away"):
        tickets.redeem(tickets.issue(ROOM, ada.pk), ROOM, ada.pk)
