"""Clips → tensors, against Pillow and Whisper's own front end; and every odd clip."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import SiglipImageProcessorPil, WhisperFeatureExtractor

from tests.nets.r1_omni.tiny import TINY, pictures
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.config import FULL, Aspect, AudioConfig
from tutor_emotion.nets.r1_omni.prepare import frame_numbers, frames, mel, mels

SECOND = 16_000


def tone(seconds: float, hz: float = 220.0) -> np.ndarray:
    at = np.arange(round(seconds * SECOND)) / SECOND
    return np.asarray(0.4 * np.sin(2 * np.pi * hz * at), dtype=np.float32)


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (48, 48), (224, 224), (31, 500)])
@pytest.mark.parametrize("aspect", ["pad", "squash"])
def test_a_picture_is_what_siglips_own_processor_makes_of_it(
    size: tuple[int, int], aspect: Aspect
) -> None:
    (picture,) = pictures(1, *size)
    image = Image.fromarray(picture)
    if aspect == "pad":
        side = max(size)
        square = Image.new("RGB", (side, side), (127, 127, 127))
        square.paste(image, ((side - size[1]) // 2, (side - size[0]) // 2))
        image = square
    processor = SiglipImageProcessorPil(size={"height": 224, "width": 224})
    theirs = processor(image, return_tensors="pt").pixel_values[0]
    made = frames([picture], FULL, aspect)
    assert made.shape == (8, 3, 224, 224)
    assert float((made - theirs).abs().max()) < 1e-6


def test_the_config_says_whether_a_picture_is_padded() -> None:
    wide = pictures(1, 100, 200)
    squash = FULL.model_copy(update={"aspect": "squash"})
    assert torch.equal(frames(wide, FULL), frames(wide, FULL, "pad"))
    assert torch.equal(frames(wide, squash), frames(wide, FULL, "squash"))
    assert not torch.equal(frames(wide, squash), frames(wide, FULL))


def test_eight_frames_lie_in_the_middles_of_eight_parts() -> None:
    assert frame_numbers(17, 8) == [1, 3, 5, 7, 9, 11, 13, 15]
    assert frame_numbers(100, 8) == [6, 19, 31, 43, 56, 68, 80, 93]
    assert frame_numbers(8, 8) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert frame_numbers(3, 8) == [0, 0, 1, 1, 1, 1, 2, 2]
    for have in range(1, 60):
        for want in (1, 4, 8):
            numbers = frame_numbers(have, want)
            assert numbers == sorted(numbers)
            assert set(numbers) <= set(range(have))


def test_one_frame_is_repeated_and_black_ones_are_frames() -> None:
    (one,) = pictures(1)
    made = frames([one], TINY)
    assert made.shape == (4, 3, 32, 32)
    assert all(torch.equal(frame, made[0]) for frame in made)
    black = frames([np.zeros((48, 40, 3), np.uint8)] * 9, TINY, "squash")
    assert torch.equal(black, torch.full_like(black, -1.0))


def test_ten_minutes_of_frames_are_thinned_without_touching_the_others() -> None:
    class Reel(list[np.ndarray]):
        asked = 0

        def __getitem__(self, number: int) -> np.ndarray:  # type: ignore[override]
            self.asked += 1
            return super().__getitem__(number)

    reel = Reel([pictures(1)[0]] * 18_000)
    assert frames(reel, TINY).shape == (4, 3, 32, 32)
    assert reel.asked == 4


def test_a_read_only_picture_is_taken_and_left_as_it_is() -> None:
    picture = pictures(1)[0]
    picture.flags.writeable = False
    before = picture.copy()
    frames([picture], TINY)
    assert np.array_equal(picture, before)


def test_no_frames_are_refused() -> None:
    with pytest.raises(BadInput, match="no_frames"):
        frames([], TINY)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 40), np.uint8),
        np.zeros((48, 40, 4), np.uint8),
        np.zeros((48, 40, 3), np.float32),
        np.full((48, 40, 3), np.nan),
        np.zeros((0, 40, 3), np.uint8),
        np.zeros((2, 5000, 3), np.uint8),
        "picture",
        None,
    ],
)
def test_what_is_no_picture_is_refused_by_its_number(picture: object) -> None:
    with pytest.raises(BadInput, match="Picture 1"):
        frames([pictures(1)[0], picture], TINY)  # type: ignore[list-item]


@pytest.mark.parametrize("seconds", [0.001, 1, 5, 30, 31])
@pytest.mark.parametrize("bins", [80, 128])
def test_sound_is_what_whispers_front_end_makes_of_it(seconds: float, bins: int) -> None:
    rng = np.random.default_rng(0)
    sound = tone(seconds)
    sound += rng.normal(0, 0.01, len(sound)).astype(np.float32)
    config = FULL.model_copy(update={"audio": AudioConfig(bins=bins)})
    theirs = WhisperFeatureExtractor(feature_size=bins)(
        sound, sampling_rate=SECOND, return_tensors="pt"
    ).input_features[0]
    ours = mel(sound, config)
    assert ours.shape == (bins, 3000)
    assert float((ours - theirs).abs().max()) < 1e-4


def test_integers_and_floats_are_one_sound() -> None:
    sound = tone(0.5)
    whole = np.round(sound * 32768).astype(np.int16)
    exact = (whole / 32768).astype(np.float32)
    assert torch.equal(mel(whole, TINY), mel(exact, TINY))


def test_a_batch_is_its_rows() -> None:
    sounds = [tone(0.1), tone(0.6, 300), np.zeros(10, np.int16)]
    batch = mels(sounds, TINY)
    assert batch.shape == (3, 16, 60)
    for row, sound in zip(batch, sounds, strict=True):
        torch.testing.assert_close(row, mel(sound, TINY), atol=1e-5, rtol=1e-5)


def test_a_millisecond_and_silence_are_sounds() -> None:
    click = mel(np.full(16, 3000, np.int16), TINY)
    silence = mel(np.zeros(9600, np.int16), TINY)
    assert bool(torch.isfinite(click).all())
    assert float(silence.max()) == float(silence.min()) == pytest.approx(-1.5)


def test_ten_minutes_are_cut_to_the_models_window() -> None:
    long = np.tile((tone(30) * 32767).astype(np.int16), 20)
    assert len(long) == 600 * SECOND
    assert torch.equal(mel(long, FULL), mel(long[: 30 * SECOND], FULL))


@pytest.mark.parametrize(
    ("sound", "code"),
    [
        (np.zeros(0, np.int16), "no_sound"),
        (np.zeros((16, 2), np.int16), "bad_sound"),
        (np.zeros(16), "bad_sound"),
        (np.array([0, np.nan], np.float32), "bad_sound"),
        (np.array([0, np.inf], np.float32), "bad_sound"),
        (b"RIFF", "bad_sound"),
        (None, "bad_sound"),
    ],
)
def test_what_is_no_sound_is_refused(sound: object, code: str) -> None:
    with pytest.raises(BadInput, match=code):
        mel(sound, TINY)  # type: ignore[arg-type]
