"""A typed message on its way to a sentence encoder: who is asked, and what lets go of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async
from pydantic import BaseModel

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, TextMessage, Window
from tutor_emotion.inference import queue
from tutor_emotion.inference.slots import Slots
from tutor_emotion.live.board import Board
from tutor_emotion.live.session import LiveSession
from tutor_emotion.live.typed import MAX_CHARACTERS, Typed
from tutor_emotion.models import Session
from tutor_emotion.protocol import TextMessageMessage

pytestmark = [pytest.mark.django_db(transaction=True)]
db = database_sync_to_async
VAGUE = "where do all these letters come out of thin air"


@pytest.fixture(autouse=True)
def asks_each_time(valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ASK_AGAIN_S", 0.0)


@pytest.fixture
def reader(valkey: redis.Redis) -> None:
    """A worker's heartbeat, that says it can read text."""
    slots().beat("worker", "compact/1", 60.0, reads_text=True)


@pytest.fixture
async def live() -> AsyncIterator[LiveSession]:
    ada, course = await db(people.person)(), await db(people.course)()
    await db(people.consent)(course, ada)
    row = await db(people.session)(course, ada)
    row = await db(Session.objects.select_related("course", "learner").get)(pk=row.pk)

    async def send(_: BaseModel) -> None:
        return None

    session = LiveSession(row, "specific.nobody", send, Board())
    await session.begin()
    yield session
    await session.stop()


def slots() -> Slots:
    return Slots(get_settings().REDIS_URL)


def waiting() -> list[Window]:
    return [w.window for w in slots().take(8)]


def meaning(at_s: float, **measures: float) -> dict[str, Any]:
    return asdict(Reading("text", at_s, at_s, measures, 1.0, 1, "text/test"))


def typed() -> Typed:
    return Typed("specific.nobody", lambda: 100.0)


async def test_what_the_words_do_not_say_is_asked_and_becomes_an_estimate(
    live: LiveSession, reader: None
) -> None:
    await live.report(TextMessageMessage(text=VAGUE))
    (window,) = waiting()
    (message,) = window.messages
    assert (message.text, window.seq) == (VAGUE, -1)
    before = live.belief.estimates
    await live.read(window.seq, [meaning(message.at_s, means_confused=0.9)])
    assert live.belief.estimates == before + 1
    assert live.belief.spoke["text"].evidence[0].measure == "means_confused"


@pytest.mark.parametrize("said", ["i dont get it", "im not confused", "i want to die", "42", "ok"])
async def test_what_the_words_say_already_goes_nowhere(
    live: LiveSession, reader: None, said: str
) -> None:
    await live.report(TextMessageMessage(text=said))
    assert waiting() == []


async def test_without_a_worker_that_reads_text_nothing_is_queued(live: LiveSession) -> None:
    await live.report(TextMessageMessage(text=VAGUE))
    assert waiting() == []


async def test_a_pause_lets_go_of_it(live: LiveSession, reader: None) -> None:
    await live.report(TextMessageMessage(text=VAGUE))
    await live.pause(True)
    assert waiting() == []
    await live.report(TextMessageMessage(text=VAGUE))
    assert waiting() == []


async def test_so_does_a_consent_that_is_taken_back(live: LiveSession, reader: None) -> None:
    await live.report(TextMessageMessage(text=VAGUE))
    at_s = live.clock()
    await db(services.record_consents)(
        live.course, live.learner_id, {"text": False}, privacy.CONSENT_TEXT_VERSION
    )
    await live.reload_policy()
    assert waiting() == []
    before = live.belief.estimates
    await live.read(-1, [meaning(at_s, means_bored=0.9)])
    assert live.belief.estimates == before


async def test_three_messages_wait_at_most_and_only_their_beginning(reader: None) -> None:
    here = typed()
    for n in range(5):
        await here.ask(TextMessage(95.0 + n, f"{n} " + "x" * 2000))
    (window,) = waiting()
    assert [m.at_s for m in window.messages] == [97.0, 98.0, 99.0]
    assert {len(m.text) for m in window.messages} == {MAX_CHARACTERS}
    assert window.seq == -5


async def test_an_answer_counts_once_and_only_for_what_was_asked(reader: None) -> None:
    here = typed()
    await here.ask(TextMessage(99.0, VAGUE))
    rows = [meaning(99.0, means_confused=0.9), meaning(50.0, means_confused=0.9)]
    assert [r.end_s for r in here.arrived(rows)] == [99.0]
    assert here.arrived(rows) == []


async def test_an_answer_that_comes_too_late_is_dropped(reader: None) -> None:
    now_s = 100.0
    here = Typed("specific.nobody", lambda: now_s)
    await here.ask(TextMessage(100.0, VAGUE))
    now_s += get_settings().UTTERANCE_MAX_AGE_S + 1
    assert here.arrived([meaning(100.0, means_confused=0.9)]) == []
