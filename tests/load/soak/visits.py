"""Learners who come and go; a visit is a process of its own, so a closed tab is a killed one.

What happens in a visit follows from a seed: how long it lasts, whether the face is lost or the
microphone muted in it, pauses, answers and messages, and how it ends.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from tests import media_files
from tutor_emotion.core.types import Modality
from tutor_emotion.protocol import (
    ActivityMessage,
    AnswerMessage,
    HintRequestMessage,
    MediaPause,
    MediaStop,
    SelfReportMessage,
    StepShownMessage,
    TextMessageMessage,
    VisibilityMessage,
)
from tutor_emotion.simulate.clips import Clip, sound_clip, video_clip
from tutor_emotion.simulate.learner import Learner, Person, Plan
from tutor_emotion.simulate.measure import Measure
from tutor_emotion.simulate.script import Line

Ending: TypeAlias = Literal["leaves", "stops", "tab"]
PAGE, STEP, SKILL = "/lessons/fractions-1/", "shaded-part", "parts"
STAY_S = (15.0, 60.0)
AWAY_S = (1.0, 6.0)
ACT_EVERY_S = (2.0, 6.0)
SPARE_S = 60.0  # to sign in, to connect, to say goodbye
_ENDINGS: tuple[Ending, ...] = ("leaves", "leaves", "stops", "tab", "tab", "tab")


@dataclass(frozen=True, slots=True)
class Media:
    """Clips of a whole visit: a face that goes and comes back, a microphone that is muted."""

    video: Clip
    sound: Clip

    @classmethod
    def made(cls) -> Media:
        seen = [video_clip(media_files.video(scene)) for scene in ("face", "no_face", "dark")]
        speech = sound_clip(media_files.speech_wav())
        quiet = sound_clip(media_files.silence_wav(6.0))
        lost = seen[0].packets + seen[1].packets[:60] + seen[0].packets + seen[2].packets[:40]
        return cls(
            replace(seen[0], packets=lost), replace(speech, packets=speech.packets + quiet.packets)
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of one learner, from coming to going."""

    url: str
    person: Person
    seed: str
    seconds: float
    ending: Ending

    @classmethod
    def of(cls, url: str, person: Person, seed: str) -> Visit:
        chance = random.Random(seed)
        return cls(url, person, seed, chance.uniform(*STAY_S), chance.choice(_ENDINGS))

    def plan(self, media: Media) -> Plan:
        chance = random.Random(f"{self.seed}-plan")
        video, sound = chance.choice(((True, True), (True, True), (True, False), (False, True)))
        return Plan(
            self.url,
            PAGE,
            self.seconds,
            media.video if video else None,
            media.sound if sound else None,
            _modalities(video=video, sound=sound),
            tuple(self.script(chance)),
            chance.choice(("taken", "dismissed", "ignored")),
        )

    def script(self, chance: random.Random) -> Iterator[Line]:
        """What is done in the lesson, a few seconds apart."""
        at_s = 0.5
        yield Line(at_s, StepShownMessage(step=STEP, skill=SKILL, expected_s=20))
        while (at_s := at_s + chance.uniform(*ACT_EVERY_S)) < self.seconds - 2:
            for message in _acts(chance):
                yield Line(at_s, message)
        if self.ending == "stops":
            yield Line(self.seconds - 1, MediaStop())


def _modalities(*, video: bool, sound: bool) -> frozenset[Modality]:
    found: set[Modality] = {"text", "interaction", "self_report"}
    found |= {"face"} if video else set()
    found |= {"voice"} if sound else set()
    return frozenset(found)


def _acts(chance: random.Random) -> tuple[Any, ...]:
    right = chance.random() < 0.5
    answer = AnswerMessage(step=STEP, skill=SKILL, correct=right, took_s=5.0, answer="1/5")
    acts: tuple[tuple[Any, ...], ...] = (
        (answer,),
        (answer,),
        (HintRequestMessage(step=STEP),),
        (TextMessageMessage(text="I don't get why that is wrong"),),
        (SelfReportMessage(feeling="confused"),),
        (ActivityMessage(busy="typing"), ActivityMessage(busy="none")),
        (MediaPause(paused=True),),
        (MediaPause(paused=False),),
        (VisibilityMessage(hidden=True), VisibilityMessage(hidden=False)),
    )
    return chance.choice(acts)


# --- in the visit's own process -------------------------------------------------------------------


def run_visit(visit: Visit, media: Media) -> None:
    """The whole visit; ends with exit code 1 where the site did not serve it."""
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    asyncio.run(_visit(visit, media))


async def _visit(visit: Visit, media: Media) -> None:
    measure = Measure(visit.person.name)
    learner = Learner(visit.plan(media), visit.person, measure, asyncio.Event())
    await learner.prepare()
    answering = asyncio.create_task(_answer(learner, visit))
    await learner.learn()
    answering.cancel()
    if measure.error is not None:
        raise SystemExit(f"{visit.person.name}: {measure.error}")


async def _answer(learner: Learner, visit: Visit) -> None:
    """Answers at the lesson's own door, besides what the socket is told."""
    chance = random.Random(f"{visit.seed}-answers")
    site = learner._site
    for number in itertools.count():
        await asyncio.sleep(chance.uniform(*ACT_EVERY_S))
        body = {"attempt": str(uuid4()), "step": STEP, "answer": f"{number % 7}/8", "took_s": 9.0}
        token = learner._element.csrf or site._http.cookies.get("csrftoken", "")
        headers = {"X-CSRFToken": token, "Referer": f"{site.url}/"}
        await site._http.post(f"{PAGE}answer/", json=body, headers=headers)


# --- from outside ---------------------------------------------------------------------------------


class Crowd:
    """Some learners, one thread each that starts their visits; ``open`` lets them in."""

    def __init__(self, url: str, people: list[Person], seed: int) -> None:
        self.url, self.people, self.seed = url, people, seed
        self.visits: Counter[str] = Counter()
        self.faults: list[str] = []
        self._present: set[str] = set()
        self._open = threading.Event()
        self._over = threading.Event()
        self._media = Media.made()
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__])
        self._threads = [threading.Thread(target=self._live, args=[p]) for p in people]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def let_in(self) -> None:
        self._open.set()

    def send_home(self) -> None:
        """The bell: nobody new comes, and whoever is still there closes the tab."""
        self._open.clear()
        threading.Event().wait(0.2)  # who was in the door
        while self._present:
            threading.Event().wait(0.2)

    @property
    def present(self) -> int:
        return len(self._present)

    def stop(self) -> None:
        self._over.set()
        self._open.set()
        for thread in self._threads:
            thread.join()

    def _live(self, person: Person) -> None:
        chance = random.Random(f"{self.seed}-{person.name}")
        for number in itertools.count():
            self._over.wait(chance.uniform(*AWAY_S))
            self._open.wait()
            if self._over.is_set():
                return
            self._present.add(person.name)
            try:
                self._send(Visit.of(self.url, person, f"{self.seed}-{person.name}-{number}"))
            finally:
                self._present.discard(person.name)

    def _send(self, visit: Visit) -> None:
        process = self._processes.Process(target=run_visit, args=[visit, self._media], daemon=True)
        process.start()
        gone = self._stay(process, visit.seconds + (0 if visit.ending == "tab" else SPARE_S))
        killed = visit.ending == "tab" or not self._open.is_set()
        if not gone and not killed:
            self.faults.append(f"{visit.seed}: still there after {SPARE_S:.0f} s more")
        process.kill()
        process.join()
        if process.exitcode not in ((0, -signal.SIGKILL) if killed else (0,)):
            self.faults.append(f"{visit.seed}: ended with {process.exitcode}")
        self.visits["bell" if killed and visit.ending != "tab" else visit.ending] += 1
        process.close()

    def _stay(self, process: Any, seconds: float) -> bool:
        """Until the visit is over (then True), or its time is, or the bell rings."""
        end = time.monotonic() + seconds
        while self._open.is_set() and time.monotonic() < end:
            process.join(0.5)
            if not process.is_alive():
                return True
        return False
