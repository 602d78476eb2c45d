"""Sound is heard in order and in pieces; what is forgotten is never said. A real pool and net."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from aiortc.jitterbuffer import JitterFrame

from tests.media.encoded import OPUS, PCMU, settle, sounds
from tests.media.senders import WEIGHTS, needs_weights, spoken
from tutor_emotion.media.hearing import SoundSampler
from tutor_emotion.media.speech import Ear, load_vad

pytestmark = needs_weights


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as made:
        yield made


def ear() -> Ear:
    return Ear(load_vad(WEIGHTS))


async def test_speech_comes_out_whole_and_the_learner_is_speaking(pool):
    got, speaking = [], []
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=got.append)
    quiet = np.zeros(16_000, np.int16)
    for frame, at_s in sounds(np.concatenate([quiet, spoken(), quiet])):
        sampler.take(OPUS, frame, at_s)
        speaking.append(sampler.speaking)
        await settle(lambda: not sampler.busy)
    [(utterance, word)] = [both for heard in got for both in heard.utterances]
    assert word == "ok"
    assert utterance.start_s == pytest.approx(1.0, abs=0.3)
    assert speaking.count(True) > 100
    assert not sampler.speaking


async def test_when_sound_stops_coming_the_sentence_ends(pool):
    got = []
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=got.append)
    for frame, at_s in sounds(spoken()[:32_000]):
        sampler.take(OPUS, frame, at_s)
        await settle(lambda: not sampler.busy)
    assert sampler.speaking
    sampler.tick(2.2)
    assert not sampler.busy  # not silent for long enough
    sampler.tick(3.0)
    await settle(lambda: not sampler.speaking)
    assert [len(heard.utterances) for heard in got][-1] == 1


async def test_forgotten_speech_is_never_delivered(pool):
    got = []
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=got.append)
    for frame, at_s in sounds(spoken()[:32_000]):
        sampler.take(OPUS, frame, at_s)
        await settle(lambda: not sampler.busy)
    sampler.forget()
    assert not sampler.speaking
    for frame, at_s in sounds(np.zeros(32_000, np.int16)):
        sampler.take(OPUS, frame, at_s + 2)
        await settle(lambda: not sampler.busy)
    assert [both for heard in got for both in heard.utterances] == []


async def test_a_busy_pool_costs_sound_and_not_memory(pool):
    gate = threading.Event()
    for _ in range(2):
        pool.submit(gate.wait, 5)
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=lambda heard: None)
    for frame, at_s in sounds(np.zeros(16_000 * 20, np.int16)):
        sampler.take(OPUS, frame, at_s)
        assert len(sampler._talk.waiting) <= 152
    gate.set()
    await settle(lambda: not sampler.busy)
    counts = sampler.arrivals
    assert counts.arrived == counts.dropped + counts.decoded
    assert counts.sampled == counts.decoded
    assert counts.overflow_s > 10


@pytest.mark.parametrize(("ms", "turns"), [(20, 20), (40, 16), (60, 16), (120, 16)])
async def test_sound_is_heard_in_pieces_of_a_tenth_of_a_second(pool, ms, turns):
    got = []
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=got.append)
    frame = bytes(160 * ms // 20)
    for index in range(2000 // ms):
        sampler.take(PCMU, JitterFrame(frame, index * 8 * ms), index * ms / 1000)
        await settle(lambda: not sampler.busy)
    assert len(got) == pytest.approx(turns, abs=2)


async def test_a_lost_packet_of_sound_is_a_gap_and_the_line_goes_on(pool):
    got = []
    sampler = SoundSampler(ear, pool=pool, lock=threading.Lock(), deliver=got.append)
    spoken_twice = np.concatenate([spoken(), np.zeros(16_000, np.int16)])
    packets = sounds(spoken_twice)
    for index, (frame, at_s) in enumerate(packets):
        if index % 25:
            sampler.take(OPUS, frame, at_s)
            await settle(lambda: not sampler.busy)
    [(utterance, _)] = [both for heard in got for both in heard.utterances]
    assert utterance.gap_share == pytest.approx(0.04, abs=0.02)
    assert sampler.arrivals.gap_s == pytest.approx(0.04 * sampler.arrivals.heard_s, rel=0.2)
    assert utterance.samples.size / 16_000 == pytest.approx(spoken().size / 16_000, abs=0.6)
