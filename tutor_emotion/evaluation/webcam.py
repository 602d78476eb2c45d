"""What poor webcams do to a face, by real codecs and plain optics: pictures to be judged on.

None of it is shared with ``training.augment``, so that a net is not judged by what it was taught.
Each change keeps shape and type, and gives the same pixels for the same picture, whatever is
beside it: what is random comes of a seed and the picture itself. Video is coded on one thread.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (px, px) grey
Floats = NDArray[np.float32]
Change = Callable[[Picture], Picture]

SEED = 20261123
FAR_PX = 24
JPEG_QUALITY = 20
BLUR_SIGMA_PX = 1.5  # of 48, as every length here
DARK_GAMMA = 2.2
NOISE_SIGMA = 8.0  # of 255
SIDE_LIGHT = (1.35, 0.25)  # what the light is multiplied by at the lamp's side, at the other
HAND_GREY = 128
_SIDE_PX = 48.0

# A frame as the browser sends it; a face as large as that of a learner at arm's length.
FRAME_PX = (320, 240)
FACE_IN_FRAME_PX = 80
FRAMES, FRAMES_PER_S = 6, 10
VIDEO_BITS_PER_S = 40_000


def far(picture: Picture) -> Picture:
    """Seen by 24 px, enlarged again."""
    small = cv2.resize(picture, (FAR_PX, FAR_PX), interpolation=cv2.INTER_AREA)
    return _bytes(cv2.resize(small, picture.shape[::-1], interpolation=cv2.INTER_LINEAR))


def jpeg(picture: Picture, quality: int = JPEG_QUALITY) -> Picture:
    """Through a JPEG file."""
    _, packed = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return _bytes(np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)))


def blurred(picture: Picture, sigma_px: float = BLUR_SIGMA_PX) -> Picture:
    """Out of focus."""
    return _bytes(cv2.GaussianBlur(picture, (0, 0), sigma_px * picture.shape[0] / _SIDE_PX))


def dark(picture: Picture, gamma: float = DARK_GAMMA, noise: float = NOISE_SIGMA) -> Picture:
    """A room with little light, and what the sensor adds to it."""
    light = (picture.astype(np.float32) / 255) ** gamma * 255
    return _bytes(light + _random(picture).normal(0, noise, picture.shape))


def side_lit(picture: Picture, light: tuple[float, float] = SIDE_LIGHT) -> Picture:
    """A window or a lamp at the one side; which one, is drawn."""
    ramp = np.linspace(*light, picture.shape[1], dtype=np.float32)
    if _random(picture).random() < 0.5:
        ramp = ramp[::-1]
    return _bytes(picture.astype(np.float32) * ramp)


def hidden(picture: Picture) -> Picture:
    """A hand before the lower third: a flat ellipse of one grey."""
    px = picture.shape[0]
    centre, radii = (px // 2, round(px * 5 / 6)), (round(px * 0.4), px // 6)
    covered = picture.copy()
    return _bytes(cv2.ellipse(covered, centre, radii, 0, 0, 360, HAND_GREY, thickness=-1))


def h264(picture: Picture) -> Picture:
    """The last of some frames of a call by H.264 at 40 kbit/s."""
    return _through_video(picture, "libx264", {"preset": "veryfast", "tune": "zerolatency"})


def vp8(picture: Picture) -> Picture:
    """The last of some frames of a call by VP8 at 40 kbit/s."""
    return _through_video(picture, "libvpx", {"deadline": "realtime", "cpu-used": "8"})


def all_mild(picture: Picture) -> Picture:
    """Side light, little light, noise, slight blur and JPEG, each about half as strong, in the
    order in which light, lens, sensor and network add them."""
    seen = side_lit(picture, (1.15, 0.6))
    seen = blurred(seen, BLUR_SIGMA_PX / 2)
    return jpeg(dark(seen, 1.5, NOISE_SIGMA / 2), 2 * JPEG_QUALITY)


CHANGES: MappingProxyType[str, Change] = MappingProxyType(
    {
        "far": far,
        "jpeg": jpeg,
        "blurred": blurred,
        "dark": dark,
        "side_lit": side_lit,
        "hidden": hidden,
        "h264": h264,
        "vp8": vp8,
        "all_mild": all_mild,
    }
)


def degraded(pictures: NDArray[np.uint8], change: str) -> NDArray[np.uint8]:
    """Grey squares (n, px, px) → the same, as that change leaves them.

    Raises:
        KeyError: for a change that CHANGES does not name.
    """
    return np.stack([CHANGES[change](picture) for picture in pictures])


def _random(picture: Picture) -> np.random.Generator:
    return np.random.default_rng([SEED, zlib.crc32(picture.tobytes())])


def _bytes(values: NDArray[np.generic] | Floats) -> Picture:
    out: Picture = np.clip(np.round(np.asarray(values, np.float32)), 0, 255).astype(np.uint8)
    return out


# --- through a call ------------------------------------------------------------------------------


def _through_video(picture: Picture, codec: str, options: dict[str, str]) -> Picture:
    """The face in a room, swaying by a pixel, coded and decoded; the last frame's face."""
    frames = _call(picture)
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = FRAME_PX
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FRAMES_PER_S)
    encoder.framerate = Fraction(FRAMES_PER_S)
    encoder.bit_rate = VIDEO_BITS_PER_S
    encoder.thread_count = 1
    encoder.options = {**options, "maxrate": str(VIDEO_BITS_PER_S), "bufsize": "40000"}
    decoder = av.CodecContext.create({"libx264": "h264", "libvpx": "vp8"}[codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    seen: list[av.VideoFrame] = []
    for at, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(pixels, format="gray").reformat(format="yuv420p")
        frame.pts, frame.time_base = at, encoder.time_base
        seen += [out for packet in encoder.encode(frame) for out in decoder.decode(packet)]
    for packet in encoder.encode(None):
        seen += decoder.decode(packet)
    seen += decoder.decode(None)
    top, left = _corner(len(frames) - 1)
    last = seen[-1].reformat(format="gray").to_ndarray()
    face = last[top : top + FACE_IN_FRAME_PX, left : left + FACE_IN_FRAME_PX]
    return _bytes(cv2.resize(face, picture.shape[::-1], interpolation=cv2.INTER_AREA))


def _call(picture: Picture) -> list[Picture]:
    side = (FACE_IN_FRAME_PX, FACE_IN_FRAME_PX)
    face = _bytes(cv2.resize(picture, side, interpolation=cv2.INTER_LINEAR))
    frames = []
    for at in range(FRAMES):
        frame = _room().copy()
        top, left = _corner(at)
        frame[top : top + side[0], left : left + side[0]] = face
        frames.append(frame)
    return frames


def _corner(at: int) -> tuple[int, int]:
    """Where the face is in a frame: top, left."""
    width, height = FRAME_PX
    sway = (0, 1, 2, 2, 1, 0)[at % 6]
    return (height - FACE_IN_FRAME_PX) // 2 + sway // 2, (width - FACE_IN_FRAME_PX) // 2 + sway


@lru_cache(maxsize=1)
def _room() -> Picture:
    """What is behind the learner: shapes of any size, as in a room, the same for all."""
    width, height = FRAME_PX
    rng = np.random.default_rng(SEED)
    total: Floats = np.zeros((height, width), np.float32)
    for cells in (3, 8, 24, 80):
        coarse = rng.random((cells * height // width + 1, cells), dtype=np.float32)
        large = np.asarray(cv2.resize(coarse, FRAME_PX, interpolation=cv2.INTER_CUBIC), np.float32)
        total += large / cells**0.5
    low, high = float(total.min()), float(total.max())
    return _bytes(40 + 160 * (total - low) / (high - low))
