"""The shipped voice net as the Runner uses it: causal, batched, nobody harmed by a neighbour."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from tests.speech_synthesis import formant_sentence
from tests.training.voices import say
from tutor_emotion.core.types import Utterance
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics
from tutor_emotion.nets import registry
from tutor_emotion.nets.voice.emotion import EMOTIONS, EmotionNet, Shape, load_net
from tutor_emotion.nets.voice.features import NAMES
from tutor_emotion.nets.voice.hearing import Heard, Voices
from tutor_emotion.nets.voice.usual import Usual
from tutor_emotion.training.rooms import CLEAN, NOISE_10_DB, TELEPHONE, heard_in
from tutor_emotion.training.speech import read_speech

DATA = Path(os.environ.get("TUTOR_EMOTION_DATA", "/nowhere")) / "emodb"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> registry.Model:
    found = registry.active(tmp_path_factory.mktemp("weights")).get("voice")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def voices(model: registry.Model) -> Voices:
    return Voices(model, torch.device("cpu"))


def utterance(samples: np.ndarray, usual: tuple[float, ...] = ()) -> Utterance:
    return Utterance(0.0, len(samples) / 16_000, samples, usual=usual)


@pytest.fixture(scope="module")
def said() -> list[Utterance]:
    rng = np.random.default_rng(0)
    return [utterance(say(letter, 140.0, rng)) for letter in "NWTLF"]


def same(one: Heard | None, other: Heard | None) -> bool:
    return (
        one is not None
        and other is not None
        and np.allclose(one.probabilities, other.probabilities, atol=1e-5)
        and np.allclose(one.learned, other.learned)
    )


def test_each_utterance_gives_probabilities_and_what_was_learned(voices: Voices, said):
    (heard,) = voices.hear(said[:1])
    assert heard is not None
    assert heard.probabilities.shape == (len(EMOTIONS),)
    assert heard.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert Usual.from_floats(heard.learned, len(NAMES)).count == 1


def test_what_was_learned_is_carried_by_the_utterances_or_by_their_order(voices: Voices, said):
    (together,) = voices.hear_speakers([said])
    usual: tuple[float, ...] = ()
    for one, expected in zip(said, together, strict=True):
        (heard,) = voices.hear([replace(one, usual=usual)])
        assert same(heard, expected)
        usual = heard.learned if heard else ()
    assert Usual.from_floats(usual, len(NAMES)).count == len(said)


def test_the_usual_changes_the_answer(voices: Voices, said):
    ((_, second),) = voices.hear_speakers([said[:2]])
    (alone,) = voices.hear(said[1:2])
    assert second is not None
    assert alone is not None
    assert not np.allclose(second.probabilities, alone.probabilities, atol=1e-3)


def test_an_answer_does_not_depend_on_what_is_said_later(voices: Voices, said):
    (whole,) = voices.hear_speakers([said])
    (start,) = voices.hear_speakers([said[:3]])
    assert all(same(a, b) for a, b in zip(whole[:3], start, strict=True))


def test_nor_on_who_else_is_in_the_batch(voices: Voices, said):
    both = voices.hear_speakers([said[:2], said[2:]])
    assert all(
        same(a, b) for a, b in zip(both[1], voices.hear_speakers([said[2:]])[0], strict=True)
    )


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros(0, np.int16),
        np.zeros(500, np.int16),
        np.zeros(16_000, np.int16),
        np.full(16_000, np.nan, np.float32),
        np.zeros((2, 16_000), np.int16),
        np.zeros(16_000, np.float64),
    ],
    ids=["empty", "short", "silent", "nan", "stereo", "float"],
)
def test_a_bad_one_is_left_out_and_harms_nobody(voices: Voices, said, bad):
    (heard,) = voices.hear_speakers([[said[0], replace(said[0], samples=bad), said[1]]])
    (clean,) = voices.hear_speakers([said[:2]])
    assert heard[1] is None
    assert same(heard[0], clean[0])
    assert same(heard[2], clean[1])


@pytest.mark.parametrize("usual", [(1.0,), (np.nan,) * 188, (9.0,) * 188, ("x",) * 188])
def test_a_usual_that_is_none_is_as_if_nothing_was_heard(voices: Voices, said, usual):
    (odd,) = voices.hear([replace(said[0], usual=usual)])
    (plain,) = voices.hear(said[:1])
    assert same(odd, plain)


def test_speech_that_is_like_none_it_knows_still_gets_numbers(voices: Voices):
    (heard,) = voices.hear([utterance(formant_sentence(1, 16_000))])
    assert heard is not None
    assert np.isfinite(heard.probabilities).all()


def test_it_is_small(model: registry.Model):
    assert model.config.metrics["parameters"] <= 2_000_000
    assert sum(p.stat().st_size for p in model.folder.iterdir()) < 2_000_000


# --- what is no voice net ------------------------------------------------------------------------


def _state(net: EmotionNet) -> dict[str, np.ndarray]:
    return {key: value.numpy() for key, value in net.state_dict().items()}


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "voice-perceptrons/2"},
        {"labels": EMOTIONS[::-1]},
        {"shape": {"members": 2}},
        {"shape": {"inputs": 12}},
        {"shape": {"rooms": 3}},
        {"shape": {"first": "many"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_net_of_another_make_is_refused(model: registry.Model, change):
    config = model.config.model_copy(update=change)
    with pytest.raises(BadInput) as caught:
        load_net(replace(model, config=config))
    # Two members are a net that could be, but not the one whose numbers these are.
    codes = {"voice-perceptrons/2": "bad_architecture", "{'members': 2}": "bad_tensors"}
    assert caught.value.code == codes.get(str(next(iter(change.values()))), "bad_model_config")


@pytest.mark.parametrize("spoil", ["missing", "nan"])
def test_numbers_that_are_not_all_there_are_refused(model: registry.Model, spoil, tmp_path):
    net = EmotionNet(Shape(**model.config.shape))
    tensors = _state(net)
    if spoil == "missing":
        tensors.pop("first")
    else:
        tensors["first"] = np.full_like(tensors["first"], np.nan)
    data, folder = save(tensors), tmp_path / model.folder.name
    shutil.copytree(model.folder, folder)
    (folder / "model.safetensors").write_bytes(data)
    spoilt = replace(model, folder=folder, sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(BadInput) as caught:
        load_net(spoilt)
    assert caught.value.code == "bad_tensors"


# --- on the corpus -------------------------------------------------------------------------------


@pytest.mark.skipif(
    not DATA.is_dir(), reason="TUTOR_EMOTION_DATA is unset, or holds no emodb/: no real speech"
)
@pytest.mark.parametrize("room", [CLEAN, NOISE_10_DB, TELEPHONE], ids=["clean", "noise", "line"])
def test_noise_and_a_telephone_do_not_turn_its_answers_round(voices: Voices, room):
    """Of the speakers that it was fitted to: what a worse line costs, not how good it is."""
    speech = read_speech(DATA)
    chosen = np.flatnonzero(speech.speakers == "14")
    rng = np.random.default_rng(0)
    said = [utterance(heard_in(speech.sounds[i], room, rng)) for i in rng.permutation(chosen)]
    order = np.random.default_rng(0).permutation(chosen)
    (heard,) = voices.hear_speakers([said])
    p = np.array([one.probabilities for one in heard if one is not None], dtype=np.float64)
    counts = metrics.confusion(p, speech.labels[order])
    assert len(p) == len(chosen)
    assert metrics.uar(p, speech.labels[order]) > 0.5
    # Nothing is taken for its opposite: the loud for the slack.
    anger, sadness = EMOTIONS.index("anger"), EMOTIONS.index("sadness")
    assert counts[anger, sadness] + counts[sadness, anger] <= 0.1 * (
        counts[anger].sum() + counts[sadness].sum()
    )
