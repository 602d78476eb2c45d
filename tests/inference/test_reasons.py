"""Somebody asks why: answered beside the work, and only with what was measured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import redis
from channels.layers import get_channel_layer

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference import queue
from tutor_emotion.inference.queue import ASKED
from tutor_emotion.inference.reasons import bounded
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.nets.r1_omni.answers import Answer, parse

LOWERED = {"browDownLeft": 0.5, "browDownRight": 0.5}
TEXT = (
    "<think>The woman is furious about her exam: her brow is furrowed, her voice is loud and her "
    "mouth corners are raised.</think>\n<answer>angry</answer>"
)


class Thinker(ScriptedRunner):
    """Thinks ``text`` of every Window, and reads none."""

    version = "r1-omni/1"

    def __init__(self, text: str = TEXT) -> None:
        super().__init__()
        self.text = text
        self.asked: list[Window] = []

    def reason(self, window: Window) -> Answer | None:
        self.asked.append(window)
        return parse(self.text)


def measurer(**more: float) -> ScriptedRunner:
    return ScriptedRunner({**LOWERED, "mouthSmileLeft": 0.0, "mouthSmileRight": 0.0, **more})


# --- what is said --------------------------------------------------------------------------------


def test_only_what_the_measures_bear_out_is_said_and_by_name() -> None:
    assert bounded(Thinker(), measurer(), window()) == ("brow_lowered",)
    smiling = measurer(mouthSmileLeft=0.9, mouthSmileRight=0.9, browDownLeft=0.0, browDownRight=0.0)
    said = bounded(Thinker(), smiling, window())
    assert "brow_lowered" not in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<think>The brow is lowered",
        "<think>She is clearly furious.</think><answer>angry</answer>",
        "<think>The brow is not lowered.</think><answer>happy</answer>",
        "<answer>angry</answer>",
    ],
)
def test_where_nothing_is_borne_out_nothing_is_said(text: str) -> None:
    assert bounded(Thinker(text), measurer(), window()) == ()


def test_a_window_that_cannot_be_measured_gives_no_reason() -> None:
    class Blind(ScriptedRunner):
        def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
            return [[] for _ in windows]

    assert bounded(Thinker(), Blind(), window()) == ()


# --- the way there and back ----------------------------------------------------------------------

pytestmark = pytest.mark.django_db(transaction=True)


def make(thinker: ScriptedRunner) -> Worker:
    return Worker(thinker, Slots(get_settings().REDIS_URL), 8, measurer=measurer())


async def test_what_is_asked_is_answered_to_who_asked(valkey: redis.Redis) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await queue.put("slot", channel, window(seq=9), ASKED)
    assert await asyncio.to_thread(make(Thinker()).run_waiting) == 0  # no live Window
    message = await asyncio.wait_for(layer.receive(channel), 5)
    assert message == {
        "type": "session.reason",
        "seq": 9,
        "claims": ["brow_lowered"],
        "model": "r1-omni/1",
    }
    assert "furious" not in str(message)
    assert valkey.keys("te:w*slot") == []  # nothing of it waits any more


async def test_a_reason_that_fails_is_an_empty_one(
    valkey: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Thinker):
        def reason(self, window: Window) -> Answer | None:
            raise ValueError(f"cannot read {window!r}")

    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(), ASKED)
    await asyncio.to_thread(make(Failing()).run_waiting)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 5)
    assert message["claims"] == []
    assert "Window(" not in caplog.text


async def test_what_the_law_forbids_is_not_reasoned_about(
    valkey: redis.Redis, settings: object
) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_institution"}  # type: ignore[attr-defined]
    thinker = Thinker()
    channel = await get_channel_layer().new_channel()
    await queue.put("slot", channel, window(utterances=1), ASKED)
    await asyncio.to_thread(make(thinker).run_waiting)
    message = await asyncio.wait_for(get_channel_layer().receive(channel), 5)
    assert message["claims"] == []
    assert all(not w.crops and not w.utterances for w in thinker.asked)


async def test_a_runner_without_reasons_leaves_what_is_asked_alone(valkey: redis.Redis) -> None:
    await queue.put("slot", "nobody", window(), ASKED)
    worker = make(ScriptedRunner())
    assert worker.reasons is None
    await asyncio.to_thread(worker.run_waiting)
    assert valkey.zcard(ASKED) == 1  # it dies by its own seconds


async def test_what_is_let_go_of_is_not_asked_any_more(valkey: redis.Redis) -> None:
    await queue.put("slot", "nobody", window(), ASKED)
    await queue.drop("slot")
    assert valkey.zcard(ASKED) == 0
