"""The files that stand for camera and microphone are what they say they are."""

from __future__ import annotations

import wave

import av
import numpy as np
import pytest

from tests import media_files, speech_synthesis


@pytest.mark.parametrize("suffix", [".y4m", ".mjpeg", ".mp4", ".webm"])
def test_each_kind_of_file_plays(suffix: media_files.Suffix) -> None:
    with av.open(str(media_files.video("face", suffix, seconds=2))) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 20
    assert frames[0].shape == (240, 320, 3)
    moved = np.abs(frames[0].astype(int) - frames[5].astype(int)).mean()
    assert moved > 4


def test_scenes_differ_in_what_matters() -> None:
    first = {
        scene: next(iter(media_files.frames(scene, seconds=1))) for scene in media_files.SCENES
    }
    assert first["black"].mean() < 3
    assert first["dark"].mean() < 15
    assert first["face"].mean() > 80
    assert first["two_faces"].mean() > 80


def test_a_scene_is_the_same_each_time_and_loops_without_a_jump() -> None:
    once, again = (list(media_files.frames("face", seconds=3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    steps = [
        np.abs(a.astype(int) - b.astype(int)).mean()
        for a, b in zip(once, once[1:] + once[:1], strict=True)
    ]
    assert steps[-1] < 1.5 * max(steps[:-1])


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_speech_has_pauses(rate_hz: int) -> None:
    with wave.open(str(media_files.speech_wav(8.0, rate_hz))) as file:
        assert (file.getframerate(), file.getnchannels()) == (rate_hz, 1)
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
    assert len(sound) == 8 * rate_hz
    loud = np.sqrt((sound.reshape(-1, rate_hz // 20) ** 2).mean(axis=1)) > 300
    assert 0.3 < loud.mean() < 0.85
    assert np.count_nonzero(np.diff(loud.astype(int)) == 1) >= 2


def test_the_synthesis_without_espeak_is_voiced_at_a_human_pitch() -> None:
    sound = speech_synthesis.formant_sentence(0, 16_000).astype(float)
    middle = sound[8_000:24_000]
    lags = np.array([np.dot(middle[:-lag], middle[lag:]) for lag in range(80, 320)])
    assert 50 < 16_000 / (80 + int(lags.argmax())) < 250
    assert np.abs(sound).max() < 32_000
