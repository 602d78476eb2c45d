"""Packets that are lost, late or out of order: what still arrives, over real WebRTC.

The whole table (more loss, jitter, narrow lines; a real browser) is `python -m tests.load.loss`.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from tests.media.path import Path, Trouble
from tests.media.senders import Call, Camera, Microphone, needs_weights, spoken
from tests.media.tally import Tally

pytestmark = [needs_weights, pytest.mark.timeout(60)]


async def through(path: Path, call: Call, *modalities: str) -> Tally:
    """Connects over the path; what its receivers hand to the decoders is counted from now on."""
    answer = await call.peer.answer(path.offer(await call.offer()), frozenset(modalities))
    await call.accept(path.answer(answer))
    await call.until("live", 10)
    return Tally(call.peer)


async def test_at_five_percent_no_picture_is_awaited_for_two_seconds_and_little_sound_is_missing():
    """The goals of docs/network.md, with room: what is lost is asked for again and mostly comes."""
    pause = np.zeros(12_000, np.int16)
    speech = Microphone(np.tile(np.concatenate([spoken(), pause]), 5))
    async with Path() as path, Call(Camera(), speech) as call:
        tally = await through(path, call, "face", "voice")
        path.trouble = Trouble(loss=0.05, delay_s=0.03)
        began = time.monotonic()
        windows = await call.windows(9.0, hop_s=1.0)
        assert path.up.lost >= 10, "the script did lose packets"
        assert tally.longest_picture_gap_s(began) < 2.0
        assert tally.sound_missing(began) <= 0.10
        said = [u for w in windows for u in w.utterances]
        assert said
        assert np.mean([u.gap_share for u in said]) <= 0.10
        assert [w.face for w in windows].count("ok") >= 8


async def test_late_packets_are_waited_for_and_put_in_order():
    async with Path() as path, Call(Camera(), Microphone(np.tile(spoken(), 10))) as call:
        tally = await through(path, call, "face", "voice")
        path.trouble = Trouble(delay_s=0.02, jitter_s=0.3)
        await asyncio.sleep(1)
        began = time.monotonic()
        await asyncio.sleep(5)
        assert tally.sound_missing(began) <= 0.05
        assert tally.longest_picture_gap_s(began) < 1.0


async def test_after_an_outage_the_picture_is_back_at_once():
    """Nothing of it can be repaired: a key frame is asked for, and all before it is let go."""
    async with Path() as path, Call(Camera()) as call:
        tally = await through(path, call, "face")
        path.trouble = Trouble(cut=True)
        await asyncio.sleep(2.5)
        path.trouble = Trouble()
        mended = time.monotonic()
        await asyncio.sleep(2)
        assert tally.pictures_s[-1] > mended
        back_s = next(at for at in tally.pictures_s if at > mended) - mended
        assert back_s < 1.5
