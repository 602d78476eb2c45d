"""A learner who answers steps all the time, and makes choices about their consents.

The pace of trying again and the keys are those of ``frontend/src`` (``lesson/api.ts``,
``lesson/player.ts``); what is measured here is what a page would see.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from contextlib import suppress
from typing import Any

import httpx

from tests.faults.book import Book
from tests.faults.line import SKILL, STEP, Line, Seen
from tutor_emotion.core.types import Modality
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.protocol import AnswerMessage
from tutor_emotion.simulate.client import Site as Http
from tutor_emotion.simulate.client import _check
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.page import Element

PAGE = "/lessons/fractions-1/"
RIGHT, WRONG = "3/8", ("3/5", "5/8", "8/3", "1/2")
RETRY_S = (0.5, 1.5, 4.0)  # lesson/api.ts
PRESS_AGAIN_S = 5.0  # lesson/player.ts sends it again by itself after that
ANSWER_EVERY_S = 1.8  # 33 in a minute: the door takes 40


class Learner:
    """``enter`` signs in and consents; ``learn`` answers until ``leave``."""

    def __init__(self, url: str, name: str, password: str, clips: tuple[Clip, ...] = ()) -> None:
        self.name, self.book, self.seen = name, Book(), Seen()
        self._url, self._password = url, password
        self._http = Http(url, timeout_s=60.0)
        self._line = Line(self._http, self.book, self.seen, clips, random.Random(name))
        self._element: Element
        self._leaving = asyncio.Event()
        self._misses = 0

    async def enter(self) -> None:
        self._element = await self._http.open_lesson(PAGE, self.name, self._password)
        setup = await self._http.setup(self._element)
        choices = {rule.modality: True for rule in setup.rules if rule.permitted}
        await self._http.consent(self._element, setup.text_version, choices)
        self.book.agreed.update({str(m): yes for m, yes in choices.items()})
        self._text_version = setup.text_version

    async def learn(self) -> None:
        """Until ``leave``: answers over HTTP, and everything else over the socket."""
        async with asyncio.TaskGroup() as group:
            live = group.create_task(self._line.stay(self._element))
            group.create_task(self._answer_steps())
            await self._leaving.wait()
            live.cancel()
        await self._http.close()

    def leave(self) -> None:
        self._leaving.set()

    async def read(self) -> None:
        """Their own record of the session, as the page shows it."""
        self.book.read(await self._http.summary(self._element, self._line.session))

    async def choose(self, modality: Modality, yes: bool) -> None:
        """A choice counts once the server has said so; until then it is made again."""
        while True:
            try:
                await self._http.consent(self._element, self._text_version, {modality: yes})
            except TutorEmotionError as error:
                self.seen.codes[f"choice: {error.code}"] += 1
                await asyncio.sleep(1.0)
            else:
                self.book.choices.append((modality, yes))
                return

    async def choose_and_go(self, modality: Modality, yes: bool, wait_s: float) -> None:
        """A choice whose answer is waited for no longer than that, as by a page that is left."""
        self.book.given_up.add(modality)
        choice = self._http.consent(self._element, self._text_version, {modality: yes})
        with suppress(TutorEmotionError, TimeoutError):
            await asyncio.wait_for(choice, wait_s)
            self.book.choices.append((modality, yes))

    def is_obeyed(self) -> bool:
        """Whether the server's last word on what it uses is what was chosen."""
        said = self.seen.allowed[-1][1] if self.seen.allowed else frozenset()
        return said == {m for m, yes in self.book.consents.items() if yes}

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
                await self._line.report(
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


def _code(response: httpx.Response) -> str:
    try:
        _check(response)
    except TutorEmotionError as error:
        return error.code
    return ""
