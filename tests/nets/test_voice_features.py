"""The numbers of an utterance: what they follow, what they do not, and when there are none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.speech_synthesis import formant_sentence
from tutor_emotion.nets.voice.features import MIN_FRAMES, NAMES, analyse, functionals, is_voice
from tutor_emotion.nets.voice.pitch import MIN_RUN
from tutor_emotion.training.rooms import CLEAN, NOISE_10_DB, TELEPHONE, Room, heard_in

RATE = 16_000


def numbers(sound: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, functionals(analyse(sound)), strict=True))


@pytest.fixture(scope="module")
def said() -> np.ndarray:
    return formant_sentence(1, RATE)


def test_there_is_one_number_for_each_name(said: np.ndarray):
    assert len(set(NAMES)) == len(NAMES)
    assert np.isfinite(list(numbers(said).values())).all()


def test_a_higher_and_faster_voice_is_higher_and_faster(said: np.ndarray):
    rng = np.random.default_rng(0)
    plain, up = numbers(said), numbers(heard_in(said, Room(rate=2 ** (2 / 12)), rng))
    assert up["f0_p50"] - plain["f0_p50"] == pytest.approx(2.0, abs=0.4)
    assert up["runs_hz"] > plain["runs_hz"]


def test_a_level_changes_the_level_and_little_else(said: np.ndarray):
    plain = numbers(said)
    quiet = numbers(heard_in(said, Room(gain_db=-12), np.random.default_rng(0)))
    assert quiet["level_p50"] - plain["level_p50"] == pytest.approx(-12, abs=0.5)
    for name in ("f0_p50", "hammarberg_mean", "alpha_mean", "level_range"):
        assert quiet[name] == pytest.approx(plain[name], abs=0.6), name


def test_a_telephone_takes_the_lows_and_highs_and_leaves_the_melody(said: np.ndarray):
    plain = numbers(said)
    line = numbers(heard_in(said, TELEPHONE, np.random.default_rng(0)))
    assert line["f0_p50"] == pytest.approx(plain["f0_p50"], abs=0.5)
    assert line["cep2_mean"] != pytest.approx(plain["cep2_mean"], abs=3.0)


def test_rooms_come_back_with_their_seed(said: np.ndarray):
    one, two, other = (heard_in(said, NOISE_10_DB, np.random.default_rng(k)) for k in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()
    assert (heard_in(said, CLEAN, np.random.default_rng(0)) == said).all()


def test_noise_is_as_loud_as_it_says(said: np.ndarray):
    noise = heard_in(said, NOISE_10_DB, np.random.default_rng(1)).astype(float) - said
    ratio_db = 10 * np.log10((said.astype(float) ** 2).mean() / (noise**2).mean())
    assert ratio_db == pytest.approx(10, abs=0.3)


def test_without_a_pitch_there_is_no_melody_but_a_spectrum():
    hiss = (np.random.default_rng(0).normal(size=RATE) * 3000).astype(np.int16)
    heard = analyse(hiss)
    assert heard.voiced.sum() < max(MIN_FRAMES, MIN_RUN)
    values = dict(zip(NAMES, functionals(heard), strict=True))
    assert np.isnan(values["f0_p50"])
    assert np.isnan(values["hnr_mean"])
    assert np.isfinite(values["cep1_mean"])


@pytest.mark.parametrize("sound", [np.zeros(RATE), np.full(RATE, 1000), np.ones(RATE // 10)])
def test_silence_and_shortness_are_no_voice(sound: np.ndarray):
    assert not is_voice(analyse(sound.astype(np.int16)))


def test_extremes_give_numbers():
    for sound in (np.full(RATE, -32768), np.resize([32767, -32768], RATE)):
        heard = analyse(sound.astype(np.int16))
        if is_voice(heard):
            assert not np.isinf(functionals(heard)).any()
