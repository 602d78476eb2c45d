"""One fault on one site, while learners answer: what they saw, and what became of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.faults.faults import Fault
from tests.faults.learner import Learner
from tests.faults.site import PASSWORD, Site
from tutor_emotion.live.session import GATE_AGAIN_S
from tutor_emotion.simulate.clips import Clip

NAMES = ("ada", "ben", "cleo")
WARM_S = 30.0
BACK_S = 45.0  # longer than that nobody waits
OBEYED_S = GATE_AGAIN_S + 4  # where it could not be told, a session asks by itself
AFTER_S = 2.5  # one more answer, and what was done is written down
# A child ends with the thread that started it (`tied_to_parent`): this one lives to the end.
_HANDS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hands")


@dataclass(frozen=True)
class Outcome:
    """Seconds. ``silent``: the longest time without an Estimate, from the fault's beginning;
    ``back``: from the part's return to the next Estimate; ``waited``: the longest that an answer
    waited until it was accepted; ``signals`` and ``offers``: how many the learners had read of, and
    been shown. ``faults``: what was lost, doubled or not obeyed."""

    name: str
    silent_s: float
    back_s: float
    waited_s: float
    answers: int
    signals: int
    offers: int
    moves: int
    codes: dict[str, int]
    faults: list[str]
    load: float

    def row(self) -> dict[str, Any]:
        return {
            "fault": self.name,
            "silent_s": round(self.silent_s, 2),
            "back_s": round(self.back_s, 2),
            "waited_s": round(self.waited_s, 2),
            "answers": self.answers,
            "signals": self.signals,
            "offers": self.offers,
            "moves": self.moves,
            "codes": self.codes,
            "faults": self.faults,
            "load": round(self.load, 1),
        }


async def trial(site: Site, fault: Fault, clips: tuple[Clip, ...]) -> Outcome:
    """Raises AssertionError where the learners were not served before, or never again."""
    learners = [Learner(site.url, name, PASSWORD, clips) for name in NAMES[: fault.learners]]
    for learner in learners:
        await learner.enter()
    work = [asyncio.create_task(learner.learn()) for learner in learners]
    try:
        before = time.monotonic()
        await _estimates(learners, before, WARM_S)
        await _noticed(learners)
        for learner in learners:
            learner.book.begin(site.rows)
        began, returned, choice = await _fault(site, fault, learners[0])
        back = await _estimates(learners, returned, BACK_S)
        await _all_answered(learners, returned)
        await choice
        disobeyed = await _disobeyed(learners)
        await asyncio.sleep(AFTER_S)
        for learner in learners:
            await learner.read()
        disobeyed += [f"{one.name}'s choice was obeyed and then not" for one in learners
                      if not one.is_obeyed()]  # fmt: skip
    finally:
        for learner in learners:
            learner.leave()
        await asyncio.gather(*work)
    await asyncio.sleep(0.5)
    return _outcome(site, fault, learners, began, back - returned, disobeyed)


async def _fault(
    site: Site, fault: Fault, learner: Learner
) -> tuple[float, float, asyncio.Task[None]]:
    """When it began, when the part was back, and what the learner chooses meanwhile."""
    loop, during = asyncio.get_running_loop(), fault.during(site)
    began = time.monotonic()
    await loop.run_in_executor(_HANDS, during.__enter__)
    choice = asyncio.create_task(_chosen(fault, learner))
    await asyncio.sleep(fault.lasts_s)
    await loop.run_in_executor(_HANDS, during.__exit__, None, None, None)
    return began, time.monotonic(), choice


async def _chosen(fault: Fault, learner: Learner) -> None:
    await asyncio.wait_for(fault.choice(learner), fault.lasts_s + BACK_S)


async def _noticed(learners: Sequence[Learner]) -> None:
    """Until each has read of a signal in their own record: what the fault must not lose."""
    end = time.monotonic() + WARM_S
    for learner in learners:
        await learner.read()
        while not learner.book.noted:
            assert time.monotonic() < end, f"no signal within {WARM_S:g} s"
            await asyncio.sleep(0.5)
            await learner.read()


async def _disobeyed(learners: Sequence[Learner]) -> list[str]:
    """Whose choice the server does not follow, although a session asks the gate by itself."""
    end = time.monotonic() + OBEYED_S
    while time.monotonic() < end and not all(one.is_obeyed() for one in learners):
        await asyncio.sleep(0.05)
    return [
        f"{one.name} chose {one.book.consents} and the server uses {one.seen.allowed[-1][1]}"
        for one in learners
        if not one.is_obeyed()
    ]


async def _estimates(learners: Sequence[Learner], since: float, limit_s: float) -> float:
    """When the last of them had an Estimate after ``since``."""
    end = time.monotonic() + limit_s
    while True:
        first = [next((t for t in one.seen.estimates if t > since), None) for one in learners]
        if None not in first:
            return max(t for t in first if t is not None)
        seen = [(one.seen.codes, one.seen.statuses) for one in learners]
        assert time.monotonic() < end, f"no Estimate within {limit_s:g} s: {seen}"
        await asyncio.sleep(0.05)


async def _all_answered(learners: Sequence[Learner], since: float) -> None:
    """Until everybody's answer was accepted again."""
    end = time.monotonic() + BACK_S
    while not all(any(t > since for _, t in one.seen.answered) for one in learners):
        assert time.monotonic() < end, f"no answer is accepted: {[o.seen.codes for o in learners]}"
        await asyncio.sleep(0.05)


def _outcome(
    site: Site,
    fault: Fault,
    learners: Sequence[Learner],
    began: float,
    back_s: float,
    disobeyed: list[str],
) -> Outcome:
    times = [[t for t in one.seen.estimates if t > began - 3] for one in learners]
    codes = sum((one.seen.codes for one in learners), Counter())
    return Outcome(
        fault.name,
        silent_s=max(b - a for its in times for a, b in pairwise(its)),
        back_s=back_s,
        waited_s=max(t - sent for one in learners for sent, t in one.seen.answered),
        answers=sum(len(one.book.acknowledged) for one in learners),
        signals=sum(one.book.noted.total() for one in learners),
        offers=sum(len(one.book.shown) for one in learners),
        moves=sum(one.seen.moves for one in learners),
        codes=dict(codes),
        faults=[
            *disobeyed,
            *(fault for one in learners for fault in one.book.faults(site.rows, one.name)),
        ],
        load=os.getloadavg()[0],
    )
