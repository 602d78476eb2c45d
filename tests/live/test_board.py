"""Rows on their way to the classrooms: few messages, numbered, and none forgotten."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from channels.layers import get_channel_layer

from tutor_emotion.live import board, push
from tutor_emotion.live.board import Board
from tutor_emotion.live.listening import Listening
from tutor_emotion.protocol import LearnerRow

pytestmark = pytest.mark.usefixtures("valkey")


def row(session: str | None = None, **changes: Any) -> LearnerRow:
    defaults: dict[str, Any] = {
        "session": session or str(uuid.uuid4()),
        "name": "Mia",
        "need": "fine",
        "reasons": [],
        "since_s": 0.0,
        "confidence": "low",
        "coverage": 0.5,
    }
    return LearnerRow(**(defaults | changes))


@pytest.fixture
async def classroom() -> Any:
    """What a classroom of the course hears: call it for the next message."""
    layer = get_channel_layer()
    inbox = await layer.new_channel()
    await layer.group_add(push.classroom_group("fractions"), inbox)

    async def hear(timeout_s: float = 2) -> dict[str, Any]:
        return dict(await asyncio.wait_for(layer.receive(inbox), timeout_s))

    return hear


async def test_what_changes_together_is_one_message(classroom: Any) -> None:
    here, one = Board(), row()
    here.changed("fractions", 7, one)
    here.changed("fractions", 7, one.model_copy(update={"need": "struggle"}))
    here.changed("fractions", 8, row(name="Jonas"))
    heard = await classroom()
    assert heard["seq"] == 1
    assert [(i["learner"], i["row"]["name"], i["row"]["need"]) for i in heard["rows"]] == [
        ("7", "Mia", "struggle"),
        ("8", "Jonas", "fine"),
    ]


async def test_the_next_message_waits_its_turn_and_counts_on(classroom: Any) -> None:
    here, one = Board(), row()
    loop = asyncio.get_running_loop()
    here.changed("fractions", 7, one)
    await classroom()
    began_s = loop.time()
    here.left("fractions", one.session)
    heard = await classroom()
    assert loop.time() - began_s > board.EVERY_S / 2
    assert (heard["seq"], heard["rows"], heard["left"]) == (2, [], [one.session])


async def test_many_rows_are_several_messages_with_numbers_of_their_own(classroom: Any) -> None:
    here = Board()
    for number in range(board.ROWS_IN_MESSAGE + 1):
        here.changed("fractions", number, row())
    first, second = await classroom(), await classroom()
    assert (first["seq"], second["seq"]) == (1, 2)
    assert (len(first["rows"]), len(second["rows"])) == (board.ROWS_IN_MESSAGE, 1)


async def test_a_beat_is_told_where_nothing_was_for_a_while(
    classroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Board()
    here.changed("fractions", 7, row())
    await classroom()
    here.beat("fractions")  # too soon
    with pytest.raises(TimeoutError):
        await classroom(0.5)
    monkeypatch.setattr(board, "BEAT_S", 0.1)
    here.beat("fractions")
    heard = await classroom()
    assert (heard["seq"], heard["rows"], heard["left"]) == (2, [], [])


async def test_a_message_that_cannot_be_sent_leaves_a_gap(
    classroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, really = Board(), push.rows

    async def away(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(push, "rows", away)
    here.changed("fractions", 7, row())
    await asyncio.sleep(0.2)
    monkeypatch.setattr(push, "rows", really)
    here.changed("fractions", 7, row())
    assert (await classroom())["seq"] == 2


def test_who_listens_notices_a_gap_and_nothing_else() -> None:
    ears = Listening()
    assert not ears.heard("a", 4, 0.0), "what came before it was never heard"
    assert ears.heard("a", 5, 1.0)
    assert not ears.heard("a", 7, 2.0)
    ears.answered("a", 9, 3.0)
    assert ears.heard("a", 9, 3.1), "an answer may overtake the message before it"
    assert ears.heard("a", 10, 4.0)


def test_who_listens_notices_silence_once() -> None:
    ears = Listening()
    ears.answered("a", 1, 0.0)
    ears.answered("b", 1, 10.0)
    assert not ears.fell_silent(14.0)
    assert ears.fell_silent(16.0)
    assert not ears.fell_silent(17.0)
