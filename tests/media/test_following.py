"""The net searches a picture only where something moved; each picture is cropped all the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.media.senders import WEIGHTS, moving, needs_weights, portrait
from tutor_emotion.media.cropping import FaceCropper
from tutor_emotion.media.following import MOST_REUSED, Follower

pytestmark = needs_weights


class Counting(FaceCropper):
    searches = 0

    def detect(self, rgb):
        self.searches += 1
        return super().detect(rgb)


@pytest.fixture
def cropper() -> Counting:
    return Counting(WEIGHTS)


def noisy(picture: np.ndarray, seed: int) -> np.ndarray:
    grain = np.random.default_rng(seed).normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def look(eye, picture, index: int = 0):
    return eye.look(picture, at_s=index / 5, media_s=index / 5)


def test_a_still_face_is_searched_once_a_second_and_cropped_in_every_picture(cropper):
    eye = Follower(cropper)
    seen = [look(eye, noisy(portrait(), index), index) for index in range(20)]
    assert cropper.searches == 20 / (MOST_REUSED + 1)
    assert [one.word for one in seen] == ["ok"] * 20
    assert [one.at_s for one in seen] == [index / 5 for index in range(20)]
    assert not np.array_equal(seen[0].crop.pixels, seen[1].crop.pixels)


def test_the_first_crop_is_the_cropper_s_own(cropper):
    ours, true = look(Follower(cropper), portrait()), look(cropper, portrait())
    assert np.array_equal(ours.crop.pixels, true.crop.pixels)


def test_where_the_head_moves_the_crop_stays_with_it(cropper):
    """A reused box is at most two pixels of the frame away from where the net would find it."""
    eye, plain = Follower(cropper), FaceCropper(WEIGHTS)
    for index in range(25):
        picture = moving(portrait(), index / 25)  # 5 s of it, slowed down to a fifth
        look(eye, picture, index)
        assert np.abs(eye._faces[0].box - plain.detect(picture)[0].box).max() < 2.5
    assert 5 <= cropper.searches <= 25


def test_whoever_comes_goes_or_turns_the_light_off_is_noticed_at_once(cropper):
    eye = Follower(cropper)
    nobody = np.full((240, 320, 3), 120, np.uint8)
    two = np.hstack([portrait()[:, 80:240]] * 2)
    scenes = [portrait(), nobody, portrait(), two, np.zeros_like(two), portrait()]
    words = [look(eye, scene, index).word for index, scene in enumerate(scenes)]
    assert words == ["ok", "no_face", "ok", "ambiguous_face", "too_dark", "ok"]


def test_a_picture_of_another_size_is_searched(cropper):
    eye = Follower(cropper)
    look(eye, portrait())
    small = cv2.resize(portrait(), (160, 120), interpolation=cv2.INTER_AREA)
    assert look(eye, small).word == "too_small"
    assert cropper.searches == 2
