"""A decoded frame as a small RGB picture, by resizing its planes and not the whole picture."""

from __future__ import annotations

import cv2
import numpy as np
from av import VideoFrame

from tutor_emotion.core.types import UInt8Image

PLANAR = frozenset({"yuv420p", "yuvj420p"})
MIN_SIDE_PX = 16


def fit(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """The largest even size of the same shape inside the limits; never larger than it is."""
    scale = min(1.0, max_width / width, max_height / height)
    return max(2, int(width * scale) & ~1), max(2, int(height * scale) & ~1)


def to_rgb(frame: VideoFrame, max_width: int, max_height: int) -> UInt8Image:
    """RGB uint8 (H, W, 3) of at most ``max_width`` x ``max_height`` px, the shape kept.

    A phone that is turned sends a frame of another size: its browser turns the picture, since we do
    not negotiate an orientation extension.

    Raises:
        ValueError: the frame is smaller than a face can be.
    """
    if min(frame.width, frame.height) < MIN_SIDE_PX:
        raise ValueError("frame_too_small")
    if frame.format.name not in PLANAR:
        frame = frame.reformat(format="yuv420p")
    width, height = fit(frame.width, frame.height, max_width, max_height)
    i420 = np.empty((height * 3 // 2, width), np.uint8)
    quarter = i420[height:].reshape(2, height // 2, width // 2)
    _shrink(frame, 0, frame.width, frame.height, i420[:height])
    for plane in (1, 2):
        half = (frame.width + 1) // 2, (frame.height + 1) // 2
        _shrink(frame, plane, *half, quarter[plane - 1])
    return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), dtype=np.uint8)


def _shrink(frame: VideoFrame, index: int, width: int, height: int, target: UInt8Image) -> None:
    plane = frame.planes[index]
    pixels = np.frombuffer(memoryview(plane), np.uint8)
    rows = pixels[: plane.line_size * height].reshape(height, plane.line_size)[:, :width]
    goal_h, goal_w = target.shape
    if abs(goal_h - height) <= 1 and abs(goal_w - width) <= 1:
        target[:] = rows[:goal_h, :goal_w]  # an odd size loses one row or column
    else:
        cv2.resize(rows, (goal_w, goal_h), dst=target, interpolation=cv2.INTER_AREA)
