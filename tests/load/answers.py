"""How soon an answer is marked while a whole school answers, as JSON.

``python -m tests.load.answers --url http://127.0.0.1:8000`` against ``make run`` on this machine,
with the same ``TUTOR_EMOTION_VAR`` (accounts are made in its database, and each signs in at the
page for it). Learners answer step after step, each wrongly and then rightly, every ``--every``
seconds of their own; then all of them once within ``--together`` seconds. The milliseconds are
those that the learner waits: from the request to the whole reply.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import django
import httpx

from tests.load.processes import Watch, of_port

PASSWORD = "answers-0815"
SIGN_INS_AT_ONCE = 4  # each costs the server a third of a second
LIMIT_MS = 100.0  # the 95th percentile that is wanted


@dataclass(frozen=True, slots=True)
class Question:
    step: str
    right: str


@dataclass(slots=True)
class Tally:
    """Milliseconds of the answers that were marked, and the codes of those that were not."""

    marked_ms: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def row(self, seconds: float) -> dict[str, Any]:
        row: dict[str, Any] = {
            "answers": len(self.marked_ms),
            "per_s": round(len(self.marked_ms) / seconds, 1),
            "refused": dict(self.refused),
        }
        if len(self.marked_ms) > 1:
            cuts = statistics.quantiles(self.marked_ms, n=100, method="inclusive")
            row |= {f"p{n}_ms": round(cuts[n - 1], 1) for n in (50, 95, 99)}
            row["max_ms"] = round(max(self.marked_ms), 1)
        return row


class Learner:
    """One signed-in browser in front of one lesson."""

    def __init__(self, url: str, name: str, lesson: str, questions: list[Question]) -> None:
        self.name, self.lesson = name, lesson
        self.http = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False)
        self.next = _answers(questions)

    async def sign_in(self) -> None:
        await self.http.get("/sign-in/")
        fields = {"username": self.name, "password": PASSWORD}
        reply = await self.http.post("/sign-in/", data=fields, headers=self._headers())
        if reply.status_code != 302:
            raise SystemExit(f"{self.name} could not sign in ({reply.status_code}).")

    async def answer(self, tally: Tally) -> None:
        step, text = next(self.next)
        body = {"attempt": str(uuid4()), "step": step, "answer": text, "took_s": 9.0}
        start = time.perf_counter()
        try:
            reply = await self.http.post(
                f"/lessons/{self.lesson}/answer/", json=body, headers=self._headers()
            )
        except httpx.TransportError as error:
            tally.refused[type(error).__name__] += 1
            return
        took_ms = (time.perf_counter() - start) * 1000
        if reply.status_code == 200:
            tally.marked_ms.append(took_ms)
        else:
            tally.refused[str(reply.status_code)] += 1

    def _headers(self) -> dict[str, str]:
        token = self.http.cookies.get("csrftoken", "")
        return {"X-CSRFToken": token, "Referer": f"{self.http.base_url}/"}


def _answers(questions: list[Question]) -> Iterator[tuple[str, str]]:
    for question in cycle(questions):
        yield question.step, "1/97"
        yield question.step, question.right


async def paced(
    learners: list[Learner], every_s: float, seconds: float, chance: random.Random
) -> Tally:
    """Each learner answers about every ``every_s``, from a moment of their own on."""
    tally, end = Tally(), time.monotonic() + seconds

    async def work(learner: Learner, wait_s: float) -> None:
        while time.monotonic() + wait_s < end:
            await asyncio.sleep(wait_s)
            await learner.answer(tally)
            wait_s = every_s * chance.uniform(0.5, 1.5)

    await asyncio.gather(*(work(one, chance.uniform(0, every_s)) for one in learners))
    return tally


async def together(learners: list[Learner], within_s: float, chance: random.Random) -> Tally:
    """All answer once, at chance moments of ``within_s``."""
    tally = Tally()

    async def work(learner: Learner) -> None:
        await asyncio.sleep(chance.uniform(0, within_s))
        await learner.answer(tally)

    await asyncio.gather(*map(work, learners))
    return tally


async def measure(chosen: argparse.Namespace, questions: list[Question]) -> dict[str, Any]:
    learners = [
        Learner(chosen.url, _name(number), chosen.lesson, questions)
        for number in range(chosen.learners)
    ]
    await _a_few_at_once([one.sign_in for one in learners])
    chance = random.Random(chosen.seed)
    await paced(learners, chosen.every, min(5.0, chosen.every), chance)  # connections open
    processes = of_port(urlsplit(chosen.url).port or 80)
    result: dict[str, Any] = {"learners": chosen.learners, "every_s": chosen.every}
    with Watch(processes) as watch:
        tally = await paced(learners, chosen.every, chosen.seconds, chance)
    result["paced"] = {**tally.row(chosen.seconds), "web": watch.report().get("web")}
    await asyncio.sleep(2)
    tally = await together(learners, chosen.together, chance)
    result["together"] = {"within_s": chosen.together, **tally.row(chosen.together)}
    result["ok"] = result["paced"].get("p95_ms", LIMIT_MS + 1) <= LIMIT_MS
    await asyncio.gather(*(one.http.aclose() for one in learners))
    return result


async def _a_few_at_once(deeds: list[Callable[[], Awaitable[None]]]) -> None:
    gate = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    async def one(deed: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await deed()

    await asyncio.gather(*map(one, deeds))


def _name(number: int) -> str:
    return f"answers-{number + 1}"


def prepare(count: int, lesson: str) -> list[Question]:
    """The accounts, with one password hashed once; and the lesson's questions."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password

    from tutor_emotion.lessons.models import Step

    users, hashed = get_user_model().objects, make_password(PASSWORD)
    for number in range(count):
        users.update_or_create(username=_name(number), defaults={"password": hashed})
    steps = Step.objects.filter(lesson__slug=lesson, answer_kind__in=["number", "fraction"])
    return [Question(step.slug, step.answer) for step in steps.order_by("order")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two answers")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--together", type=float, default=5.0, help="all once within this")
    parser.add_argument("--lesson", default="fractions-1")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_emotion.demo.settings")
    django.setup()
    questions = prepare(chosen.learners, chosen.lesson)
    if not questions:
        raise SystemExit(f"There is no lesson {chosen.lesson!r} with numbers to answer.")
    result = asyncio.run(measure(chosen, questions))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(0 if result["ok"] else 1)


if __name__ == "__main__":
    main()
