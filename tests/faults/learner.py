"""A learner who answers steps all the time, and comes back as a browser does.

The pace of coming back, the retries and the keys are those of ``frontend/src`` (`socket.ts`,
`backoff.ts`, `sensing.ts`, `lesson/api.ts`); what is measured here is what a page would see.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from pydantic import BaseModel

from tests.faults.book import Book
from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.protocol import (
    AdaptationMessage,
    AnswerMessage,
    ErrorMessage,
    Kept,
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
from tutor_emotion.simulate.client import Socket, _body, _check
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.page import Element
from tutor_emotion.simulate.peer import Peer

PAGE = "/lessons/fractions-1/"
STEP, SKILL, RIGHT, WRONG = "shaded-part", "equivalence", "3/8", ("3/5", "5/8", "8/3", "1/2")
FIRST_S, MOST_S, STABLE_S = 0.5, 8.0, 5.0  # backoff.ts, socket.ts
RETRY_S = (0.5, 1.5, 4.0)  # lesson/api.ts
PRESS_AGAIN_S = 5.0  # lesson/player.ts sends it again by itself after that
ANSWER_EVERY_S = 1.8  # 33 in a minute: the door takes 40
CONNECT_S = 15.0


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


class Learner:
    """``enter`` signs in and consents; ``learn`` answers until ``leave``."""

    def __init__(self, url: str, name: str, password: str, clips: tuple[Clip, ...] = ()) -> None:
        self.name, self.book, self.seen = name, Book(), Seen()
        self._url, self._password, self._clips = url, password, clips
        self._http = Http(url, timeout_s=60.0)
        self._element: Element
        self._leaving = asyncio.Event()
        self._socket: Socket | None = None
        self._peer: Peer | None = None
        self._offered: set[asyncio.Task[None]] = set()
        self._pauses = random.Random(name)
        self._misses = 0
        self._number = 0
        self._not_kept: list[Numbered] = []  # core/reports.ts

    async def enter(self) -> None:
        self._element = await self._http.open_lesson(PAGE, self.name, self._password)
        setup = await self._http.setup(self._element)
        choices = {rule.modality: True for rule in setup.rules if rule.permitted}
        await self._http.consent(self._element, setup.text_version, choices)
        self.book.consents.update({str(m): yes for m, yes in choices.items()})
        self._text_version = setup.text_version

    async def learn(self) -> None:
        """Until ``leave``: answers over HTTP, and everything else over the socket."""
        async with asyncio.TaskGroup() as group:
            live = group.create_task(self._stay())
            group.create_task(self._answer_steps())
            await self._leaving.wait()
            live.cancel()
        await self._http.close()

    def leave(self) -> None:
        self._leaving.set()

    async def take_back(self, modality: Literal["voice", "text"]) -> None:
        """A choice counts once the server has said so; until then it is made again."""
        while True:
            with suppress(TutorEmotionError):
                await self._http.consent(self._element, self._text_version, {modality: False})
                self.book.consents[modality] = False
                return
            await asyncio.sleep(1.0)

    # --- answers, over HTTP -----------------------------------------------------------------------

    async def _answer_steps(self) -> None:
        while not self._leaving.is_set():
            began = time.monotonic()
            await self._answer_one()
            with suppress(TimeoutError):
                wait_s = max(0.0, began + ANSWER_EVERY_S - time.monotonic())
                await asyncio.wait_for(self._leaving.wait(), wait_s)

    async def _answer_one(self) -> None:
        """One answer, under one key, until it is accepted."""
        self._misses = (self._misses + 1) % (len(WRONG) + 1)
        answer = WRONG[self._misses - 1] if self._misses else RIGHT
        attempt = uuid.uuid4()
        body = {"attempt": str(attempt), "step": STEP, "answer": answer, "took_s": ANSWER_EVERY_S}
        self.book.sent.add(attempt.hex)
        sent = time.monotonic()
        for wait_s in (*RETRY_S, *[PRESS_AGAIN_S] * 100):
            marked = await self._post_answer(body)
            if marked is not None:
                self.seen.answered.append((sent, time.monotonic()))
                self.book.acknowledged[attempt.hex] = marked["correct"]
                await self._report(
                    AnswerMessage(
                        step=STEP, skill=SKILL, correct=marked["correct"], took_s=1.8, answer=answer
                    )
                )
                return
            if self._leaving.is_set():
                return  # it was never accepted, and the book says so
            await asyncio.sleep(wait_s)

    async def _post_answer(self, body: dict[str, Any]) -> dict[str, Any] | None:
        headers = {"X-CSRFToken": self._element.csrf, "Referer": f"{self._url}/"}
        try:
            response = await self._http._http.post(f"{PAGE}answer/", json=body, headers=headers)
        except httpx.TransportError as error:
            self.seen.codes[f"answer: {type(error).__name__}"] += 1
            return None
        if response.status_code == 200:
            marked: dict[str, Any] = response.json()
            return marked
        self.seen.codes[f"answer: {response.status_code} {_code(response)}"] += 1
        return None

    # --- the socket -------------------------------------------------------------------------------

    async def _stay(self) -> None:
        tries, session, path, ticket = 0, "", "", ""
        while True:
            began = time.monotonic()
            try:
                if not session:
                    opened = await self._http.begin(self._element)
                    session, path, ticket = opened.session, opened.socket_path, opened.ticket
                    self.book.sessions.append(session)
                ticket = ticket or await self._ticket(session)
                door = SessionOpened(session=session, socket_path=path, ticket=ticket)
                ticket = ""
                async with self._http.socket(door) as socket:
                    await self._visit(socket, session)
            except TutorEmotionError as error:
                self.seen.codes[f"socket: {error.code}"] += 1
            finally:
                self._socket, ticket = None, ""
                await self._hang_up()
            tries = 0 if time.monotonic() - began > STABLE_S else tries
            most = min(MOST_S, FIRST_S * 2**tries)
            await asyncio.sleep(most / 2 + self._pauses.random() * most / 2)
            tries += 1

    async def _ticket(self, session: str) -> str:
        path = f"sessions/{session}/ticket/"
        return _body(await self._http._post(self._element, path, _Nothing()), Ticket).ticket

    async def _visit(self, socket: Socket, session: str) -> None:
        async for message in socket.messages():
            match message:
                case Welcome():
                    self.seen.welcomes.append(time.monotonic())
                    self._socket = socket
                    for waiting in self._not_kept:
                        await socket.send(waiting)
                    await self._report(StepShownMessage(step=STEP, skill=SKILL))
                    self._call(socket, message)
                case RtcAnswer() if self._peer is not None:
                    with suppress(Unavailable):
                        await self._peer.accept(message.sdp)
                case Status():
                    self.seen.statuses[f"{message.media} {message.reason}".strip()] += 1
                case WindowReport(estimated_at_s=float()):
                    self.seen.estimates.append(time.monotonic())
                case AdaptationMessage():
                    self._offer_came(session, message)
                case Kept():
                    self.book.kept = max(self.book.kept, message.number)
                    self._not_kept = [n for n in self._not_kept if n.number > message.number]
                case ErrorMessage():
                    self.seen.codes[f"socket: {message.code}"] += 1

    def _offer_came(self, session: str, offer: AdaptationMessage) -> None:
        key = (session.replace("-", ""), offer.id)
        self.seen.offers.append(time.monotonic())
        self.book.shown.append(key)
        if offer.mode == "offer":
            self._spawn(self._take(key, offer))

    async def _take(self, key: tuple[str, int], offer: AdaptationMessage) -> None:
        await asyncio.sleep(0.5)
        choice = offer.choices[0] if offer.choices else None
        await self._report(OutcomeMessage(adaptation=offer.id, outcome="taken", choice=choice))
        self.book.outcomes[key] = "taken", self._number

    async def _report(self, event: Any) -> None:
        """Under the next number; what goes into a dead socket goes again into the next one."""
        self._number += 1
        message = Numbered(number=self._number, event=event)
        self._not_kept.append(message)
        self.book.reported[self._number] = type(event).__name__.removesuffix("Message")
        if self._socket is not None:
            with suppress(TutorEmotionError):
                await self._socket.send(message)

    # --- camera and microphone --------------------------------------------------------------------

    def _call(self, socket: Socket, welcome: Welcome) -> None:
        modalities = [m for m in ("face", "voice") if m in welcome.allowed]
        if self._clips and modalities:
            self._peer = Peer(self._clips, welcome.ice_servers)
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


def _code(response: httpx.Response) -> str:
    try:
        _check(response)
    except TutorEmotionError as error:
        return error.code
    return ""
