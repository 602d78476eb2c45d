"""Encoded frames as they come from a learner's browser, for tests that need no network."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import av
import numpy as np
from aiortc.codecs import CODECS
from aiortc.jitterbuffer import JitterFrame
from av import AudioFrame, VideoFrame
from av.video.frame import PictureType

from tests.media.senders import resampled


def codec_of(mime: str):
    return next(c for kind in CODECS.values() for c in kind if c.mimeType.lower() == mime)


VP8, OPUS, PCMU = codec_of("video/vp8"), codec_of("audio/opus"), codec_of("audio/pcmu")


class Filming:
    """A sender's camera: each shot is one encoded frame, the first one a key frame."""

    def __init__(self, width: int = 32, height: int = 32) -> None:
        self.encoder = av.CodecContext.create("libvpx", "w")
        self.encoder.width, self.encoder.height = width, height
        self.encoder.pix_fmt, self.encoder.time_base = "yuv420p", Fraction(1, 1000)
        self.encoder.options = {"deadline": "realtime", "lag-in-frames": "0"}
        self.count = 0

    def shot(self, media_s: float, *, key: bool = False) -> JitterFrame:
        frame = VideoFrame.from_ndarray(
            np.full((self.encoder.height, self.encoder.width, 3), 90, np.uint8), format="rgb24"
        ).reformat(format="yuv420p")
        frame.pts, self.count = self.count, self.count + 1
        frame.pict_type = PictureType.I if key else PictureType.NONE
        [packet] = self.encoder.encode(frame)
        return JitterFrame(bytes(packet), round(media_s * 90_000))


def sounds(samples: np.ndarray) -> list[tuple[JitterFrame, float]]:
    """Opus packets of 20 ms, each with its arrival."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", 48_000
    encoder.options = {"application": "voip", "frame_duration": "20"}
    loud = resampled(samples, 16_000, 48_000)
    made = []
    for at in range(0, loud.size - 960, 960):
        frame = AudioFrame.from_ndarray(loud[None, at : at + 960], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        made += [JitterFrame(bytes(packet), 0) for packet in encoder.encode(frame)]
    for index, packet in enumerate(made):
        packet.timestamp = index * 960
    return [(packet, (index + 1) * 0.02) for index, packet in enumerate(made)]


async def settle(predicate, seconds: float = 2.0) -> None:
    until = time.monotonic() + seconds
    while not predicate() and time.monotonic() < until:
        await asyncio.sleep(0.005)
