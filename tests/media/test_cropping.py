"""The largest face, upright and alone; a word where there is none. A real face, a real net."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media.senders import WEIGHTS, needs_weights, portrait
from tutor_emotion.errors import Unavailable
from tutor_emotion.media.blazeface import ANCHORS, decode
from tutor_emotion.media.cropping import BUNDLE, FaceCropper, cut_upright

pytestmark = needs_weights


@pytest.fixture(scope="module")
def cropper() -> FaceCropper:
    return FaceCropper(WEIGHTS)


def look(cropper: FaceCropper, picture: np.ndarray):
    return cropper.look(picture, at_s=1.0, media_s=2.0)


def turned(degrees: float) -> np.ndarray:
    return cv2.warpAffine(portrait(), cv2.getRotationMatrix2D((160, 120), degrees, 1), (320, 240))


def beside(left: np.ndarray, right_scale: float) -> np.ndarray:
    """Two faces in one picture (240, 400, 3)."""
    face = portrait()[:, 60:260]
    small = cv2.resize(face, None, fx=right_scale, fy=right_scale)
    canvas = np.full((240, 400, 3), 120, np.uint8)
    canvas[:, :200] = left
    canvas[: small.shape[0], 200 : 200 + small.shape[1]] = small
    return canvas


def test_a_face_becomes_a_crop(cropper):
    seen = look(cropper, portrait())
    assert (seen.word, seen.other_faces) == ("ok", 0)
    crop = seen.crop
    assert crop.pixels.shape == (192, 192, 3)
    assert crop.pixels.dtype == np.uint8
    assert (crop.at_s, crop.media_s) == (1.0, 2.0)
    assert 0.3 < crop.scale < 0.5
    assert abs(crop.roll_deg) < 10
    assert crop.quality > 0.7


def test_the_detector_finds_the_eyes_where_they_are(cropper):
    [face] = cropper.detect(portrait())
    right, left, nose, mouth = face.keypoints[:4]
    assert np.hypot(*(right - (130.3, 80.8))) < 3  # measured by hand in the picture
    assert np.hypot(*(left - (165.3, 82.7))) < 3
    assert right[0] < nose[0] < left[0]
    assert right[1] < nose[1] < mouth[1]


@pytest.mark.parametrize("degrees", [-40, -20, 20, 40])
def test_a_tilted_head_is_made_upright(cropper, degrees):
    straight, tilted = look(cropper, portrait()).crop, look(cropper, turned(degrees)).crop
    assert tilted.roll_deg - straight.roll_deg == pytest.approx(-degrees, abs=10)
    upright = cropper.detect(tilted.pixels)[0].keypoints
    eyes = upright[1] - upright[0]
    assert abs(np.degrees(np.arctan2(eyes[1], eyes[0]))) < 8


def test_the_crop_does_not_depend_on_where_the_face_is(cropper):
    moved = np.roll(portrait(), (6, 30), axis=(0, 1))
    a, b = look(cropper, portrait()).crop, look(cropper, moved).crop
    inner = slice(48, 144)
    difference = np.abs(a.pixels[inner, inner].astype(int) - b.pixels[inner, inner])
    assert difference.mean() < 14


@pytest.mark.parametrize(
    ("name", "picture", "word"),
    [
        ("an empty room", np.full((240, 320, 3), 120, np.uint8), "no_face"),
        ("noise", np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8), "no_face"),
        ("a covered camera", np.zeros((240, 320, 3), np.uint8), "too_dark"),
        ("the sun", np.full((240, 320, 3), 255, np.uint8), "too_bright"),
        ("one pixel high", np.full((1, 320, 3), 90, np.uint8), "no_face"),
    ],
)
def test_no_face_has_a_word_and_no_crop(cropper, name, picture, word):
    seen = look(cropper, picture)
    assert (seen.word, seen.crop) == (word, None)


def test_dark_blurred_and_small_faces_have_their_words(cropper):
    face = portrait()
    assert look(cropper, (face * 0.12).astype(np.uint8)).word == "too_dark"
    assert look(cropper, cv2.GaussianBlur(face, (0, 0), 5)).word == "blurred"
    far = np.full((240, 320, 3), 120, np.uint8)
    far[60:168, 90:234] = cv2.resize(face, (144, 108), interpolation=cv2.INTER_AREA)
    assert look(cropper, far).word == "too_small"


def test_two_faces_as_large_are_ambiguous_and_a_small_one_is_only_counted(cropper):
    left = portrait()[:, 60:260]
    rivals = look(cropper, beside(left, 1.0))
    assert (rivals.word, rivals.crop, rivals.other_faces) == ("ambiguous_face", None, 1)
    passer_by = look(cropper, beside(left, 0.6))
    assert (passer_by.word, passer_by.other_faces) == ("ok", 1)


def test_many_threads_get_the_same_answer(cropper):
    with ThreadPoolExecutor(4) as pool:
        crops = list(pool.map(lambda _: look(cropper, portrait()).crop.pixels, range(16)))
    assert all((crop == crops[0]).all() for crop in crops)


def test_anchors_and_wild_outputs():
    assert ANCHORS.shape == (896, 2)
    assert ANCHORS.min() == 1 / 32
    assert len(np.unique(ANCHORS, axis=0)) == 16 * 16 + 8 * 8
    wild = np.full((896, 16), np.nan, np.float32)
    assert decode(wild, np.full(896, 9.0, np.float32), 1.0, 0.0, 0.0) == []
    nothing = np.zeros((896, 16), np.float32)
    assert decode(nothing, np.full(896, -9.0, np.float32), 1.0, 0.0, 0.0) == []


def test_a_face_at_the_edge_is_cut_all_the_same(cropper):
    [face] = cropper.detect(portrait())
    pixels, _ = cut_upright(portrait()[:, 140:], face, 192)
    assert pixels.shape == (192, 192, 3)


def test_missing_or_broken_weights_say_what_to_do(tmp_path: Path):
    with pytest.raises(Unavailable) as missing:
        FaceCropper(tmp_path)
    (tmp_path / BUNDLE).write_bytes(b"not the file of the manifest")
    with pytest.raises(Unavailable) as broken:
        FaceCropper(tmp_path)
    assert (missing.value.code, broken.value.code) == ("weights_missing", "weights_corrupt")
    assert "fetch_weights" in missing.value.hint
