"""*Why this?* asked of an omni model: what is kept for it, how long, and what lets go of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import redis
from channels.db import database_sync_to_async
from pydantic import BaseModel

from tests import people
from tests.clock import Clock
from tests.inference.test_reasons import Thinker, measurer
from tests.inference.windows import window
from tests.live.sockets import LearnerSocket
from tutor_emotion.conf import get_settings
from tutor_emotion.core import engine
from tutor_emotion.core.types import AffectSignal
from tutor_emotion.inference.queue import ASKED
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.live import student
from tutor_emotion.live.asked import Asked
from tutor_emotion.live.board import Board
from tutor_emotion.live.session import LiveSession
from tutor_emotion.models import Session
from tutor_emotion.protocol import Reasons, parse_from_learner

db = database_sync_to_async
BOTH = frozenset({"face", "voice"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asked(clock: Clock, settings: object, valkey: redis.Redis) -> Asked:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REASON_WINDOW_S": 10}  # type: ignore[attr-defined]
    return Asked("specific.nobody", clock)


def slots() -> Slots:
    return Slots(get_settings().REDIS_URL)


# --- it works ------------------------------------------------------------------------------------


async def test_the_window_before_the_signal_goes_to_the_worker_once(asked: Asked) -> None:
    asked.saw(window(seq=6))
    asked.saw(window(seq=7, utterances=1))
    asked.raised()
    asked.saw(window(seq=8))  # what came after it is not what it was raised of
    assert await asked.ask(3)
    (waiting,) = slots().take(9, ASKED)
    assert (waiting.reply_to, waiting.window.seq) == ("specific.nobody", 7)
    assert len(waiting.window.utterances) == 1
    assert slots().take(9) == []  # it is not read a second time
    assert not await asked.ask(3)  # and is gone from here
    assert asked.answered(7, ["brow_lowered"], BOTH) == (3, ["brow_lowered"])
    assert asked.answered(7, ["brow_lowered"], BOTH) is None


async def test_only_known_claims_of_what_is_still_allowed_are_told(asked: Asked) -> None:
    asked.saw(window(seq=1))
    asked.raised()
    await asked.ask(0)
    said = ["brow_lowered", "speech_fast", "furious"]
    assert asked.answered(1, said, frozenset({"face"})) == (0, ["brow_lowered"])


# --- edges ---------------------------------------------------------------------------------------


async def test_without_a_signal_or_after_its_seconds_there_is_nothing_to_ask(
    asked: Asked, clock: Clock, valkey: redis.Redis
) -> None:
    asked.saw(window())
    assert not await asked.ask(0)
    asked.raised()
    clock.now_s += 10.1
    assert not await asked.ask(0)
    assert valkey.keys("te:*") == []


async def test_by_default_no_window_is_kept_at_all(asked: Asked, settings: object) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"REASON_WINDOW_S": 0}  # type: ignore[attr-defined]
    asked.saw(window())
    asked.raised()
    assert vars(asked)["_newest"] is None
    assert not await asked.ask(0)


async def test_what_is_let_go_of_is_neither_kept_nor_answered(
    asked: Asked, valkey: redis.Redis
) -> None:
    asked.saw(window(seq=1))
    asked.raised()
    await asked.ask(0)
    asked.saw(window(seq=2))
    asked.raised()
    await asked.forget()
    assert slots().take(9, ASKED) == []
    assert valkey.keys("te:window:*") == []
    assert not await asked.ask(0)
    assert asked.answered(1, ["brow_lowered"], BOTH) is None


async def test_nothing_borne_out_is_nothing_said(asked: Asked) -> None:
    asked.saw(window(seq=1))
    asked.raised()
    await asked.ask(0)
    assert asked.answered(1, [], BOTH) is None


def test_the_question_is_a_message_of_its_own() -> None:
    message = parse_from_learner('{"type": "ask_why", "adaptation": 4}')
    assert (message.type, message.adaptation) == ("ask_why", 4)


# --- in a session ---------------------------------------------------------------------------------


@pytest.fixture
async def live(
    asked: Asked, told: list[BaseModel], transactional_db: None
) -> AsyncIterator[LiveSession]:
    ada, course = await db(people.person)(), await db(people.course)()
    await db(people.consent)(course, ada)
    row = await db(people.session)(course, ada)
    row = await db(Session.objects.select_related("course", "learner").get)(pk=row.pk)

    async def send(message: BaseModel) -> None:
        told.append(message)

    session = LiveSession(row, "specific.nobody", send, Board())
    await session.begin()
    yield session
    await session.stop()


@pytest.fixture
def told() -> list[BaseModel]:
    return []


async def test_a_session_tells_its_learner_and_a_pause_forgets(
    live: LiveSession, told: list[BaseModel]
) -> None:
    live.allowed = BOTH
    mine = live.sensors.asked
    mine.saw(window(seq=5))
    mine.raised()
    await mine.ask(2)
    await live.reason(5, ["brow_lowered", "gaze_away"])
    assert told[-1] == Reasons(adaptation=2, claims=["brow_lowered", "gaze_away"])
    mine.saw(window(seq=6))
    mine.raised()
    await live.pause(True)
    assert not await mine.ask(2)


async def test_a_raised_signal_holds_the_window_that_was_seen_last(
    live: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = engine.step
    signal = AffectSignal("struggle.suspect", "raised", 1.0, 0.5, 0.6, 0.5, ())

    def step(*arguments: object, **more: object) -> engine.Step:
        return replace(real(*arguments, **more), signals=(signal,))  # type: ignore[arg-type]

    live.sensors.asked.saw(window(seq=5))
    assert not await live.sensors.asked.ask(0)
    monkeypatch.setattr(engine, "step", step)
    await live._feed([])
    assert await live.sensors.asked.ask(0)


async def test_over_the_socket_to_a_worker_and_back(asked: Asked, transactional_db: None) -> None:
    ada, course = await db(people.person)(), await db(people.course)()
    await db(people.consent)(course, ada)
    session = await db(people.session)(course, ada)
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    live = student.SESSIONS._live[str(session.pk)]
    live.sensors.asked.saw(window(seq=3))
    await socket.send("step_shown", step="s1", skill="halves")
    for answer in ("1", "2", "2"):
        await socket.send(
            "answer", step="s1", skill="halves", correct=False, took_s=20, answer=answer
        )
    offer = await socket.until("adaptation")
    await socket.send("ask_why", adaptation=offer["id"])
    worker = Worker(Thinker(), slots(), 8, measurer=measurer())
    async with asyncio.timeout(5):
        while not slots()._redis.zcard(ASKED):
            await asyncio.sleep(0.02)
    await asyncio.to_thread(worker.run_waiting)
    told = await socket.until("reasons", 5)
    assert told == {"type": "reasons", "adaptation": offer["id"], "claims": ["brow_lowered"]}
    await socket.close()
