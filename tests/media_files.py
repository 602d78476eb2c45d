"""Camera and microphone files, made at test time: a real face that moves, and speech.

The face is the portrait of Eileen Collins (NASA, public domain) that scikit-image carries; the
speech is espeak-ng's where it is installed, else ``tests.speech_synthesis``. Everything is
deterministic, and made once per process in a temporary folder that is removed at the end.

``video("face")``, ``video("two_faces", ".y4m")``, ``speech_wav()`` return paths; on a command line
``python -m tests.media_files FOLDER`` writes the set that a person needs for ``simulate_learner``.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
import wave
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import av
import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

from tests.speech_synthesis import speech

Scene: TypeAlias = Literal[
    "face",  # one face, near; it sways, nods, leans in, and the light changes a little
    "no_face",  # the same room with nobody in it
    "two_faces",  # a second person, as near as the first
    "black",  # a covered lens
    "dark",  # a face in a room with the light off
    "far",  # a face too small to be read
]
SCENES: tuple[Scene, ...] = get_args(Scene)
Suffix: TypeAlias = Literal[".y4m", ".mjpeg", ".mp4", ".webm"]
Image: TypeAlias = NDArray[np.uint8]

WIDTH, HEIGHT, FPS, SECONDS = 320, 240, 10, 12
SOUND_RATE_HZ = 48_000
# Where the face is in the portrait, and how wide (px).
_FACE_X, _FACE_Y, _FACE_PX = 222.0, 118.0, 96.0


@lru_cache(maxsize=1)
def folder() -> Path:
    """This process's own folder for media; it goes when the process ends."""
    path = Path(tempfile.mkdtemp(prefix="tutor-emotion-media-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@lru_cache(maxsize=1)
def portrait() -> Image:
    """The picture of a face: RGB uint8 (512, 512, 3)."""
    return np.asarray(skimage.data.astronaut(), dtype=np.uint8)


def frames(
    scene: Scene,
    *,
    seconds: float = SECONDS,
    fps: int = FPS,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Iterator[Image]:
    """The pictures of a scene, RGB uint8 (height, width, 3); it loops without a jump."""
    count = round(seconds * fps)
    noise = np.random.default_rng(7)
    for index in range(count):
        picture = _picture(scene, index / count, width, height)
        grain = noise.normal(0.0, 1.5, picture.shape)
        yield np.clip(picture + grain, 0, 255).astype(np.uint8)


def _picture(scene: Scene, phase: float, width: int, height: int) -> NDArray[np.float64]:
    """One picture; ``phase`` goes from 0 to 1 through the loop."""
    if scene == "black":
        return np.zeros((height, width, 3))
    if scene == "no_face":
        return _room(phase, width, height)
    turn = 2 * np.pi * phase
    light = 1.0 + 0.08 * np.sin(3 * turn)
    if scene == "far":
        room = _room(phase, width, height)
        small = _head(turn, width // 3, height // 3, face_share=0.34)
        top, left = height // 3, width // 2
        room[top : top + height // 3, left : left + width // 3] = small
        return room
    if scene == "two_faces":
        left_half = _head(turn, width // 2, height, face_share=0.5)
        right_half = _head(-turn, width - width // 2, height, face_share=0.5)
        return np.hstack([left_half, right_half[:, ::-1]]) * light
    return _head(turn, width, height, face_share=0.34) * (0.07 if scene == "dark" else light)


def _head(turn: float, width: int, height: int, *, face_share: float) -> NDArray[np.float64]:
    """The portrait with the head swaying, nodding, tilting and leaning in and out."""
    scale = face_share * width / _FACE_PX * (1 + 0.07 * np.sin(turn))
    matrix = cv2.getRotationMatrix2D((_FACE_X, _FACE_Y), 6.0 * float(np.sin(2 * turn)), scale)
    matrix[0, 2] += width / 2 - _FACE_X + 0.03 * width * np.sin(2 * turn)
    matrix[1, 2] += height * 0.48 - _FACE_Y + 0.03 * height * np.sin(4 * turn)
    warped = cv2.warpAffine(
        portrait(), matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.float64)


def _room(phase: float, width: int, height: int) -> NDArray[np.float64]:
    """A wall, a window and a shelf; the light moves."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    wall = 110 + 60 * x + 25 * y + 6 * np.sin(2 * np.pi * phase)
    picture = np.stack([wall, wall * 0.95, wall * 0.88], axis=-1)
    picture[height // 8 : height // 2, width // 10 : width // 3] = (205.0, 215.0, 230.0)
    picture[3 * height // 4 : 3 * height // 4 + 6, width // 2 :] = (95.0, 70.0, 50.0)
    return picture


@lru_cache(maxsize=32)
def video(
    scene: Scene = "face",
    suffix: Suffix = ".webm",
    *,
    seconds: float = SECONDS,
    fps: int = FPS,
    width: int = WIDTH,
    height: int = HEIGHT,
    sound: bool = False,
) -> Path:
    """A file of a scene. ``.y4m`` and ``.mjpeg`` are what Chromium takes as a camera.

    ``sound`` adds a track of speech (``.mp4`` and ``.webm`` only).
    """
    name = f"{scene}-{width}x{height}-{fps}-{seconds:g}{'-sound' if sound else ''}{suffix}"
    path = folder() / name
    pictures = frames(scene, seconds=seconds, fps=fps, width=width, height=height)
    if suffix == ".y4m":
        _write_y4m(path, pictures, fps, width, height)
    elif suffix == ".mjpeg":
        _write_mjpeg(path, pictures)
    else:
        _write_container(path, pictures, fps, width, height, speech(seconds) if sound else None)
    return path


def _write_y4m(path: Path, pictures: Iterator[Image], fps: int, width: int, height: int) -> None:
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            file.write(b"FRAME\n" + cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).tobytes())


def _write_mjpeg(path: Path, pictures: Iterator[Image]) -> None:
    with path.open("wb") as file:
        for picture in pictures:
            bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            file.write(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())


def _write_container(
    path: Path,
    pictures: Iterator[Image],
    fps: int,
    width: int,
    height: int,
    sound: NDArray[np.int16] | None,
) -> None:
    webm = path.suffix == ".webm"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx" if webm else "libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 800_000
        stream.options = {"deadline": "realtime", "cpu-used": "8"} if webm else {"preset": "fast"}
        voice = None
        if sound is not None:
            voice = container.add_stream("libopus" if webm else "aac", rate=SOUND_RATE_HZ)
            voice.layout = "mono"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        if voice is not None and sound is not None:
            for frame in _audio_frames(sound):
                container.mux(voice.encode(frame))
            container.mux(voice.encode(None))


def _audio_frames(sound: NDArray[np.int16]) -> Iterator[av.AudioFrame]:
    """The sound as mono frames of 20 ms."""
    size = SOUND_RATE_HZ // 50
    for start in range(0, len(sound), size):
        frame = av.AudioFrame.from_ndarray(
            sound[None, start : start + size], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = (
            SOUND_RATE_HZ,
            start,
            Fraction(1, SOUND_RATE_HZ),
        )
        yield frame


def write_wav(path: Path, sound: NDArray[np.int16], rate_hz: int = SOUND_RATE_HZ) -> Path:
    """Mono 16 bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(sound.astype("<i2").tobytes())
    return path


@lru_cache(maxsize=8)
def speech_wav(seconds: float = SECONDS, rate_hz: int = SOUND_RATE_HZ) -> Path:
    """A file of sentences with pauses between them."""
    path = folder() / f"speech-{seconds:g}-{rate_hz}.wav"
    return write_wav(path, speech(seconds, rate_hz), rate_hz)


@lru_cache(maxsize=8)
def silence_wav(seconds: float = SECONDS, rate_hz: int = SOUND_RATE_HZ) -> Path:
    """A file of a quiet room: noise at -70 dBFS."""
    noise = np.random.default_rng(3).normal(0, 10.0, int(seconds * rate_hz)).astype(np.int16)
    return write_wav(folder() / f"silence-{seconds:g}-{rate_hz}.wav", noise, rate_hz)


def main(destination: str) -> None:
    target = Path(destination)
    target.mkdir(parents=True, exist_ok=True)
    for path in [video(scene, ".webm") for scene in SCENES] + [speech_wav(20.0), silence_wav()]:
        shutil.copy(path, target / path.name)
        sys.stdout.write(f"{target / path.name}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "var/media")
