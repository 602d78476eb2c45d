"""Prosody of sounds whose pitch, pauses and faults are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.nets.conftest import utterance
from tests.speech_synthesis import formant_sentence
from tutor_emotion.core.types import Utterance
from tutor_emotion.nets.voice import prosody
from tutor_emotion.nets.voice.pitch import runs, track

RATE = 16_000
Sound = NDArray[np.float64]


def clock(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE)) / RATE


def voice(pitch_hz: Sound, level: float = 0.1) -> Sound:
    """Six harmonics over a moving pitch: what a glottis makes, roughly."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE
    return level * np.sum([np.sin(k * phase) / k for k in range(1, 7)], axis=0)


def steady(hz: float, seconds: float = 2.0) -> Sound:
    return voice(np.full(round(seconds * RATE), hz))


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE))


def semitones(hz: float) -> float:
    return float(12 * np.log2(hz / 27.5))


@pytest.mark.parametrize("hz", [80.0, 110.0, 123.4, 220.0, 317.0, 450.0])
def test_a_known_pitch_is_found(hz: float):
    measures = prosody.measure(utterance(steady(hz))).measures
    assert measures["f0_median_st"] == pytest.approx(semitones(hz), abs=0.1)
    assert measures["f0_iqr_st"] < 0.1
    assert measures["hnr_db"] > 28
    assert measures["f0_slope_st_s"] == pytest.approx(0, abs=0.2)


def test_pitch_is_found_in_noise():
    noise = np.random.default_rng(0).normal(0, 0.02, 2 * RATE)
    measures = prosody.measure(utterance(steady(150) + noise)).measures
    assert measures["f0_median_st"] == pytest.approx(semitones(150), abs=0.2)
    assert measures["hnr_db"] < prosody.measure(utterance(steady(150))).measures["hnr_db"] - 8


@pytest.mark.parametrize("hz", [90.0, 150.0, 330.0])
def test_harmonics_over_noise_are_measured(hz: float):
    """White noise at a known distance below the voice."""
    clear = steady(hz)
    noise = np.random.default_rng(2).normal(0, 1, len(clear))
    for below_db in (10, 20):
        level = clear.std() * 10 ** (-below_db / 20)
        measured = prosody.measure(utterance(clear + level * noise)).measures["hnr_db"]
        assert measured == pytest.approx(below_db, abs=2.0)


@pytest.mark.parametrize("slope", [-8.0, 4.0, 12.0])
def test_a_final_rise_or_fall_is_found(slope: float):
    t = clock(1.5)
    pitch = 140 * 2 ** (slope * np.maximum(t - 1.0, 0) / 12)
    measures = prosody.measure(utterance(voice(pitch))).measures
    assert measures["f0_slope_st_s"] == pytest.approx(slope, rel=0.1)


def test_loudness_is_in_decibels_of_full_scale():
    quiet, loud = (
        prosody.measure(utterance(voice(np.full(RATE, 150.0), level))).measures["energy_db"]
        for level in (0.05, 0.1)
    )
    assert loud - quiet == pytest.approx(6.02, abs=0.1)


def test_pauses_are_counted_and_measured():
    parts = [steady(150, 0.5), silence(0.6), steady(150, 0.5), silence(0.3), steady(150, 0.6)]
    measures = prosody.measure(utterance(np.concatenate(parts))).measures
    assert measures["pause_count"] == 2
    assert measures["longest_pause_s"] == pytest.approx(0.6, abs=0.05)
    assert measures["pause_ratio"] == pytest.approx(0.9 / 2.5, abs=0.04)
    assert measures["rate_hz"] == pytest.approx(3 / 2.5, abs=0.1)


def test_silence_around_speech_is_no_pause_and_a_consonant_is_none_either():
    parts = [silence(0.5), steady(150, 0.5), silence(0.1), steady(150, 0.5), silence(0.5)]
    measures = prosody.measure(utterance(np.concatenate(parts))).measures
    assert measures["pause_count"] == 0
    assert measures["pause_ratio"] == 0
    assert measures["voiced_s"] == pytest.approx(1.0, abs=0.08)


def test_a_flat_hum_is_a_filler_and_a_melody_is_none():
    t = clock(1.0)
    melody = voice(150 * 2 ** (4 * np.sin(2 * np.pi * 2 * t) / 12))
    hum = steady(120, 0.5)
    measured = prosody.measure(utterance(np.concatenate([melody, silence(0.1), hum]))).measures
    assert measured["filler_s"] == pytest.approx(0.45, abs=0.06)
    assert prosody.measure(utterance(melody)).measures["filler_s"] == 0


def test_sound_that_is_like_speech_gives_every_measure():
    said = formant_sentence(0, RATE)
    heard = prosody.measure(Utterance(0.0, len(said) / RATE, said))
    assert set(heard.measures) == {
        *("f0_median_st", "f0_iqr_st", "f0_slope_st_s", "energy_db", "hnr_db", "rate_hz"),
        *("pause_count", "pause_ratio", "longest_pause_s", "filler_s", "duration_s", "voiced_s"),
    }
    assert heard.quality == 1.0
    assert heard.measures["f0_median_st"] == pytest.approx(semitones(120), abs=2.0)  # 135 falling
    assert 2.0 < heard.measures["rate_hz"] < 6.0  # eight syllables in 2.3 s
    assert all(np.isfinite(value) for value in heard.measures.values())


@pytest.mark.parametrize(
    "sound",
    [silence(2), np.random.default_rng(0).normal(0, 0.1, 2 * RATE), silence(0.1)],
    ids=["silence", "noise", "shortest"],
)
def test_what_is_no_voice_has_no_melody_and_no_worth(sound: Sound):
    heard = prosody.measure(utterance(sound))
    assert set(heard.measures) == {"duration_s", "voiced_s"}
    assert heard.measures["voiced_s"] == 0
    assert heard.quality == 0


def test_quality_falls_with_each_fault():
    good = steady(150, 2.0)
    assert prosody.measure(utterance(good)).quality == 1.0
    worse = {
        "gaps": utterance(good, gap_share=0.4),
        "a doubt of the ingest": utterance(good, quality=0.5),
        "clipping": utterance(np.clip(good * 8, -1, 1)),
        "too short": utterance(steady(150, 0.5)),
        "too long": utterance(steady(150, 14.0)),
        "little voice": utterance(np.concatenate([steady(150, 0.3), silence(1.5)])),
    }
    for fault, said in worse.items():
        assert 0 <= prosody.measure(said).quality < 0.9, fault


def test_of_a_very_long_utterance_the_end_is_read():
    said = utterance(np.concatenate([steady(100, 10), steady(200, 30)]))
    measures = prosody.measure(said).measures
    assert measures["duration_s"] == pytest.approx(40.0)
    assert measures["f0_median_st"] == pytest.approx(semitones(200), abs=0.1)


def test_frames_come_every_ten_milliseconds_however_long_it_is():
    for seconds in (0.06, 1.0, 7.0):  # the last is worked on in chunks
        pitch = track(steady(150, seconds))
        assert len(pitch.semitones) == round((seconds - 0.06) * 100) + 1
    assert len(track(silence(0.01)).semitones) == 0


def test_runs():
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.array([], dtype=bool)) == []


@pytest.mark.parametrize(
    "said",
    [
        Utterance(0, 1, np.zeros(RATE, np.float32)),  # type: ignore[arg-type]
        Utterance(0, 1, np.zeros((RATE, 2), np.int16)),
        Utterance(0, 1, np.zeros(100, np.int16)),
        Utterance(0, 1, np.zeros(RATE, np.int16), gap_share=float("nan")),
    ],
)
def test_what_is_no_sound_is_not_readable(said: Utterance):
    assert not prosody.is_readable(said)
