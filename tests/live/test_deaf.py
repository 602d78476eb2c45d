"""A browser that takes nothing any more holds up nobody: neither who speaks to it, nor its end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tutor_emotion.live import door
from tutor_emotion.live.door import Door
from tutor_emotion.protocol import Move


class Line:
    """Where a socket's messages go; from ``stuck`` on it takes none."""

    def __init__(self) -> None:
        self.took: list[dict[str, Any]] = []
        self.stuck = False

    async def __call__(self, message: dict[str, Any]) -> None:
        if self.stuck:
            await asyncio.sleep(60)
        self.took.append(message)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr(door, "SEND_LIMIT_S", 0.2)
    return Line()


def door_on(line: Line) -> Door:
    made = Door()
    made.base_send = line
    return made


async def test_a_message_goes_out(line: Line) -> None:
    await door_on(line).send_message(Move())
    assert [message["type"] for message in line.took] == ["websocket.send"]


async def test_a_stuck_line_is_waited_for_once_and_then_told_nothing(line: Line) -> None:
    made, line.stuck = door_on(line), True
    begun_s = time.monotonic()
    for _ in range(10):
        await made.send_message(Move())
    assert 0.2 <= time.monotonic() - begun_s < 1.0
    assert line.took == []


async def test_a_stuck_line_is_closed_in_time(line: Line) -> None:
    made, line.stuck = door_on(line), True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(made.close(4403), 5.0)
    assert made.close_code == 4403
