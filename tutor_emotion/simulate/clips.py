"""A file, encoded once: what every simulated learner sends in a loop.

Encoding is the costly part of sending, so it is done before anybody connects, and the packets are
shared by all learners of the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av

from tutor_emotion.errors import BadInput

# What our page asks the browser for.
VIDEO_WIDTH, VIDEO_HEIGHT, VIDEO_FPS, VIDEO_BITS_PER_S = 320, 240, 10, 150_000
SOUND_HZ, SOUND_PACKET_S, SOUND_BITS_PER_S = 48_000, 0.02, 24_000
VIDEO_CLOCK_HZ = 90_000
# A receiver that lost its picture waits at most this long: ready packets cannot be asked for one.
KEYFRAME_EVERY_S = 2
LONGEST_CLIP_S = 60


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Packets of equal length. ``ticks`` is the length of one in 1/``clock_hz`` seconds.

    VP8 at 90 kHz for video, Opus at 48 kHz for sound: the clocks of their RTP timestamps.
    """

    kind: Literal["video", "audio"]
    packets: tuple[bytes, ...]
    ticks: int
    clock_hz: int

    @property
    def seconds(self) -> float:
        return len(self.packets) * self.ticks / self.clock_hz


def has_sound(path: Path) -> bool:
    """Whether a file has a track of sound.

    Raises:
        BadInput: ``no_file``, ``bad_media``.
    """
    with _open(path) as container:
        return bool(container.streams.audio)


def video_clip(path: Path) -> Clip:
    """The first minute of a video file, at most 320x240, at 10 frames a second.

    Raises:
        BadInput: ``no_file``, ``bad_media`` (not a media file, damaged), ``no_video``.
    """
    with _open(path) as container:
        if not container.streams.video:
            raise BadInput("no_video", f"{path.name} has no picture.", hint="Give a video file.")
        packets = _decoding(path, _encode_video(container))
    if not packets:
        raise BadInput("no_video", f"{path.name} has no frame that can be decoded.")
    return Clip("video", packets, VIDEO_CLOCK_HZ // VIDEO_FPS, VIDEO_CLOCK_HZ)


def sound_clip(path: Path) -> Clip:
    """The first minute of sound of a file, mono, in packets of 20 ms.

    Raises:
        BadInput: ``no_file``, ``bad_media``, ``no_sound``.
    """
    with _open(path) as container:
        if not container.streams.audio:
            raise BadInput("no_sound", f"{path.name} has no sound.", hint="Give a file with sound.")
        packets = _decoding(path, _encode_sound(container))
    if not packets:
        raise BadInput("no_sound", f"{path.name} has no sound that can be decoded.")
    return Clip("audio", packets, round(SOUND_HZ * SOUND_PACKET_S), SOUND_HZ)


def _open(path: Path) -> Any:
    if not path.is_file():
        raise BadInput("no_file", f"There is no file {path}.", hint="Check the path.")
    try:
        return av.open(str(path))
    except (av.FFmpegError, OSError):
        raise _bad(path) from None


def _decoding(path: Path, packets: Iterator[bytes]) -> tuple[bytes, ...]:
    try:
        return tuple(packets)
    except (av.FFmpegError, ValueError):
        raise _bad(path) from None


def _bad(path: Path) -> BadInput:
    return BadInput(
        "bad_media", f"{path.name} cannot be read as media.", hint="Try mp4, webm, mkv or wav."
    )


def _encode_video(container: Any) -> Iterator[bytes]:
    encoder: Any = None
    for index, frame in enumerate(_every_tenth_second(container)):
        if encoder is None:
            encoder = _vp8(*_fit(frame.width, frame.height))
        small = frame.reformat(encoder.width, encoder.height, format="yuv420p")
        small.pts, small.time_base = index, Fraction(1, VIDEO_FPS)
        small.pict_type = av.video.frame.PictureType.NONE
        yield from (bytes(packet) for packet in encoder.encode(small))
    if encoder is not None:
        yield from (bytes(packet) for packet in encoder.encode(None))


def _every_tenth_second(container: Any) -> Iterator[Any]:
    """The newest frame at each tenth of a second; a frame that lasts longer is repeated."""
    due = 0
    shown: Any = None
    start: float | None = None
    for frame in container.decode(video=0):
        time_s = frame.time or 0.0
        start = time_s if start is None else start
        while shown is not None and due / VIDEO_FPS < time_s - start - 1e-6:
            yield shown
            due += 1
        shown = frame
        if due >= LONGEST_CLIP_S * VIDEO_FPS:
            return
    if shown is not None:
        yield shown


def _fit(width: int, height: int) -> tuple[int, int]:
    """The size within 320x240 that keeps the shape; both even, as 4:2:0 needs."""
    scale = min(VIDEO_WIDTH / width, VIDEO_HEIGHT / height, 1.0)
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


def _vp8(width: int, height: int) -> Any:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, VIDEO_FPS)
    encoder.framerate = Fraction(VIDEO_FPS)
    encoder.bit_rate = VIDEO_BITS_PER_S
    encoder.gop_size = KEYFRAME_EVERY_S * VIDEO_FPS
    # No lag and no hidden reference frames: one packet for each frame.
    encoder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    encoder.thread_count = 1
    return encoder


def _encode_sound(container: Any) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", SOUND_HZ
    encoder.bit_rate = SOUND_BITS_PER_S
    encoder.options = {"application": "voip", "frame_duration": f"{SOUND_PACKET_S * 1000:g}"}
    samples = round(SOUND_HZ * SOUND_PACKET_S)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_HZ, frame_size=samples)
    count = 0
    for frame in container.decode(audio=0):
        for part in resampler.resample(frame):
            if part.samples == samples and count < LONGEST_CLIP_S / SOUND_PACKET_S:
                part.pts, part.time_base = count * samples, Fraction(1, SOUND_HZ)
                yield from (bytes(packet) for packet in encoder.encode(part))
                count += 1
