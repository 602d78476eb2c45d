"""A clip as R1-Omni is asked about it: some pictures over its whole length, and its sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from tutor_emotion.core.types import SAMPLE_RATE_HZ, Int16Sound, UInt8Image
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clip_set import Senses
from tutor_emotion.evaluation.sounds import read_sound
from tutor_emotion.nets.r1_omni.prepare import MAX_PX, MIN_PX, frame_numbers

HEARD_S = 30.0  # the model's window; what is said later is not heard, as in the original
LONGEST_S = 900.0
# A header's count may differ from what can be decoded by what an edit list hides.
_LOST_FRAMES, _LOST_SHARE = 2, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One clip in memory. ``pictures``: RGB uint8 (height, width, 3), empty where there is no
    picture to see; ``at_s`` their times; ``sound``: 16 kHz mono, None where there is none."""

    pictures: tuple[UInt8Image, ...] = field(repr=False)
    at_s: tuple[float, ...]
    sound: Int16Sound | None = field(repr=False)
    seconds: float

    @property
    def senses(self) -> Senses:
        if not self.pictures:
            return "audio"
        return "video" if self.sound is None else "video_audio"


def decode(path: Path, senses: Senses, *, named: bool = False, count: int = 8) -> Decoded:
    """What there is of these senses in a file. Without a sound track the picture is left alone;
    where the file is ``named`` after what it has, that is refused, as is a track too many.

    Raises:
        BadInput: ``file_missing``, ``clip_unreadable``, ``clip_no_picture``, ``clip_no_sound``,
            ``clip_truncated``, ``clip_length``, ``clip_shape``, ``clip_not_as_named``; of a sound
            file those of ``read_sound``.
    """
    if path.suffix.lower() != ".mp4":
        sound = read_sound(path)
        return Decoded((), (), sound, len(sound) / SAMPLE_RATE_HZ)
    try:
        pictures: list[UInt8Image] = []
        at_s: list[float] = []
        seconds = 0.0
        if senses != "audio":
            pictures, at_s, seconds = _seen(path, count)
        if named:
            _refuse_misnamed(path, senses)
        sound_or_none = None if senses == "video" else _heard(path)
    except FileNotFoundError:
        raise BadInput("file_missing", f"There is no file {path.name}.") from None
    except (av.FFmpegError, OSError, ValueError, EOFError, MemoryError) as error:
        raise BadInput("clip_unreadable", f"{path.name} is no whole clip: {error}") from None
    if senses == "audio" and sound_or_none is None:
        raise BadInput("clip_no_sound", f"{path.name} has no sound.")
    if sound_or_none is not None:
        seconds = max(seconds, len(sound_or_none) / SAMPLE_RATE_HZ)
    return Decoded(tuple(pictures), tuple(at_s), sound_or_none, seconds)


def _opened(path: Path) -> InputContainer:
    # As what its name says and nothing else: left to guess, the decoder takes a list of other
    # files (HLS, ffconcat) for a clip and opens them.
    opened: InputContainer = av.open(str(path), format="mov")
    return opened


# --- pictures ------------------------------------------------------------------------------------


def _seen(path: Path, count: int) -> tuple[list[UInt8Image], list[float], float]:
    """Only the frames that are wanted are turned into pixels: a long clip needs no more memory."""
    promised = _promised(path)
    wanted = frame_numbers(promised, count)
    kept: dict[int, tuple[UInt8Image, float]] = {}
    last: av.VideoFrame | None = None
    decoded = 0
    with _opened(path) as opened:
        for frame in opened.decode(opened.streams.video[0]):
            if not all(MIN_PX <= side <= MAX_PX for side in (frame.width, frame.height)):
                raise BadInput(
                    "clip_shape",
                    f"{path.name} is {frame.width} x {frame.height} px; "
                    f"a side has {MIN_PX} to {MAX_PX}.",
                )
            if decoded in wanted:
                kept[decoded] = _pixels(frame)
            last = frame
            decoded += 1
    if last is None:
        raise BadInput("clip_no_picture", f"{path.name} has no frame that can be decoded.")
    if promised - decoded > max(_LOST_FRAMES, _LOST_SHARE * promised):
        raise BadInput(
            "clip_truncated",
            f"{path.name} ends after {decoded} of {promised} frames: it is not whole.",
        )
    end = _pixels(last)
    found = [kept.get(index, end) for index in wanted]
    return [picture for picture, _ in found], [at_s for _, at_s in found], end[1]


def _promised(path: Path) -> int:
    """How many frames the container says, or holds packets of, where it does not say.

    Raises:
        BadInput: ``clip_no_picture``, ``clip_length``.
    """
    with _opened(path) as opened:
        if not opened.streams.video:
            raise BadInput("clip_no_picture", f"{path.name} has no picture.")
        stream = opened.streams.video[0]
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base)
            if seconds > LONGEST_S:
                raise BadInput(
                    "clip_length", f"{path.name} lasts {seconds:.0f} s; at most {LONGEST_S:g}."
                )
        promised = stream.frames or sum(packet.size > 0 for packet in opened.demux(stream))
    if not promised:
        raise BadInput("clip_no_picture", f"{path.name} holds no frame.")
    return promised


def _pixels(frame: av.VideoFrame) -> tuple[UInt8Image, float]:
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), float(frame.time or 0.0)


def _refuse_misnamed(path: Path, senses: Senses) -> None:
    with _opened(path) as opened:
        heard = bool(opened.streams.audio)
    if heard != (senses == "video_audio"):
        has = "has a sound track" if heard else "has no sound track"
        raise BadInput("clip_not_as_named", f"{path.name} {has}, and its name says otherwise.")


# --- sound ---------------------------------------------------------------------------------------


def _heard(path: Path) -> Int16Sound | None:
    """The first 30 s of the first sound track; None where there is no track, or nothing in it."""
    with _opened(path) as opened:
        if not opened.streams.audio:
            return None
        stream = opened.streams.audio[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        parts: list[AudioFrame] = []
        heard = 0
        for frame in opened.decode(stream):
            more = resampler.resample(frame)
            parts += more
            heard += sum(part.samples for part in more)
            if heard >= HEARD_S * SAMPLE_RATE_HZ:
                break
        parts += resampler.resample(None)
    return _joined(parts)


def _joined(parts: Sequence[AudioFrame]) -> Int16Sound | None:
    samples = [np.asarray(part.to_ndarray(), np.int16).reshape(-1) for part in parts]
    whole = np.concatenate([np.empty(0, np.int16), *samples])
    return whole[: int(HEARD_S * SAMPLE_RATE_HZ)] if whole.size else None
