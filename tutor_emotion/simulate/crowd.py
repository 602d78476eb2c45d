"""Several simulated learners at once, and how many of them a site can carry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from tutor_emotion.simulate.learner import Learner, Person, Plan
from tutor_emotion.simulate.measure import Measure, result

# Signing in is costly for a server (the password's hash), and no part of what is measured.
SIGN_INS_AT_ONCE = 2
RAMP_S = 0.25


async def run_crowd(
    plan: Plan, people: Sequence[Person], measures: Sequence[Measure], stop: asyncio.Event
) -> None:
    """All sign in, then begin one after the other, a quarter of a second apart.

    ``measures`` (one a person) fill as it goes; ``stop`` ends all of them early and in order.
    """
    learners = [
        Learner(plan, person, measure, stop)
        for person, measure in zip(people, measures, strict=True)
    ]
    turn = asyncio.Semaphore(SIGN_INS_AT_ONCE)
    await asyncio.gather(*(_prepare(learner, turn) for learner in learners))
    await asyncio.gather(*(_learn(learner, n * RAMP_S) for n, learner in enumerate(learners)))


async def _prepare(learner: Learner, turn: asyncio.Semaphore) -> None:
    async with turn:
        await learner.prepare()


async def _learn(learner: Learner, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    await learner.learn()


async def run_steps(
    plan: Plan,
    people: Sequence[Person],
    steps: Sequence[int],
    limit_ms: float,
    stop: asyncio.Event,
) -> list[dict[str, Any]]:
    """Ever more learners, each step for the plan's seconds, until a step fails.

    A step fails when somebody could not connect or was lost, or when the 95th percentile of the
    delay is over ``limit_ms``. ``sender_cpu`` is the share of one core that the learners' side
    took: where it runs on the server's own machine, the server had that much less.
    """
    rows: list[dict[str, Any]] = []
    for count in steps:
        if stop.is_set():
            break
        measures = [Measure(person.name) for person in people[:count]]
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        await run_crowd(plan, people[:count], measures, stop)
        cpu = (time.process_time() - cpu_s) / (time.perf_counter() - wall_s)
        whole = result(measures)
        whole.pop("learners", None)
        passed = _passes(whole, count, limit_ms)
        rows.append({"count": count, "passed": passed, "sender_cpu": round(cpu, 3), **whole})
        if not passed:
            break
    return rows


def _passes(whole: dict[str, Any], count: int, limit_ms: float) -> bool:
    p95 = whole["latency_ms"]["p95"]
    return whole["connected"] == count and not whole["errors"] and (p95 is None or p95 <= limit_ms)
