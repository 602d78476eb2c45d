"""What another service is told: signed, without a name, to public addresses alone.

And never in a lesson's way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from celery.exceptions import Retry
from django.contrib.auth.models import User

from tests import people
from tutor_emotion import services
from tutor_emotion.checks import settings_are_valid
from tutor_emotion.core.types import AffectSignal
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.errors import NotAllowed, Unavailable
from tutor_emotion.models import Course, Session
from tutor_emotion.webhooks import posting, sending, tasks
from tutor_emotion.webhooks.message import headers_of, message_of

pytestmark = pytest.mark.django_db(transaction=True)
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """A service on this machine that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.status = 204
        self.heard: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    there = Receiver()
    settings.DEBUG = True  # so that this machine may be told, without TLS
    hook(settings, there.url)
    yield there
    there.server.shutdown()
    there.server.server_close()


@pytest.fixture
def ada() -> User:
    return people.person("ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def session(ada: User) -> Session:
    course = Course.objects.create(key="fractions", title="Fractions")
    return Session.objects.create(course=course, lesson="fractions-1", learner=ada)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have gone into Celery's queue."""
    found: list[tuple[Any, ...]] = []

    def keep(name: str, *, args: tuple[Any, ...], queue: str, **_: Any) -> None:
        found.append((name, queue, args))

    monkeypatch.setattr(sending.current_app, "send_task", keep, raising=False)
    return found


def hook(settings: Any, *urls: str) -> None:
    hooks = [{"url": url, "secret": SECRET} for url in urls]
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "WEBHOOKS": hooks}


def raised(session: Session) -> Any:
    signal = AffectSignal(
        kind="wheelspin",
        edge="raised",
        at_s=60.0,
        since_s=0.0,
        confidence=0.9,
        coverage=1.0,
        evidence=(),
        skill="s",
    )
    return services.record_signal(str(session.pk), signal)


# --- it works -------------------------------------------------------------------------------------


def test_a_receiver_is_told_and_can_verify_it(receiver: Receiver, session: Session) -> None:
    row = raised(session)
    tasks.deliver.apply(args=("affect_signal", row.pk, 0), throw=True)
    ((headers, body),) = receiver.heard
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    said = json.loads(body)
    assert said["type"] == "affect_signal.raised"
    assert said["data"] == {
        "id": row.pk,
        "kind": "wheelspin",
        "session": str(session.pk),
        "course": "fractions",
        "lesson": "fractions-1",
        "learner": str(services.learner_record(session.learner_id).pseudonym),
    }


def test_what_is_queued_is_ids_alone_and_after_commit(
    receiver: Receiver, session: Session, queued: list[Any]
) -> None:
    row = raised(session)
    end = time.monotonic() + 5
    while not queued and time.monotonic() < end:
        time.sleep(0.01)
    assert queued == [(tasks.TASK, "celery", ("affect_signal", row.pk, 0))]


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks libraries."""
    from tutor_emotion.webhooks.message import Message

    message = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = headers_of(message, key, 1614265330)["webhook-signature"]
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# --- its edges ------------------------------------------------------------------------------------


def test_nothing_says_who_it_is(receiver: Receiver, session: Session) -> None:
    row = raised(session)
    message = message_of("affect_signal", row.pk)
    assert message is not None
    for secret in (b"Ada", b"Lovelace", b'"ada"', b"evidence", b"confidence"):
        assert secret not in message.body


@pytest.mark.parametrize("status", [500, 429, 302, 404])
def test_it_is_tried_again_with_the_same_id(
    receiver: Receiver, session: Session, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = raised(session)
    receiver.status = status
    waits: list[int] = []

    def again(*, countdown: int, **_: Any) -> Retry:
        waits.append(countdown)
        return Retry()

    monkeypatch.setattr(tasks.deliver, "retry", again)
    for retries in range(len(tasks.WAITS_S)):
        tasks.deliver.push_request(retries=retries)
        with pytest.raises(Retry):
            tasks.deliver.run("affect_signal", row.pk, 0)
        tasks.deliver.pop_request()
    assert tuple(waits) == tasks.WAITS_S
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1


@pytest.mark.parametrize(("status", "retries"), [(410, 0), (500, len(tasks.WAITS_S))])
def test_in_the_end_it_is_let_be_and_the_log_has_ids_alone(
    receiver: Receiver, session: Session, status: int, retries: int, caplog: Any
) -> None:
    row = raised(session)
    receiver.status = status
    caplog.clear()
    with caplog.at_level(logging.WARNING, "tutor_emotion"):
        tasks.deliver.push_request(retries=retries)
        tasks.deliver.run("affect_signal", row.pk, 0)
        tasks.deliver.pop_request()
    (line,) = [r.getMessage() for r in caplog.records if r.name == tasks.log.name]
    assert line.startswith(f"webhook 0 was not told of affect_signal {row.pk}: webhook_")


def test_a_row_that_is_gone_is_no_message(receiver: Receiver, session: Session) -> None:
    assert message_of("adaptation", 123456) is None
    tasks.deliver.run("adaptation", 123456, 0)
    row = raised(session)
    tasks.deliver.run("affect_signal", row.pk, 7)  # a webhook that the settings no longer have
    assert receiver.heard == []


def test_a_broker_that_is_away_keeps_no_lesson_waiting(
    receiver: Receiver, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Celery's publish hangs; and what waits is bounded."""
    gate = threading.Event()
    monkeypatch.setattr(
        sending.current_app, "send_task", lambda *_, **__: gate.wait(20), raising=False
    )
    monkeypatch.setattr(sending, "_places", threading.BoundedSemaphore(3))
    started = time.monotonic()
    for _ in range(5):
        raised(session)
    took_s = time.monotonic() - started
    gate.set()
    sending._thread.submit(lambda: None).result(timeout=10)  # those that waited have gone
    assert took_s < 5


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.8",
        "192.168.1.1",
        "172.30.57.2",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "224.0.0.1",
        "2130706433",
        "0x7f.1",
    ],
)
def test_no_machine_of_our_own_net_is_spoken_to(host: str, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises((NotAllowed, Unavailable), match=r"webhook_address|leads nowhere"):
        posting.post(f"https://{host}/", b"{}", {})


def test_a_name_of_which_one_address_is_private_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("1.1.1.1", "10.0.0.1")
        ]

    monkeypatch.setattr(posting.socket, "getaddrinfo", found)
    settings.DEBUG = False
    with pytest.raises(NotAllowed, match="private net"):
        posting.post("https://both.example.org/", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_looked_at(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_to: list[Any] = []

    def connect(address: Any, *_: Any) -> Any:
        gone_to.append(address)
        raise OSError("no net in a test")

    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))]
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_, **__: public)
    monkeypatch.setattr(posting.socket, "create_connection", connect)
    settings.DEBUG = False
    with pytest.raises(Unavailable, match="No answer"):
        posting.post("https://one.example.org/", b"{}", {})
    assert gone_to == [("1.1.1.1", 443)]


def test_http_is_for_those_who_develop(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(NotAllowed, match="not https"):
        posting.post("http://example.org/", b"{}", {})


def test_nobody_there(settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(Unavailable, match="No answer"):
        posting.post(f"http://127.0.0.1:{free_port()}/", b"{}", {})


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "ftp://example.org/", "secret": SECRET},
        {"url": "https://user:pass@example.org/", "secret": SECRET},
        {"url": "https://example.org/", "secret": "hunter2"},
        {"url": "https://example.org/", "secret": "whsec_c2hvcnQ="},
        {"url": "https://example.org/"},
        {"url": "https://example.org/", "secret": SECRET, "more": 1},
    ],
)
def test_a_webhook_that_cannot_be_stops_the_start(settings: Any, bad: dict[str, Any]) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "WEBHOOKS": [bad]}
    (found,) = settings_are_valid()
    assert found.id == "tutor_emotion.E001"
    assert "hunter2" not in found.msg
