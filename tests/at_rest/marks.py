"""A face, a room and a voice that can be known again, whatever was made of them.

The face and the room each carry a grating of two stripes whose widths have a ratio of their own:
scaled, cropped, turned a little, as JPEG or as raw bytes, the two peaks in the spectrum stay. The
voice carries two tones where nobody has any. What was sent is known as packets too.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests import media_files
from tests.speech_synthesis import speech
from tutor_emotion.simulate.clips import Clip, sound_clip, video_clip

Image = NDArray[np.uint8]
WIDTH, HEIGHT, FPS, SECONDS = 320, 240, 10, 8


@dataclass(frozen=True, slots=True)
class Grating:
    """Two stripes of different width, upright: the wider one in px of the frame, and its ratio."""

    name: str
    period_px: float
    ratio: float

    def wave(self, width: int) -> NDArray[np.float64]:
        """One row of it, from -1 to 1."""
        x = 2 * np.pi * np.arange(width) / self.period_px
        return np.asarray((np.cos(x) + np.cos(self.ratio * x)) / 2)


FACE = Grating("face", 9.0, 1.45)
ROOM = Grating("room", 11.0, 1.8)
TONES_HZ = (1237.0, 2711.0)
_STRENGTH = 46.0  # grey levels, to either side; the detector still sees the face


@lru_cache(maxsize=4)
def picture(*, marked: bool = True) -> Image:
    """RGB (240, 320, 3): the portrait; the room's mark is in strips left and right of the head."""
    scale = 0.34 * WIDTH / 96.0
    matrix = np.array(
        [[scale, 0, WIDTH / 2 - 222 * scale], [0, scale, HEIGHT * 0.48 - 118 * scale]]
    )
    plain = cv2.warpAffine(
        media_files.portrait(), matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float64)  # fmt: skip
    if not marked:
        return plain.astype(np.uint8)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    away = np.hypot((x - WIDTH / 2) / 62, (y - HEIGHT * 0.5) / 75)
    # Fainter over eyes and mouth, or the nets take it for no face.
    on_face = np.clip(3 - 2.5 * away, 0, 1) * np.clip(0.6 + 0.9 * (away - 0.45), 0.6, 1)
    in_room = np.clip((np.abs(x - WIDTH / 2) - 94) / 6, 0, 1)
    mark = on_face * FACE.wave(WIDTH) + in_room * ROOM.wave(WIDTH)
    return np.clip(plain * 0.8 + 25 + _STRENGTH * mark[..., None], 0, 255).astype(np.uint8)


@lru_cache(maxsize=4)
def voice(rate_hz: int = 48_000, *, marked: bool = True) -> NDArray[np.int16]:
    """Sentences, int16 mono; the tones sound only while somebody speaks."""
    said = speech(float(SECONDS), rate_hz).astype(np.float64) * 0.6
    loud = np.convolve(np.abs(said) > 200, np.ones(rate_hz // 20), "same") > 0
    at = 2 * np.pi * np.arange(len(said)) / rate_hz
    tones = sum(np.sin(at * hz) for hz in TONES_HZ)
    return np.clip(said + (2600.0 * loud * tones if marked else 0), -32768, 32767).astype(np.int16)


def video_file(folder: Path) -> Path:
    """The marked picture as a film, nearly without loss: what stands before the camera."""
    path = folder / "marked.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "8", "preset": "fast"}
        for number in range(SECONDS * FPS):
            frame = av.VideoFrame.from_ndarray(picture(), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sound_file(folder: Path) -> Path:
    path = folder / "marked.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(voice().tobytes())
    return path


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What a marked learner sends, ready made, with the packets that it is sent in."""

    video: Clip
    sound: Clip

    @property
    def packets(self) -> frozenset[bytes]:
        """Sixteen bytes of the middle of each packet: enough to know it, wherever it was cut."""
        whole = (*self.video.packets, *self.sound.packets)
        return frozenset(p[len(p) // 2 :][:16] for p in whole if len(p) >= 40)


def sent(folder: Path) -> Sent:
    """Both clips, from files in ``folder``."""
    return Sent(video_clip(video_file(folder)), sound_clip(sound_file(folder)))
