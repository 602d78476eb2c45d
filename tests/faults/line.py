"""A learner's line to the server: the socket, camera and microphone, and coming back.

The pace of coming back and the keys are those of ``frontend/src/core`` (``socket.ts``,
``backoff.ts``, ``moving.ts``, ``reports.ts``).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from tests.faults.book import Book
from tutor_emotion.core.types import Modality
from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.protocol import (
    AdaptationMessage,
    ErrorMessage,
    Kept,
    Move,
    Numbered,
    OutcomeMessage,
    RtcAnswer,
    RtcOffer,
    SessionOpened,
    Status,
    StepShownMessage,
    Ticket,
    Welcome,
    WindowReport,
)
from tutor_emotion.simulate.client import Site as Http
from tutor_emotion.simulate.client import Socket, _body
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.page import Element
from tutor_emotion.simulate.peer import Peer

STEP, SKILL = "shaded-part", "equivalence"
FIRST_S, MOST_S, STABLE_S = 0.5, 8.0, 5.0  # backoff.ts, socket.ts
PATIENCE_S = 10.0  # moving.ts
CONNECT_S = 15.0
_SENSES: Mapping[str, str] = {"video": "face", "audio": "voice"}


class _Nothing(BaseModel):
    """The body of a request that needs none."""


@dataclass
class Seen:
    """What this learner's page saw, by ``time.monotonic``."""

    estimates: list[float] = field(default_factory=list)
    welcomes: list[float] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)  # when sent, when accepted
    offers: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)  # of errors, over HTTP and the socket
    statuses: Counter[str] = field(default_factory=Counter)
    allowed: list[tuple[float, frozenset[str]]] = field(default_factory=list)  # as the server said
    moves: int = 0  # to another server, which was there before the old one was left


class Line:
    """``stay`` keeps it; ``report`` sends an event of the lesson over it."""

    def __init__(
        self, http: Http, book: Book, seen: Seen, clips: tuple[Clip, ...], pauses: random.Random
    ) -> None:
        self._http, self._book, self._seen = http, book, seen
        self._clips, self._pauses = clips, pauses
        self._element: Element
        self._socket: Socket | None = None
        self._peer: Peer | None = None
        self._mover: asyncio.Task[None] | None = None
        self._moved: tuple[Socket, Any] | None = None  # the next socket, and its first message
        self.session, self._path, self._first_ticket = "", "", ""
        self._offered: set[asyncio.Task[None]] = set()
        self._number = 0
        self._not_kept: list[Numbered] = []

    async def stay(self, element: Element) -> None:
        """Connected, and again after each loss; until it is cancelled."""
        self._element = element
        try:
            await self._come_again_and_again()
        finally:
            if self._mover is not None:
                self._mover.cancel()

    async def report(self, event: Any) -> None:
        """Under the next number; what goes into a dead socket goes again into the next one."""
        self._number += 1
        message = Numbered(number=self._number, event=event)
        self._not_kept.append(message)
        self._book.reported[self._number] = type(event).__name__.removesuffix("Message")
        if self._socket is not None:
            with suppress(TutorEmotionError):
                await self._socket.send(message)

    async def _come_again_and_again(self) -> None:
        tries = 0
        while True:
            began = time.monotonic()
            try:
                socket, first = await self._next_socket()
                try:
                    await self._visit(socket, first)
                finally:
                    await socket.__aexit__(None, None, None)
            except TutorEmotionError as error:
                if self._mover is not None:
                    await asyncio.wait([self._mover], timeout=PATIENCE_S)
                if self._moved is None:
                    self._seen.codes[f"socket: {error.code}"] += 1
            finally:
                self._socket, self._mover = None, None
                await self._hang_up()
            if self._moved is not None:
                tries = 0
                continue
            tries = 0 if time.monotonic() - began > STABLE_S else tries
            most = min(MOST_S, FIRST_S * 2**tries)
            await asyncio.sleep(most / 2 + self._pauses.random() * most / 2)
            tries += 1

    async def _next_socket(self) -> tuple[Socket, Any]:
        """The one that we moved to, with what it said first; else a new one."""
        moved, self._moved = self._moved, None
        return moved if moved is not None else (await self._connected(), None)

    async def _connected(self) -> Socket:
        if not self.session:
            opened = await self._http.begin(self._element)
            self.session, self._path = opened.session, opened.socket_path
            self._first_ticket = opened.ticket
            self._book.sessions.append(self.session)
        ticket, self._first_ticket = self._first_ticket, ""
        ticket = ticket or await self._ticket(self.session)
        door = SessionOpened(session=self.session, socket_path=self._path, ticket=ticket)
        return await self._http.socket(door).__aenter__()

    async def _ticket(self, session: str) -> str:
        path = f"sessions/{session}/ticket/"
        return _body(await self._http._post(self._element, path, _Nothing()), Ticket).ticket

    async def _move(self, old: Socket) -> None:
        """Another socket beside this one; the old one is left once the new one speaks."""
        tries = 0
        while self._socket is old:
            with suppress(TutorEmotionError, TimeoutError):
                socket = await self._connected()
                async with asyncio.timeout(PATIENCE_S):
                    first = await anext(socket.messages())
                if not isinstance(first, ErrorMessage):
                    self._moved = socket, first
                    self._seen.moves += 1
                    await old.__aexit__(None, None, None)
                    return
                await socket.__aexit__(None, None, None)  # the ending server again
            await asyncio.sleep(min(MOST_S, FIRST_S * 2**tries) * (1 + self._pauses.random()) / 2)
            tries += 1

    async def _visit(self, socket: Socket, first: Any) -> None:
        if first is not None:
            await self._hear(socket, first)
        async for message in socket.messages():
            await self._hear(socket, message)

    async def _hear(self, socket: Socket, message: Any) -> None:
        match message:
            case Welcome():
                self._seen.welcomes.append(time.monotonic())
                self._heard_allowed(message.allowed)
                self._socket = socket
                for waiting in self._not_kept:
                    await socket.send(waiting)
                await self.report(StepShownMessage(step=STEP, skill=SKILL))
                self._call(socket, message)
            case RtcAnswer() if self._peer is not None:
                with suppress(Unavailable):
                    await self._peer.accept(message.sdp)
            case Status():
                self._heard_allowed(message.allowed)
                self._seen.statuses[f"{message.media} {message.reason}".strip()] += 1
            case WindowReport(estimated_at_s=float()):
                self._seen.estimates.append(time.monotonic())
            case AdaptationMessage():
                self._offer_came(self.session, message)
            case Kept():
                self._book.kept = max(self._book.kept, message.number)
                self._not_kept = [n for n in self._not_kept if n.number > message.number]
            case Move():
                self._mover = asyncio.create_task(self._move(socket))
            # What the old server says now ("opened in another tab") is our own doing.
            case ErrorMessage() if self._mover is None:
                self._seen.codes[f"socket: {message.code}"] += 1

    def _heard_allowed(self, allowed: list[Modality]) -> None:
        self._seen.allowed.append((time.monotonic(), frozenset(allowed)))

    def _offer_came(self, session: str, offer: AdaptationMessage) -> None:
        key = (session.replace("-", ""), offer.id)
        self._seen.offers.append(time.monotonic())
        self._book.shown.append(key)
        if offer.mode == "offer":
            self._spawn(self._take(key, offer))

    async def _take(self, key: tuple[str, int], offer: AdaptationMessage) -> None:
        await asyncio.sleep(0.5)
        choice = offer.choices[0] if offer.choices else None
        await self.report(OutcomeMessage(adaptation=offer.id, outcome="taken", choice=choice))
        self._book.outcomes[key] = "taken", self._number

    # --- camera and microphone --------------------------------------------------------------------

    def _call(self, socket: Socket, welcome: Welcome) -> None:
        modalities = [m for m in ("face", "voice") if m in welcome.allowed]
        if self._clips and modalities:
            clips = [clip for clip in self._clips if _SENSES[clip.kind] in modalities]
            self._peer = Peer(clips, welcome.ice_servers)
            self._spawn(self._connect(socket, self._peer, modalities))

    async def _connect(self, socket: Socket, peer: Peer, modalities: list[Any]) -> None:
        with suppress(TutorEmotionError):
            await socket.send(RtcOffer(sdp=await peer.offer(), modalities=modalities))
            await peer.play(CONNECT_S)

    async def _hang_up(self) -> None:
        peer, self._peer = self._peer, None
        for task in list(self._offered):
            task.cancel()
        if peer is not None:
            await peer.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._offered.add(task)
        task.add_done_callback(self._offered.discard)
