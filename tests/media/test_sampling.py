"""Newest wins: what is sampled, waits and is forgotten. A real pool, a cropper that is slow."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from aiortc.jitterbuffer import JitterFrame
from av import VideoFrame

from tests.media.encoded import VP8, Filming, settle
from tests.media.senders import portrait
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media import tuning
from tutor_emotion.media.pixels import to_rgb
from tutor_emotion.media.sampling import FaceSampler


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
        lambda: cropper, frames_per_s=frames_per_s, limits=(320, 240), pool=pool,
        lock=threading.Lock(), deliver=deliver,
    )  # fmt: skip


@pytest.mark.parametrize("fps", [5, 7.5, 10, 12, 15, 24, 30, 60])
async def test_any_rate_gives_five_a_second(cropper, pool, fps):
    eye, camera = sampler(cropper, pool), Filming()
    for index in range(round(10 * fps)):
        eye.take(VP8, camera.shot(index / fps), index / fps)
        await settle(lambda: not eye.busy)
    assert len(cropper.seen) == pytest.approx(50, abs=1)
    counts = eye.arrivals
    assert counts.arrived == round(10 * fps)
    assert counts.sampled == len(cropper.seen)
    assert counts.not_due == counts.arrived - counts.sampled
    assert (counts.failed, counts.dropped, counts.overtaken) == (0, 0, 0)


async def test_a_slow_camera_is_seen_whole(cropper, pool):
    eye, camera = sampler(cropper, pool), Filming()
    for index in range(10):
        eye.take(VP8, camera.shot(index / 2), index / 2)
        await settle(lambda: not eye.busy)
    assert len(cropper.seen) == 10


async def test_the_newest_is_seen_and_the_older_are_only_decoded(cropper, pool):
    eye, camera = sampler(cropper, pool), Filming()
    cropper.go.clear()
    eye.take(VP8, camera.shot(0.0), 0.0)
    await settle(lambda: eye.arrivals.decoded == 1)
    for index in range(1, 20):
        eye.take(VP8, camera.shot(index * 0.2), index * 0.1)
    cropper.go.set()
    await settle(lambda: len(cropper.seen) == 2)
    await settle(lambda: not eye.busy)
    assert cropper.seen == [0.0, pytest.approx(3.8)]
    assert (eye.arrivals.decoded, eye.arrivals.overtaken) == (20, 18)


async def test_what_is_forgotten_while_it_was_looked_at_is_never_delivered(cropper, pool):
    got: list[FaceSeen] = []
    eye, camera = sampler(cropper, pool, got), Filming()
    cropper.go.clear()
    eye.take(VP8, camera.shot(0.0), 0.0)
    await settle(lambda: eye.arrivals.decoded == 1)
    eye.take(VP8, camera.shot(0.2), 0.2)
    eye.forget()
    cropper.go.set()
    await settle(lambda: not eye.busy)
    assert got == []
    assert cropper.seen == [0.0]  # it was under way; what waited was neither decoded nor seen
    assert eye.arrivals.decoded == 1
    assert eye.newest_s is None
    eye.take(VP8, camera.shot(0.4, key=True), 0.4)
    await settle(lambda: bool(got))
    assert [seen.at_s for seen in got] == [0.4]


async def test_after_a_pause_only_a_whole_picture_is_looked_at(cropper, pool):
    asked = []
    eye, camera = sampler(cropper, pool), Filming()
    eye.ask_key = lambda: asked.append(True)
    eye.resume()
    assert asked == []  # nothing came yet, and what comes first is whole
    eye.take(VP8, camera.shot(0.0), 0.0)
    await settle(lambda: bool(cropper.seen))
    eye.forget()
    eye.resume()
    assert len(asked) == 1
    eye.take(VP8, camera.shot(0.2), 0.2)
    await settle(lambda: not eye.busy)
    assert (len(cropper.seen), eye.arrivals.failed, len(asked)) == (1, 1, 2)
    eye.take(VP8, camera.shot(0.4, key=True), 0.4)
    await settle(lambda: not eye.busy)
    assert cropper.seen == [0.0, pytest.approx(0.4)]


async def test_a_decoder_ends_with_what_it_is_forgotten_with(cropper, pool, monkeypatch):
    made = []

    def remembered(codec):
        decoder = make(codec)
        made.append(weakref.ref(decoder))
        return decoder

    make = tuning.make_decoder
    monkeypatch.setattr(tuning, "make_decoder", remembered)
    eye, camera = sampler(cropper, pool), Filming()
    eye.take(VP8, camera.shot(0.0), 0.0)
    await settle(lambda: not eye.busy)
    eye.forget()
    gc.collect()
    assert [ref() for ref in made] == [None]


async def test_a_media_clock_that_jumps_does_not_stop_or_flood(cropper, pool):
    eye, camera = sampler(cropper, pool), Filming()
    for media_s in (0.0, 0.1, 0.2, 5000.0, 5000.1, 5000.2, 3.0, 3.1, 3.2, -70.0):
        eye.take(VP8, camera.shot(media_s), 0.0)
        await settle(lambda: not eye.busy)
    assert cropper.seen == [0.0, 0.2, 5000.0, 5000.2, 3.0, 3.2, -70.0]


async def test_frames_of_other_sizes(cropper, pool):
    got: list[FaceSeen] = []
    eye = sampler(cropper, pool, got)
    for index, size in enumerate([(320, 240), (160, 120), (242, 322), (8, 8), (1280, 720)]):
        eye.take(VP8, Filming(*size).shot(index * 0.2), float(index))
        await settle(lambda: not eye.busy)
    assert [seen.word for seen in got] == ["no_face"] * 3 + ["too_small", "no_face"]


async def test_what_the_cropper_gets_is_the_whole_conversion(pool):
    got = []

    class Keeper:
        def look(self, rgb, *, at_s, media_s):
            got.append(rgb)
            return FaceSeen(at_s, "no_face")

    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 480, "yuv420p"
    encoder.time_base = Fraction(1, 90_000)
    shown = cv2.resize(portrait(), (640, 480))
    frame = VideoFrame.from_ndarray(shown, format="rgb24").reformat(format="yuv420p")
    frame.pts = 0
    data = b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)])
    eye = sampler(Keeper(), pool)
    eye.take(VP8, JitterFrame(data, 0), 0.0)
    await settle(lambda: not eye.busy)
    [decoded] = tuning.make_decoder(VP8).decode(JitterFrame(data, 0))
    assert np.array_equal(got[0], to_rgb(decoded, 320, 240))


async def test_a_broken_net_is_logged_without_content_and_the_next_frame_is_tried(
    cropper, pool, caplog
):
    eye, camera = sampler(cropper, pool), Filming()
    cropper.broken = True
    eye.take(VP8, camera.shot(0.0), 0.0)
    await settle(lambda: not eye.busy)
    assert "a turn of a track" in caplog.text
    assert "the net is broken" not in caplog.text
    cropper.broken = False
    eye.take(VP8, camera.shot(0.2), 0.2)
    await settle(lambda: bool(cropper.seen))
    assert cropper.seen == [pytest.approx(0.2)]


async def test_a_decoder_that_breaks_is_noted_once_and_made_anew(
    cropper, pool, caplog, monkeypatch
):
    class Broken:
        def decode(self, frame):
            raise ValueError("what a learner's camera showed")

    make, broken = tuning.make_decoder, [True]
    monkeypatch.setattr(tuning, "make_decoder", lambda c: Broken() if broken else make(c))
    eye, camera = sampler(cropper, pool), Filming()
    for index in range(3):
        eye.take(VP8, camera.shot(index * 0.2, key=True), index * 0.2)
        await settle(lambda: not eye.busy)
    assert caplog.text.count("decoding a frame") == 1
    assert "camera showed" not in caplog.text
    broken.clear()
    eye.take(VP8, camera.shot(0.6, key=True), 0.6)
    await settle(lambda: not eye.busy)
    assert cropper.seen == [pytest.approx(0.6)]
    assert (eye.arrivals.failed, eye.arrivals.decoded) == (3, 1)


async def test_a_stranger_s_bytes_are_counted_and_a_key_frame_is_asked_for(cropper, pool):
    asked = []
    eye, camera = sampler(cropper, pool), Filming()
    eye.ask_key = lambda: asked.append(True)
    eye.take(VP8, JitterFrame(b"\x00garbage", 0), 0.0)
    eye.take(VP8, JitterFrame(b"", 18_000), 0.2)
    eye.take(VP8, camera.shot(0.4), 0.4)
    await settle(lambda: not eye.busy)
    assert eye.arrivals.failed >= 1
    assert len(asked) == eye.arrivals.failed
    assert cropper.seen == [pytest.approx(0.4)]


async def test_a_pool_that_is_far_behind_costs_pictures_and_not_memory(cropper, pool):
    asked = []
    eye, camera = sampler(cropper, pool), Filming()
    eye.ask_key = lambda: asked.append(True)
    gate = threading.Event()
    for _ in range(2):
        pool.submit(gate.wait, 5)
    for index in range(100):
        eye.take(VP8, camera.shot(index * 0.1), index * 0.1)
        assert len(eye._film.waiting) <= 31
    assert asked
    eye.take(VP8, camera.shot(10.0, key=True), 10.0)
    gate.set()
    await settle(lambda: bool(cropper.seen))
    counts = eye.arrivals
    assert cropper.seen == [pytest.approx(10.0)]
    assert counts.arrived == counts.dropped + counts.failed + counts.decoded
