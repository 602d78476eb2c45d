"""Hostile websockets: after each message comes a ping, and the pong says that it was dealt with."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.hostile import Sent
from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.protocol import parse_from_learner, parse_from_teacher

ANSWER_S = 20.0
# One socket gets five complaints a second; with this many messages each can be complained about.
EVERY_S = 0.25
# What a server may close with by the rules of websockets: not UTF-8, too large.
LAWFUL_CLOSES = frozenset({1007, 1009})


@dataclass
class Tally:
    """What was sent and what was said to it. ``faults`` are what must not be."""

    sent: int = 0
    said: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, what: str, sent: Sent) -> None:
        self.faults.append(f"{what}: {sent[:200]!r}")


class Opener(Protocol):
    """Opens one more socket of the same person; the welcome was heard."""

    async def __call__(self) -> ClientConnection: ...


def must_complain(sent: Sent, *, teacher: bool) -> bool:
    """Whether our own parser refuses it, so that an error has to be the answer."""
    if isinstance(sent, bytes):
        return True
    try:
        (parse_from_teacher if teacher else parse_from_learner)(sent)
    except BadInput:
        return True
    return False


class Attack:
    """One socket's share of the messages."""

    def __init__(self, name: str, opener: Opener, tally: Tally, *, teacher: bool = False) -> None:
        self._name, self._opener, self._tally, self._teacher = name, opener, tally, teacher
        self._socket: ClientConnection
        self._pings = 0

    async def run(self, messages: Iterator[Sent], count: int, every_s: float = EVERY_S) -> None:
        """Send ``count`` of ``messages``, one each ``every_s``, and hear what is said to each."""
        loop = asyncio.get_running_loop()
        try:
            self._socket = await self._opener()
            for _ in range(count):
                due = loop.time() + every_s
                await self._one(next(messages))
                await asyncio.sleep(max(0.0, due - loop.time()))
            await self._socket.close()
        except TutorEmotionError as error:
            self._tally.faults.append(f"{self._name} could not come in: {error}")

    async def _one(self, sent: Sent) -> None:
        self._tally.sent += 1
        try:
            await self._socket.send(sent)
            heard = await asyncio.wait_for(self._until_pong(), ANSWER_S)
        except TimeoutError:
            self._tally.fault(f"{self._name} was not answered within {ANSWER_S:g} s", sent)
            await self._again()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            self._tally.said[f"closed {code}"] += 1
            if code not in LAWFUL_CLOSES:
                self._tally.fault(f"{self._name} was closed with {code}", sent)
            await self._again()
        else:
            self._tally.said.update(heard or ["nothing"])
            if not heard and must_complain(sent, teacher=self._teacher):
                self._tally.fault(f"{self._name} was not told of a bad message", sent)

    async def _again(self) -> None:
        await self._socket.close()
        self._socket = await self._opener()

    async def _until_pong(self) -> list[str]:
        """Errors by their code, and answers to offers, until our own ping comes back."""
        self._pings += 1
        mark = 1e6 + self._pings
        await self._socket.send(json.dumps({"type": "ping", "sent_s": mark}))
        heard = []
        while True:
            said: dict[str, Any] = json.loads(await self._socket.recv())
            if said["type"] == "pong" and said["sent_s"] == mark:
                return heard
            if said["type"] in ("error", "rtc_answer", "pong"):
                heard.append(said.get("code", said["type"]))


def as_offers(sdps: Iterator[str]) -> Iterator[str]:
    """Each SDP as the message that a browser would send it in."""
    for number, sdp in enumerate(sdps):
        wanted = (["face"], ["voice"], ["face", "voice"])[number % 3]
        yield json.dumps({"type": "rtc_offer", "sdp": sdp, "modalities": wanted})
