"""The whole way from a folder of sounds to a model that hears, on voices that the test makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.voices import RATE_HZ, SPEAKERS, say, write_corpus, write_wav
from tutor_emotion.errors import BadInput
from tutor_emotion.nets import registry
from tutor_emotion.nets.voice.emotion import EMOTIONS
from tutor_emotion.nets.voice.usual import Usual, against_usual
from tutor_emotion.training import voice, voice_fit
from tutor_emotion.training.speech import read_speech
from tutor_emotion.training.voice_fit import Recipe, drawn, fit, population_of, visits_of

QUICK = Recipe(epochs=12, batch=32, rooms=1, members=2)


class PowerCutError(Exception):
    """Stops a run in the middle."""


@pytest.fixture(autouse=True)
def _torch_as_it_was():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("voices"))


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    torch.set_num_threads(1)
    training = voice.Training(read_speech(corpus), QUICK, (0,), out)
    return training, training.release(out, "1")


def test_it_learns_what_a_stranger_sounds_like(run):
    _, model = run
    figures = model.config.metrics
    assert figures["uar"] > 0.6  # chance is 0.14
    assert set(figures["by_speaker"]) == set(SPEAKERS)
    assert {"log_mel", "log_mel_by_speaker"} <= set(figures["svm"])


def test_noise_and_a_telephone_do_not_turn_its_answers_round(run):
    _, model = run
    for name, one in model.config.metrics["conditions"].items():
        assert one["uar"] > 1 / len(EMOTIONS), name


def test_the_model_is_whole_and_its_card_says_what_was_measured(run):
    training, model = run
    assert registry.read_model(model.folder).sha256 == model.sha256
    card = (model.folder / "CARD.md").read_text(encoding="utf-8")
    assert "$" not in card
    assert f"{model.config.metrics['uar'] * 100:.1f} %" in card
    for file in ("curves.png", "confusion.png", "history.json"):
        assert (training.out / file).stat().st_size > 500


def test_a_run_that_was_stopped_gives_the_same_numbers(corpus, run, tmp_path, monkeypatch):
    _, whole = run
    training = voice.Training(read_speech(corpus), QUICK, (0,), tmp_path)
    fitted = 0

    def cut(*arguments, **named):
        nonlocal fitted
        fitted += 1
        if fitted == 2:
            raise PowerCutError
        return fit(*arguments, **named)

    monkeypatch.setattr(voice, "fit", cut)
    with pytest.raises(PowerCutError):
        training.release(tmp_path, "1")
    again = voice.Training(read_speech(corpus), QUICK, (0,), tmp_path).release(tmp_path, "1")
    assert fitted == 2 + 3  # the fold that was done is not done again
    assert again.sha256 == whole.sha256


def test_another_recipe_does_not_go_on_with_this_run(corpus, run):
    training, _ = run
    other = voice.Training(read_speech(corpus), replace(QUICK, epochs=3), (0,), training.out)
    with pytest.raises(BadInput) as caught:
        other.release(training.out, "2")
    assert caught.value.code == "other_run"


def test_a_past_is_of_the_same_speaker_without_the_utterance_itself():
    values = np.random.default_rng(0).normal(size=(9, 2))
    labels, speakers = np.arange(9) % 7, np.array(["a"] * 5 + ["b"] * 4)
    visits = visits_of([values], labels, speakers)
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        count, past = voice_fit._pasts(visits, Recipe(), generator)
        assert not past.diagonal(dim1=1, dim2=2).any()
        assert not past[1, :, 4].any()  # the padding of the shorter visit
        rows = visits.labels >= 0
        assert (past.sum(-1)[rows] == count[..., 0][rows]).all()


def test_drawing_a_past_is_what_serving_computes():
    values = np.random.default_rng(0).normal(3, 2, size=(30, 2))
    visits = visits_of([values], np.arange(30) % 7, np.array(["a"] * 15 + ["b"] * 15))
    population = population_of(visits)
    generator = torch.Generator().manual_seed(3)
    count, past = voice_fit._pasts(visits, Recipe(), generator)
    z = drawn(visits, population, Recipe(), torch.Generator().manual_seed(3))
    usual = voice_fit_usual(values[:15], past[0, 4].numpy() > 0)
    assert usual.count == count[0, 4, 0]
    expected = against_usual(values[4], usual, population)
    np.testing.assert_allclose(z[0, 4].numpy(), expected, atol=1e-4)


def voice_fit_usual(values, chosen):
    usual = Usual.empty(values.shape[1])
    for row in values[chosen]:
        usual = usual.after(row)
    return usual


# --- what it refuses -----------------------------------------------------------------------------


def test_another_rate_is_resampled(tmp_path):
    folder = write_corpus(tmp_path / "c", each=1)
    sound = say("W", 120.0, np.random.default_rng(0))
    write_wav(folder / "03a00Wa.wav", np.repeat(sound, 2), 2 * RATE_HZ)
    speech = read_speech(folder)
    assert abs(len(speech.sounds[speech.names.index("03a00Wa.wav")]) - len(sound)) < 50


def _cut(folder):
    whole = (folder / "03a00Wa.wav").read_bytes()
    (folder / "03a00Wa.wav").write_bytes(whole[: len(whole) // 2])


def _no_sound(folder):
    (folder / "03a00Wa.wav").write_bytes(b"nothing")


def _no_class(folder):
    for path in folder.glob("*N*.wav"):
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "code", "names"),
    [
        (_cut, "sound_truncated", "03a00Wa.wav"),
        (_no_sound, "sound_unreadable", "03a00Wa.wav"),
        (_no_class, "class_empty", "neutral"),
    ],
)
def test_a_bad_corpus_is_named(tmp_path, spoil, code, names):
    folder = write_corpus(tmp_path / "c", each=1)
    spoil(folder)
    with pytest.raises(BadInput) as caught:
        read_speech(folder)
    assert caught.value.code == code
    assert names in caught.value.message


def test_a_silent_sound_is_nothing_to_learn_from(tmp_path):
    folder = write_corpus(tmp_path / "c", each=1)
    write_wav(folder / "03a00Wa.wav", np.zeros(RATE_HZ))
    with pytest.raises(BadInput) as caught:
        voice.Training(read_speech(folder), QUICK, (0,), tmp_path / "out")
    assert caught.value.code == "sound_silent"
    assert "03a00Wa.wav" in caught.value.message


def test_without_speakers_none_can_be_left_out(tmp_path):
    folder = tmp_path / "c"
    for seed, name in enumerate(EMOTIONS):
        (folder / name).mkdir(parents=True)
        sound = say("N", 150.0, np.random.default_rng(seed))
        write_wav(folder / name / "one.wav", sound)
    with pytest.raises(BadInput) as caught:
        read_speech(folder)
    assert caught.value.code == "no_speakers"


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    arguments = ["--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]
    assert voice.main(arguments) == 1
    assert "data_missing" in capsys.readouterr().err
