"""The second hand steps once a second, and always ends, also where a cancellation is swallowed."""

from __future__ import annotations

import asyncio
import time

from tutor_emotion.live.hand import PATIENCE_S, Hand, end_soon


async def test_it_steps_once_a_second_until_it_is_stopped() -> None:
    steps: list[float] = []

    async def step() -> None:
        steps.append(time.monotonic())

    hand = Hand(step)
    hand.start()
    await asyncio.sleep(2.5)
    await hand.stop()
    seen = len(steps)
    await asyncio.sleep(1.2)
    assert seen == 2
    assert len(steps) == seen


async def test_a_step_that_runs_comes_to_its_end() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def step() -> None:
        began.set()
        await asyncio.sleep(0.3)
        ended.set()

    hand = Hand(step)
    hand.start()
    await began.wait()
    await hand.stop()
    assert ended.is_set()


async def test_a_step_that_swallows_its_cancellation_does_not_hold_up_the_end() -> None:
    began = asyncio.Event()
    steps = 0

    async def step() -> None:
        nonlocal steps
        steps += 1
        began.set()
        try:
            await asyncio.sleep(PATIENCE_S + 0.5)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # as a call in another thread may do

    hand = Hand(step)
    hand.start()
    await began.wait()
    before_s = time.monotonic()
    await hand.stop()
    assert time.monotonic() - before_s < 2 * PATIENCE_S
    await asyncio.sleep(1.2)
    assert steps == 1


async def test_a_hand_that_never_was_set_going_is_stopped_at_once() -> None:
    async def step() -> None:
        raise AssertionError

    await asyncio.wait_for(Hand(step).stop(), 0.1)


async def test_what_only_sends_is_ended_without_waiting() -> None:
    task = asyncio.get_running_loop().create_task(asyncio.sleep(60))
    await asyncio.wait_for(end_soon({task}, let_s=0), 1.0)
    assert task.cancelled()
