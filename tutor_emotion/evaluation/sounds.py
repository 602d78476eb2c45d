"""A sound file as the nets hear it: 16 kHz mono int16."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from tutor_emotion.core.types import SAMPLE_RATE_HZ, Int16Sound
from tutor_emotion.errors import BadInput

SHORTEST_S, LONGEST_S = 0.1, 120.0
# By the name's end and nothing else: left to guess, the decoder takes a list of other files (HLS,
# ffconcat) for a sound and opens them.
_CONTAINERS = {
    ".wav": "wav",
    ".flac": "flac",
    ".mp3": "mp3",
    ".ogg": "ogg",
    ".opus": "ogg",
    ".m4a": "mov",
    ".webm": "matroska",
    ".aac": "aac",
}
_LAST_PAGE = 1 << 17  # bytes; a page of ogg has at most 65,307
# Containers whose header tells the decoder how many samples follow; others only estimate it.
_COUNTED = frozenset({"flac"})
_LOST_S = 0.05
_UNKNOWN_SIZE = frozenset({0, 0xFFFFFFFF})  # of a WAV that was written as it came


def read_sound(path: Path) -> Int16Sound:
    """The first sound track, (samples,).

    Raises:
        BadInput: ``file_missing``, ``sound_unreadable``, ``sound_truncated``, ``sound_length``.
    """
    try:
        _refuse_cut_wav(path)
        _refuse_cut_ogg(path)
        with av.open(str(path), format=_CONTAINERS.get(path.suffix.lower())) as opened:
            if not opened.streams.audio:
                raise BadInput("sound_unreadable", f"{path.name} has no sound.")
            stream = opened.streams.audio[0]
            promised_s = (
                float(stream.duration * stream.time_base)
                if stream.duration and stream.time_base and opened.format.name in _COUNTED
                else 0.0
            )
            resampler = AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE_HZ)
            parts: list[AudioFrame] = []
            for frame in opened.decode(stream):
                parts += resampler.resample(frame)
                if len(parts) and parts[-1].time and parts[-1].time > LONGEST_S:
                    break
            parts += resampler.resample(None)
    except FileNotFoundError:
        raise BadInput("file_missing", f"There is no file {path.name}.") from None
    except (av.FFmpegError, OSError, ValueError, EOFError, MemoryError) as error:
        raise BadInput("sound_unreadable", f"{path.name} is no whole sound: {error}") from None
    return _checked(
        path, [np.asarray(p.to_ndarray(), np.float32).reshape(-1) for p in parts], promised_s
    )


def _checked(path: Path, parts: list[NDArray[np.float32]], promised_s: float) -> Int16Sound:
    samples = np.concatenate([np.empty(0, np.float32), *parts])
    seconds = len(samples) / SAMPLE_RATE_HZ
    if not np.isfinite(samples).all():
        raise BadInput("sound_unreadable", f"{path.name} holds samples that are no numbers.")
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadInput(
            "sound_length",
            f"{path.name} lasts {seconds:.2f} s; an utterance has {SHORTEST_S:g} to {LONGEST_S:g}.",
        )
    if seconds < promised_s - _LOST_S:
        raise BadInput(
            "sound_truncated",
            f"{path.name} ends after {seconds:.2f} of {promised_s:.2f} s: it is not whole.",
        )
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)


def _refuse_cut_wav(path: Path) -> None:
    """The decoder takes what there is of a WAV for all of it; its header knows better."""
    with path.open("rb") as opened:
        head = opened.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return
        end = path.stat().st_size
        while len(chunk := opened.read(8)) == 8:
            size = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"data":
                if size not in _UNKNOWN_SIZE and opened.tell() + size > end:
                    raise BadInput(
                        "sound_truncated",
                        f"{path.name} holds {end - opened.tell()} of {size} bytes of sound: "
                        "it is not whole.",
                    )
                return
            opened.seek(size + size % 2, 1)


def _refuse_cut_ogg(path: Path) -> None:
    """The last page of a whole one says that it is the last (RFC 3533, section 6)."""
    with path.open("rb") as opened:
        if opened.read(4) != b"OggS":
            return
        opened.seek(-min(_LAST_PAGE, path.stat().st_size), 2)
        tail = opened.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 6 or not page[5] & 4:
        raise BadInput("sound_truncated", f"{path.name} has no last page: it is not whole.")
