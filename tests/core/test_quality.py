"""Quality words, from pictures and sounds made here; the real face is in tests/media."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core.quality import (
    FLOOR_DBFS,
    FaceMeasures,
    SoundMeasures,
    frame_exposure,
    judge_face,
    judge_room,
    judge_speech,
    level_dbfs,
    luma,
    measure_face,
    measure_sound,
    turn_of,
)

GOOD = FaceMeasures(p10=60, p90=180, contrast=40, sharpness=0.3, eyes_px=45, turn=0.05)
FRONTAL = np.array([[100, 100], [140, 100], [120, 120]], np.float32)


def tone(level: float, hz: float = 220, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(int(16_000 * seconds)) / 16_000
    return np.clip(level * 32767 * np.sin(2 * np.pi * hz * t), -32768, 32767).astype(np.int16)


def test_a_good_face_is_ok_with_full_quality():
    assert judge_face(GOOD) == (1.0, "ok")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"eyes_px": 10.0}, "too_small"),
        ({"p10": 2.0, "p90": 30.0}, "too_dark"),
        ({"p10": 220.0, "p90": 255.0}, "too_bright"),
        ({"sharpness": 0.004}, "blurred"),
        ({"contrast": 3.0}, "blurred"),
    ],
)
def test_a_face_that_cannot_be_read_has_no_quality_and_a_reason(change, word):
    assert judge_face(replace(GOOD, **change)) == (0.0, word)


def test_a_turned_face_keeps_a_little():
    quality, word = judge_face(replace(GOOD, turn=0.9))
    assert word == "turned_away"
    assert 0 < quality < 0.5
    narrow = judge_face(replace(GOOD, turn=0.9, eyes_px=10.0))  # seen from the side, not far away
    assert narrow[1] == "turned_away"


def test_a_dark_skin_in_good_light_is_not_too_dark():
    dark_skin = replace(GOOD, p10=18.0, p90=95.0, contrast=25.0)
    quality, word = judge_face(dark_skin)
    assert (quality, word) == (1.0, "ok")


@given(
    st.floats(0, 255), st.floats(0, 255), st.floats(0, 120), st.floats(0, 3), st.floats(0, 200),
    st.floats(0, 3),
)  # fmt: skip
def test_quality_is_a_share_and_zero_only_with_a_reason(p10, p90, contrast, sharpness, eyes, turn):
    quality, word = judge_face(FaceMeasures(p10, p90, contrast, sharpness, eyes, turn))
    assert 0 <= quality <= 1
    assert (quality == 0) == (word not in ("ok", "turned_away"))


def test_turn_is_sideways_in_eye_distances_whatever_the_roll_and_size():
    assert turn_of(FRONTAL) == (40.0, 0.0)
    turned = FRONTAL + np.array([[0, 0], [0, 0], [20, 0]], np.float32)
    assert turn_of(turned)[1] == pytest.approx(0.5)
    angle = np.radians(30)
    rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    eyes, turn = turn_of((turned @ rotate.T * 2).astype(np.float32))
    assert eyes == pytest.approx(80, abs=0.01)
    assert turn == pytest.approx(0.5, abs=1e-3)
    assert turn_of(np.zeros((3, 2), np.float32))[1] == 2.0  # eyes in one point: nobody's front


def test_luma_and_exposure():
    white = np.full((4, 4, 3), 255, np.uint8)
    assert luma(white).mean() == pytest.approx(255, abs=0.1)
    assert luma(np.array([[[255, 0, 0]]], np.uint8))[0, 0] == pytest.approx(76.2, abs=0.1)
    assert [frame_exposure(v) for v in (2, 120, 252)] == ["too_dark", None, "too_bright"]


def test_a_blurred_picture_measures_less_sharp():
    rng = np.random.default_rng(1)
    sharp = rng.integers(0, 255, (192, 192, 3), dtype=np.uint8)
    soft = np.stack(np.meshgrid(np.arange(192), np.arange(192), [0, 0, 0])[:2]).sum(0)
    soft = (soft / 2).astype(np.uint8)
    keypoints = FRONTAL
    assert measure_face(sharp, keypoints).sharpness > 0.5
    assert measure_face(soft, keypoints).sharpness < 0.01


def test_levels_in_db_below_full_scale():
    assert level_dbfs(tone(1.0)) == pytest.approx(-3.01, abs=0.05)
    assert level_dbfs(tone(0.1)) == pytest.approx(-23.0, abs=0.05)
    assert level_dbfs(np.zeros(512, np.int16)) == FLOOR_DBFS
    assert level_dbfs(np.empty(0, np.int16)) == FLOOR_DBFS


def test_clipping_is_seen_and_a_loud_clean_voice_is_not_clipping():
    rng = np.random.default_rng(2)  # loudness of speech: Laplacian, with syllables
    voice = rng.laplace(0, 1500, 32_000) * np.abs(np.sin(np.arange(32_000) / 1500))
    shares = []
    for gain in (1, 2, 20, 60):
        sound = np.clip(gain * voice, -32768, 32767).astype(np.int16)
        shares.append(measure_sound(sound, None).clipped_share)
    assert max(shares[:2]) < 0.001
    assert min(shares[2:]) > 0.02
    assert measure_sound(np.full(10, -32768, np.int16), None).clipped_share == 1


@pytest.mark.parametrize(
    ("measures", "gap_share", "word"),
    [
        (SoundMeasures(-20, 0, 30), 0.0, "ok"),
        (SoundMeasures(-20, 0, None), 0.0, "ok"),
        (SoundMeasures(-8, 0.05, 30), 0.0, "clipped"),
        (SoundMeasures(-55, 0, 20), 0.0, "too_quiet"),
        (SoundMeasures(-20, 0, 3), 0.0, "noisy"),
    ],
)
def test_the_word_for_speech(measures, gap_share, word):
    quality, said = judge_speech(measures, gap_share)
    assert said == word
    assert (quality == 1.0) == (word == "ok")


def test_lost_sound_takes_quality_away():
    good = SoundMeasures(-20, 0, 30)
    assert [judge_speech(good, share)[0] for share in (0, 0.1, 0.5)] == [1.0, 0.8, 0.0]


def test_the_word_for_a_room_in_which_nobody_speaks():
    words = [judge_room(SoundMeasures(*m, None)) for m in ((-60, 0), (-20, 0), (-3, 0.2))]
    assert words == ["silent", "noisy", "clipped"]
