"""One simulated learner: sign in, consent, connect, send, do what the script says, and leave."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tutor_emotion.core.types import Modality
from tutor_emotion.errors import NotAllowed, TutorEmotionError
from tutor_emotion.protocol import SessionOpened, SessionSummary, Setup
from tutor_emotion.simulate.client import Site
from tutor_emotion.simulate.clips import Clip
from tutor_emotion.simulate.measure import Measure
from tutor_emotion.simulate.page import Element
from tutor_emotion.simulate.script import Line
from tutor_emotion.simulate.visit import Reply, Visit

# The server writes a session's counts once its socket is gone.
SUMMARY_LIMIT_S, SUMMARY_EVERY_S = 5.0, 0.25


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What each learner does. ``modalities``: None is whatever is permitted and can be sent."""

    url: str
    page: str
    seconds: float
    video: Clip | None = None
    sound: Clip | None = None
    modalities: frozenset[Modality] | None = None
    script: tuple[Line, ...] = ()
    offers: Reply = "taken"

    def sendable(self, modality: Modality) -> bool:
        return {"face": self.video, "voice": self.sound}.get(modality, True) is not None

    def choose(self, setup: Setup) -> dict[Modality, bool]:
        """What to answer to the consent form, for each modality that is permitted here.

        Raises:
            NotAllowed: ``not_permitted``, where one was asked for by name.
        """
        for rule in setup.rules:
            if not rule.permitted and rule.modality in (self.modalities or ()):
                raise NotAllowed(
                    "not_permitted",
                    f"{rule.modality} is not permitted in this course ({rule.reason}).",
                    hint="Leave it out of --modalities.",
                )
        wanted = self.modalities
        return {
            rule.modality: self.sendable(rule.modality)
            and (wanted is None or rule.modality in wanted)
            for rule in setup.rules
            if rule.permitted
        }


class Learner:
    """``prepare`` (sign in, consent), then ``learn`` (begin to end). Errors go to ``measure``."""

    def __init__(self, plan: Plan, person: Person, measure: Measure, stop: asyncio.Event) -> None:
        self._plan = plan
        self._person = person
        self.measure = measure
        self._stop = stop
        self._site = Site(plan.url)
        self._element: Element

    async def prepare(self) -> None:
        try:
            self._element = await self._site.open_lesson(
                self._plan.page, self._person.name, self._person.password
            )
            setup = await self._site.setup(self._element)
            choices = self._plan.choose(setup)
            await self._site.consent(self._element, setup.text_version, choices)
        except TutorEmotionError as error:
            self.measure.failed(error)

    async def learn(self) -> None:
        """Begin a session and stay for the plan's seconds, or until ``stop``."""
        try:
            if self.measure.error is None and not self._stop.is_set():
                await self._session()
        except TutorEmotionError as error:
            self.measure.error = self.measure.error or error
        finally:
            self.measure.left = True
            await self._site.close()

    async def _session(self) -> None:
        clicked = time.perf_counter()
        opened = await self._site.begin(self._element)
        plan = self._plan
        visit = Visit(plan.video, plan.sound, plan.script, plan.offers, self.measure, clicked)
        try:
            async with self._site.socket(opened) as socket:
                await visit.run(socket, plan.seconds, self._stop)
        except TutorEmotionError as error:
            self.measure.failed(error)
        self.measure.summary(await self._summary(opened))

    async def _summary(self, opened: SessionOpened) -> SessionSummary:
        end = time.monotonic() + SUMMARY_LIMIT_S
        while True:
            summary = await self._site.summary(self._element, opened.session)
            if self.measure.covered_by(summary) or time.monotonic() > end:
                return summary
            await asyncio.sleep(SUMMARY_EVERY_S)
