"""Decoded frames of any size become small RGB pictures that look the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from av import VideoFrame

from tests.media.senders import portrait
from tutor_emotion.media.pixels import fit, to_rgb


def frame_of(width: int, height: int, form: str = "yuv420p") -> VideoFrame:
    picture = cv2.resize(portrait(), (width, height))
    return VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=form)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((320, 240), (320, 240)),
        ((640, 480), (320, 240)),
        ((160, 120), (160, 120)),
        ((1280, 720), (320, 180)),
        ((240, 320), (180, 240)),
        ((321, 241), (318, 240)),
        ((175, 143), (174, 142)),
        ((2000, 17), (320, 2)),
    ],
)
def test_a_frame_keeps_its_shape_and_fits(size, expected):
    assert fit(*size, 320, 240) == expected
    rgb = to_rgb(frame_of(*size), 320, 240)
    assert rgb.shape == (expected[1], expected[0], 3)
    assert rgb.dtype == np.uint8


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (176, 144), (641, 479), (175, 143)])
@pytest.mark.parametrize("form", ["yuv420p", "nv12", "rgb24"])
def test_it_looks_the_same(size, form):
    rgb = to_rgb(frame_of(*size, form), 320, 240).astype(float)
    true = cv2.resize(portrait(), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
    assert (
        np.abs(rgb - true).mean() < 10
    )  # half the chroma, a resize more, and up to one pixel of shift


def test_a_frame_without_room_for_a_face_is_refused():
    with pytest.raises(ValueError, match="frame_too_small"):
        to_rgb(frame_of(8, 8), 320, 240)
