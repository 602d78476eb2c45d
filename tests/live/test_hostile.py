"""Strangers, hostile learners, a broker that is away: a code for each, and the lesson goes on."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.test import Client

from tests import hostile, people
from tests.live.sockets import LearnerSocket, Wire
from tests.media.test_offer import GOOD
from tutor_emotion import privacy, services
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.errors import BadInput
from tutor_emotion.lessons import api as lessons_api
from tutor_emotion.lessons.content import COURSES, read_course
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import Step
from tutor_emotion.live import student
from tutor_emotion.live.sessions import MAX_SESSIONS_OF_ONE
from tutor_emotion.media.offer import parse_candidate, vet_offer
from tutor_emotion.models import Consent, Course, Session
from tutor_emotion.protocol import SessionBody, parse_from_learner, parse_from_teacher
from tutor_emotion.routing import websocket_urlpatterns
from tutor_emotion.views import doors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
db = database_sync_to_async
FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'


@pytest.fixture
def broker_away(settings: Any) -> None:
    """Nobody listens where the channel layer's broker should be."""
    layer = settings.CHANNEL_LAYERS["default"]
    hosts = {"hosts": [f"redis://127.0.0.1:{free_port()}/0"]}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": hosts}}


@pytest.fixture
def ada() -> User:
    return people.person()


@pytest.fixture
def course() -> Course:
    return people.course()


@pytest.fixture
def session(course: Course, ada: User) -> Session:
    people.consent(course, ada)
    return people.session(course, ada)


async def refusal(path: str, user: Any) -> tuple[dict[str, Any], int]:
    """The error that a socket says first, and the code that it closes with."""
    wire = Wire(URLRouter(websocket_urlpatterns), path, user)
    await wire.open()
    error, closed = await wire.receive(3), await wire.receive(3)
    await wire.close()
    return error, closed["code"]


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["session/xyz/", "session/", "classroom/a b/", "nowhere/", ""])
async def test_an_address_that_leads_nowhere_has_a_code(path: str) -> None:
    error, code = await refusal(f"/ws/tutor-emotion/{path}", AnonymousUser())
    assert (error["code"], error["fatal"], code) == ("unknown_address", True, 4404)


# --- one learner against the others ---------------------------------------------------------------


async def test_one_learner_cannot_take_every_place(course: Course, ada: User) -> None:
    open_ = [LearnerSocket((await db(people.session)(course, ada)).pk, ada) for _ in range(5)]
    for socket in open_[:MAX_SESSIONS_OF_ONE]:
        assert (await socket.open())["type"] == "welcome"
    assert (await open_[MAX_SESSIONS_OF_ONE].open())["code"] == "too_many_sessions"
    # Coming back to one of them is no further one, and nobody else is kept out.
    again = LearnerSocket(open_[0].wire.scope["path"].split("/")[-2], ada)
    assert (await again.open())["resumed"] is True
    ben = await db(people.person)("ben")
    bens = LearnerSocket((await db(people.session)(course, ben)).pk, ben)
    assert (await bens.open())["type"] == "welcome"
    for socket in (*open_, again, bens):
        await socket.close()


def test_sessions_are_not_begun_without_end(course: Course, ada: User) -> None:
    client = Client()
    client.force_login(ada)
    body = {"token": people.token(course, ada)}

    def begin() -> Any:
        return client.post("/tutor-emotion/sessions/", body, content_type="application/json")

    statuses = [begin().status_code for _ in range(services.SESSIONS_IN_MINUTE)]
    assert set(statuses) == {201}
    refused = begin()
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    assert refused.json()["retry"] is True


# --- a broker that is away ------------------------------------------------------------------------


@pytest.mark.usefixtures("broker_away")
@pytest.mark.parametrize("door", ["session", "classroom"])
async def test_a_socket_without_a_broker_is_asked_to_come_back(
    door: str, session: Session, ada: User
) -> None:
    where = f"session/{session.pk}/" if door == "session" else "classroom/fractions/"
    error, code = await refusal(f"/ws/tutor-emotion/{where}", ada)
    assert (error["code"], error["retry"], error["fatal"]) == ("messages_away", True, False)
    assert code == 1013
    assert student.SESSIONS._live == {}


@pytest.mark.usefixtures("broker_away")
def test_consent_is_taken_back_though_nobody_can_be_told(
    session: Session, course: Course, ada: User
) -> None:
    client = Client()
    client.force_login(ada)
    answer = client.post(
        "/tutor-emotion/consents/",
        {
            "token": people.token(course, ada),
            "text_version": privacy.CONSENT_TEXT_VERSION,
            "modalities": {"face": False},
        },
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert not Consent.objects.filter(learner=ada, modality="face", revoked_at=None).exists()


# --- bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/tutor-emotion/consents/", "/tutor-emotion/sessions/", "/lessons/nix/answer/"]
)
@pytest.mark.parametrize("body", [PART, b"{}", b"", b"\xff" * 3000, b"[" * 3000])
@pytest.mark.parametrize("kind", [FORM, "application/x-www-form-urlencoded", "text/html"])
def test_any_body_has_a_code(path: str, body: bytes, kind: str, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(path, body, content_type=kind, HTTP_X_CSRFTOKEN="a" * 32)
    if kind == FORM and not body.startswith(b"--x") and answer.status_code == 400:
        return  # Django itself refuses a form that is none
    assert answer.status_code in (400, 404)
    assert answer.json()["code"] in ("bad_message", "bad_body", "unknown_lesson")


@pytest.mark.parametrize(
    ("door", "code"),
    [
        (lambda request: doors.read_body(request, SessionBody), "bad_message"),
        (lambda request: lessons_api._body(request, SessionBody), "bad_body"),
    ],
    ids=["plugin", "lessons"],
)
def test_a_body_that_is_closed_while_it_is_read_has_a_code(
    door: Callable[[HttpRequest], Any], code: str
) -> None:
    """The browser went away: over ASGI Django closes its body, and our thread does not know."""
    body = io.BytesIO(b'{"token": "x"}')
    request = ASGIRequest({"method": "POST", "path": "/", "headers": []}, body)
    body.close()
    with pytest.raises(BadInput) as refused:
        door(request)
    assert refused.value.code == code


@pytest.mark.parametrize("step", ["\x00", "a\x00b", "../x", "x" * 61, ""])
def test_what_no_database_can_hold_has_a_code(step: str, ada: User) -> None:
    load(read_course(COURSES / "fractions"))
    client = Client()
    client.force_login(ada)
    body = {"attempt": str(uuid.uuid4()), "step": step, "answer": "\x001/2"}
    answer = client.post("/lessons/fractions-1/answer/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")


@pytest.mark.parametrize("kind", ["number", "text"])
def test_an_answer_that_no_database_can_hold_is_unreadable(kind: str, ada: User) -> None:
    load(read_course(COURSES / "fractions"))
    step = Step.objects.get(slug="shaded-part")
    step.answer_kind, step.answer = kind, "1/2"
    step.save()
    client = Client()
    client.force_login(ada)
    body = {"attempt": str(uuid.uuid4()), "step": step.slug, "answer": "1/2\x00"}
    answer = client.post("/lessons/fractions-1/answer/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "unreadable")


async def test_a_skill_that_no_database_can_hold_is_refused(socket: LearnerSocket) -> None:
    await socket.send("answer", step="s", skill="a\x00", correct=False, took_s=3)
    assert (await socket.until("error"))["code"] == "bad_message"


# --- messages -------------------------------------------------------------------------------------


VALID = (*hostile.LEARNERS, *hostile.TEACHERS)


@pytest.mark.parametrize("parse", [parse_from_learner, parse_from_teacher])
def test_three_thousand_mutations_are_messages_or_have_a_code(parse: Callable[[str], Any]) -> None:
    rng = random.Random(20)
    refusals = []
    for number in range(3000):
        try:
            parse(hostile.mutated(json.dumps(VALID[number % len(VALID)]), rng))
        except BadInput as error:
            refusals.append(error)
    assert len(refusals) > 2000
    assert {error.code for error in refusals} == {"bad_message"}
    # It says where and what is wrong, and does not send back what was sent.
    assert max(len(error.message) for error in refusals) < 300


# --- offers ---------------------------------------------------------------------------------------


def hostile_offers() -> Iterator[str]:
    lines = GOOD.split("\n")
    for at in range(len(lines)):
        yield "\n".join(lines[:at] + lines[at + 1 :])
        yield "\n".join(lines[:at] + [lines[at]] * 3 + lines[at + 1 :])
    yield from itertools.islice(hostile.offers(random.Random(21)), 900)


def test_hostile_offers_are_vetted_or_have_a_code() -> None:
    codes = set()
    for sdp in hostile_offers():
        try:
            vet_offer(sdp, frozenset({"face", "voice"}))
        except BadInput as error:
            codes.add(error.code)
    assert "bad_sdp" in codes
    assert codes <= {
        "bad_sdp",
        "sdp_too_large",
        "too_many_tracks",
        "unsupported_codec",
        "media_not_allowed",
    }


@pytest.mark.parametrize("ip", ["224.0.0.251", "255.255.255.255", "0.0.0.0", "ff02::1", "::"])
def test_no_packet_is_sent_to_many_or_to_nobody(ip: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_candidate(f"candidate:1 1 udp 1 {ip} 5353 typ host")
    assert refused.value.code == "bad_candidate"


async def test_a_database_that_is_slow_for_one_silences_nobody(socket: LearnerSocket) -> None:
    slow = asyncio.ensure_future(db(time.sleep)(2.0))  # all sockets share the database's thread
    await asyncio.sleep(0.1)
    await socket.send("ping", sent_s=8.0)
    assert (await socket.until("pong", seconds=1))["sent_s"] == 8.0
    await slow


async def test_the_lesson_goes_on_after_hostile_messages(socket: LearnerSocket) -> None:
    offers = list(hostile_offers())[:20]
    for sdp in offers:
        await socket.send("rtc_offer", sdp=sdp[:30_000] or "v", modalities=["face"])
    for text in ("[" * 60_000, "\x00", '{"type":"ping","sent_s":' + "9" * 50_000 + "}"):
        await socket.raw(text)
    await socket.send("ping", sent_s=7.0)
    assert (await socket.until("pong", seconds=20))["sent_s"] == 7.0
