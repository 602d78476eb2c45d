"""Newest wins: what is sampled, waits and is forgotten. A real pool, a cropper that is slow."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from av import AudioFrame, VideoFrame

from tests.media.senders import WEIGHTS, needs_weights, spoken
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media.sampling import FaceSampler, SoundSampler
from tutor_emotion.media.speech import Ear, load_vad


class SlowCropper:
    """Looks at a frame for as long as it is told to, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        self.go = threading.Event()
        self.go.set()
        self.broken = False

    def look(self, rgb: np.ndarray, *, at_s: float, media_s: float) -> FaceSeen:
        self.go.wait(5)
        if self.broken:
            raise RuntimeError("the net is broken")
        self.seen.append(media_s)
        return FaceSeen(at_s, "no_face")


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as made:
        yield made


@pytest.fixture
def cropper() -> SlowCropper:
    return SlowCropper()


def sampler(cropper, pool, got=None, frames_per_s=5.0) -> FaceSampler:
    deliver = (got if got is not None else []).append
    return FaceSampler(
        cropper, frames_per_s=frames_per_s, limits=(320, 240), pool=pool, deliver=deliver
    )


def frame_at(media_s: float, width: int = 32, height: int = 32) -> VideoFrame:
    frame = VideoFrame(width, height, "yuv420p")
    frame.pts, frame.time_base = round(media_s * 90_000), Fraction(1, 90_000)
    return frame


async def settle(predicate, seconds: float = 2.0) -> None:
    until = time.monotonic() + seconds
    while not predicate() and time.monotonic() < until:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("fps", [5, 7.5, 10, 12, 15, 24, 30, 60])
async def test_any_rate_gives_five_a_second(cropper, pool, fps):
    eye = sampler(cropper, pool)
    for index in range(round(10 * fps)):
        eye.offer(frame_at(index / fps), index / fps)
        await settle(lambda: eye._waiting is None and not eye._jobs.busy)
    assert len(cropper.seen) == pytest.approx(50, abs=1)


async def test_a_slow_camera_is_seen_whole(cropper, pool):
    eye = sampler(cropper, pool)
    for index in range(10):
        eye.offer(frame_at(index / 2), index / 2)
        await settle(lambda: not eye._jobs.busy)
    assert len(cropper.seen) == 10


async def test_the_newest_waits_and_the_older_are_never_seen(cropper, pool):
    eye = sampler(cropper, pool)
    cropper.go.clear()
    for index in range(20):
        eye.offer(frame_at(index * 0.2), index * 0.2)
    cropper.go.set()
    await settle(lambda: len(cropper.seen) == 2)
    await asyncio.sleep(0.05)
    assert cropper.seen == [0.0, pytest.approx(3.8)]


async def test_what_is_forgotten_while_it_was_looked_at_is_never_delivered(cropper, pool):
    got: list[FaceSeen] = []
    eye = sampler(cropper, pool, got)
    cropper.go.clear()
    eye.offer(frame_at(0.0), 0.0)
    eye.offer(frame_at(0.2), 0.2)
    eye.forget()
    cropper.go.set()
    await settle(lambda: not eye._jobs.busy)
    assert got == []
    assert cropper.seen == [0.0]  # it was under way; what waited was not looked at
    eye.offer(frame_at(0.4), 0.4)
    await settle(lambda: bool(got))
    assert [seen.at_s for seen in got] == [0.4]


async def test_a_media_clock_that_jumps_does_not_stop_or_flood(cropper, pool):
    eye = sampler(cropper, pool)
    for media_s in (0.0, 0.1, 0.2, 5000.0, 5000.1, 5000.2, 3.0, 3.1, 3.2, -70.0):
        eye.offer(frame_at(media_s), 0.0)
        await settle(lambda: eye._waiting is None and not eye._jobs.busy)
    assert cropper.seen == [0.0, 0.2, 5000.0, 5000.2, 3.0, 3.2, -70.0]


async def test_frames_of_other_sizes_and_without_time(cropper, pool):
    got: list[FaceSeen] = []
    eye = sampler(cropper, pool, got)
    eye.offer(VideoFrame(32, 32, "yuv420p"), 0.0)  # no time: ignored
    for index, size in enumerate([(320, 240), (160, 120), (241, 321), (8, 8), (1280, 720)]):
        eye.offer(frame_at(index * 0.2, *size), float(index))
        await settle(lambda: not eye._jobs.busy)
    assert [seen.word for seen in got] == ["no_face"] * 3 + ["too_small", "no_face"]


async def test_a_broken_net_is_logged_without_content_and_the_next_frame_is_tried(
    cropper, pool, caplog
):
    eye = sampler(cropper, pool)
    cropper.broken = True
    eye.offer(frame_at(0.0), 0.0)
    await settle(lambda: not eye._jobs.busy)
    assert "a job on media" in caplog.text
    cropper.broken = False
    eye.offer(frame_at(0.2), 0.2)
    await settle(lambda: bool(cropper.seen))
    assert cropper.seen == [pytest.approx(0.2)]


# --- sound --------------------------------------------------------------------------------------


def sounds(samples: np.ndarray, rate: int = 16_000) -> list[tuple[AudioFrame, float]]:
    size = rate // 50
    made = []
    for at in range(0, samples.size - size, size):
        frame = AudioFrame.from_ndarray(samples[None, at : at + size], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        made.append((frame, (at + size) / rate))
    return made


def ear() -> Ear:
    return Ear(load_vad(WEIGHTS))


@needs_weights
async def test_speech_comes_out_whole_and_the_learner_is_speaking(pool):
    got, speaking = [], []
    sampler = SoundSampler(ear, pool=pool, deliver=got.append)
    quiet = np.zeros(16_000, np.int16)
    for frame, at_s in sounds(np.concatenate([quiet, spoken(), quiet])):
        sampler.offer(frame, at_s)
        speaking.append(sampler.speaking)
        await settle(lambda: not sampler._jobs.busy)
    [(utterance, word)] = [both for heard in got for both in heard.utterances]
    assert word == "ok"
    assert utterance.start_s == pytest.approx(1.0, abs=0.3)
    assert speaking.count(True) > 100
    assert not sampler.speaking


@needs_weights
async def test_when_sound_stops_coming_the_sentence_ends(pool):
    got = []
    sampler = SoundSampler(ear, pool=pool, deliver=got.append)
    for frame, at_s in sounds(spoken()[:32_000]):
        sampler.offer(frame, at_s)
        await settle(lambda: not sampler._jobs.busy)
    assert sampler.speaking
    sampler.tick(2.2)
    assert not sampler._jobs.busy  # not silent for long enough
    sampler.tick(3.0)
    await settle(lambda: not sampler.speaking)
    assert [len(heard.utterances) for heard in got][-1] == 1


@needs_weights
async def test_forgotten_speech_is_never_delivered(pool):
    got = []
    sampler = SoundSampler(ear, pool=pool, deliver=got.append)
    for frame, at_s in sounds(spoken()[:32_000]):
        sampler.offer(frame, at_s)
        await settle(lambda: not sampler._jobs.busy)
    sampler.forget()
    assert not sampler.speaking
    for frame, at_s in sounds(np.zeros(32_000, np.int16)):
        sampler.offer(frame, at_s + 2)
        await settle(lambda: not sampler._jobs.busy)
    assert [both for heard in got for both in heard.utterances] == []


@needs_weights
async def test_a_busy_pool_costs_sound_and_not_memory(pool):
    gate = threading.Event()
    for _ in range(2):
        pool.submit(gate.wait, 5)
    sampler = SoundSampler(ear, pool=pool, deliver=lambda heard: None)
    for frame, at_s in sounds(np.zeros(16_000 * 20, np.int16)):
        sampler.offer(frame, at_s)
    assert sampler._waiting_s <= 3.0
    assert len(sampler._waiting) <= 150
    gate.set()
    await settle(lambda: not sampler._jobs.busy)
