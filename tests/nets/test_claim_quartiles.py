"""The thresholds of the claims are what the data says."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tutor_emotion.core.claims import KINDS
from tutor_emotion.training import claim_quartiles
from tutor_emotion.training.speech import Speech, read_speech

RATE = 16_000


def _hum(hertz: float) -> np.ndarray:
    """A second of a harmonic tone."""
    phase = 2 * np.pi * hertz * np.arange(RATE) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 6))
    return (6000 * tone).astype(np.int16)


def test_the_quartiles_of_a_voice_are_those_of_its_measure():
    tones = (110.0, 220.0, 440.0)
    speech = Speech(
        "tones", tuple(map(_hum, tones)), np.zeros(3, np.intp), np.array(["a"] * 3), ("a", "b", "c")
    )
    found = claim_quartiles.of_voices(speech)
    assert found["utterances"] == 3
    # Semitones over 27.5 Hz: 24, 36, 48.
    assert found["pitch_high"] == pytest.approx([30.0, 36.0, 42.0], abs=0.3)
    assert "smile" not in found
    assert "jaw_tense" not in found


def test_the_thresholds_are_quartiles_of_ferplus_and_emodb(weights_dir: Path):
    data = os.environ.get("TUTOR_EMOTION_DATA", "")
    if not data or not Path(data).is_dir():
        pytest.skip("TUTOR_EMOTION_DATA names no folder with FER+ and EMO-DB")
    faces = claim_quartiles.of_faces(Path(data), weights_dir)
    voices = claim_quartiles.of_voices(read_speech(Path(data) / "emodb"))
    for name, quartiles in (faces | voices).items():
        if name in KINDS and "upper quartile" in KINDS[name].why:
            assert KINDS[name].above == pytest.approx(quartiles[2], rel=0.2), name
        elif name in KINDS and "lower quartile" in KINDS[name].why:
            assert KINDS[name].below == pytest.approx(quartiles[0], rel=0.1), name


def test_what_is_wrong_with_the_data_is_said(tmp_path, capsys):
    assert claim_quartiles.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("data_missing")
