"""Clips of faces and voices: who is in which split, what their texts claim, and bad files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.mini_made import write_data, write_faces
from tutor_emotion.core.claims import KINDS, Claim, claims, grounded
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.answers import parse
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import mini_clips, mini_data, mini_texts
from tutor_emotion.training.mini import CONFIG
from tutor_emotion.training.mini_clips import CONDITIONS, ClipSet
from tutor_emotion.training.mini_data import HELD_OUT_SPEAKERS, LABELS, compose, read_sources
from tutor_emotion.training.rewards import reward

MEASURES = {
    "browDownLeft": 0.3,
    "browDownRight": 0.3,
    "jawOpen": 0.01,
    "f0_median_st": 40.0,
    "rate_hz": 5.5,
    "f0_iqr_st": 3.0,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def sources(data):
    return read_sources(data)


def clip_set(sources, most=3):
    clips = compose(sources, most, 0, np.random.default_rng(0))
    return ClipSet(
        CONFIG,
        sources.faces.images,
        sources.voices.sounds,
        clips,
        [MEASURES] * len(sources.faces),
        [{}] * len(sources.voices),
    )


def test_face_and_voice_of_a_clip_have_its_label(sources):
    train, _ = sources
    for clip in compose(train, 3, 0, np.random.default_rng(0)):
        assert train.face_labels[clip.face] == train.voice_labels[clip.voice] == clip.label


def test_no_voice_is_heard_in_both_splits(sources):
    train, valid = sources
    assert set(valid.voices.speakers) == set(HELD_OUT_SPEAKERS)
    assert not set(train.voices.speakers) & set(valid.voices.speakers)
    assert not set(train.voices.names) & set(valid.voices.names)


def test_labels_that_only_one_corpus_knows_are_left_out(sources):
    for split in sources:
        assert len(split.faces) == 3 * len(LABELS)  # without the one of surprise
        assert "L" not in {name[5] for name in split.voices.names}  # nor boredom


def test_a_rare_face_comes_again_with_another_voice_and_a_frequent_one_once(sources):
    train, _ = sources
    clips = compose(train, 3, 4, np.random.default_rng(0))
    counts = np.bincount([clip.label for clip in clips])
    assert counts.tolist() == [3] * len(LABELS)  # at most three each, whatever the least
    faces = [clip.face for clip in clips]
    assert len(set(faces)) == len(faces)
    again = compose(train, 5, 5, np.random.default_rng(0))
    assert np.bincount([clip.label for clip in again]).tolist() == [5] * len(LABELS)


def test_the_same_seed_composes_the_same_clips(sources):
    train, _ = sources
    one, two = (compose(train, 2, 0, np.random.default_rng(5)) for _ in range(2))
    assert one == two != compose(train, 2, 0, np.random.default_rng(6))


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_phrase_claims_what_it_is_there_for_and_nothing_else(kind):
    for phrase in mini_texts.phrases(kind):
        assert claims(phrase) == (Claim(kind),), phrase


def test_a_reason_says_only_what_was_measured_and_is_worth_all_that_it_can_be():
    rng = np.random.default_rng(0)
    said = set()
    for _ in range(60):
        text = mini_texts.reason(MEASURES, "angry", rng)
        found = claims(parse(text).thinking or "")
        assert 2 <= len(found) <= 4
        assert all(grounded(claim, MEASURES) for claim in found)
        worth = reward(text, "angry", LABELS, MEASURES)
        assert (worth.accuracy, worth.form, worth.grounding) == (1, 1, 1)
        said.add(text)
    assert len(said) > 20


def test_of_a_clip_without_measures_nothing_is_claimed():
    text = mini_texts.reason({}, "sad", np.random.default_rng(0))
    assert parse(text).label == "sad"
    assert claims(parse(text).thinking or "") == ()


def test_the_tokenizer_gives_back_any_text_and_ours_in_few_pieces(tmp_path):
    made = mini_texts.made_tokenizer(LABELS)
    assert made.to_str() == mini_texts.made_tokenizer(LABELS).to_str()
    (tmp_path / "tokenizer.json").write_text(made.to_str(), encoding="utf-8")
    tokens = Tokens(tmp_path)
    assert tokens.vocabulary <= CONFIG.language.vocabulary
    for text in (mini_texts.reason(MEASURES, "happy", np.random.default_rng(1)), "Grüße, 数 <x>"):
        assert tokens.decode(tokens.encode(text)) == text
    assert len(tokens.encode(mini_texts.answer_only("disgust"))) <= 4
    assert tokens.prompt(True, True).text_tokens < 40


# --- clips ---------------------------------------------------------------------------------------


def test_a_clip_is_drawn_alike_from_the_same_numbers_with_another_text_each_time(sources):
    clips = clip_set(sources[0])
    generator = torch.Generator()
    one, two = (clips.draw(0, generator.manual_seed(7)) for _ in range(2))
    assert one.text == two.text
    assert torch.equal(one.frames, two.frames)
    texts = {clips.draw(0, generator).text for _ in range(30)}
    assert len(texts) > 10
    assert mini_texts.answer_only(one.label) in texts  # some are the word alone


def test_of_some_clips_one_side_is_lost_and_their_texts_do_not_claim_it(sources):
    whole = clip_set(sources[0])
    heard = [{"f0_median_st": 40.0}] * len(whole.voice_measures)
    clips = replace(whole, lost=0.4, voice_measures=heard, face_measures=[{"jawOpen": 0.5}] * 99)
    generator = torch.Generator().manual_seed(0)
    drawn = [clips.draw(0, generator) for _ in range(200)]
    voiceless = [one for one in drawn if one.mel is None]
    faceless = [one for one in drawn if one.frames is None]
    assert not any(one.mel is None and one.frames is None for one in drawn)
    assert 0.15 < len(voiceless) / 200 < 0.4
    assert 0.05 < len(faceless) / 200 < 0.25
    for left, modality in ((voiceless, "face"), (faceless, "voice")):
        said = [claim for one in left for claim in claims(one.text)]
        assert said
        assert {KINDS[claim.kind].modality for claim in said} == {modality}


def test_frames_and_sound_have_the_models_sizes(sources):
    example = clip_set(sources[1]).plain(0)
    assert example.frames.shape == (1, 3, 64, 64)
    assert example.mel.shape == (64, 200)
    assert example.text == ""


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_changes_what_it_names_and_only_that(sources, name):
    before, after = clip_set(sources[1]), CONDITIONS[name](clip_set(sources[1]))
    one, two = before.plain(0), after.plain(0)
    face_same = two.frames is not None and torch.equal(one.frames, two.frames)
    voice_same = two.mel is not None and torch.equal(one.mel, two.mel)
    assert face_same == (name in ("clean", "sound noise", "face only"))
    assert voice_same == (name not in ("sound noise", "face only"))
    assert (two.frames is None, two.mel is None) == (name == "voice only", name == "face only")


def test_what_is_gone_was_not_measured(sources):
    clips = CONDITIONS["voice only"](clip_set(sources[1]))
    assert clips.measures(0) == {}


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda d: (d / "ferplus_train.npz").unlink(), "data_missing"),
        (lambda d: (d / "ferplus_valid.npz").write_bytes(b"PK half a file"), "data_unreadable"),
        (lambda d: np.savez(d / "ferplus_train.npz", images=np.zeros((2, 48, 48))), "data_shape"),
        (lambda d: write_faces(d / "ferplus_valid.npz", 2, 0, LABELS[:-1]), "class_empty"),
        (lambda d: next((d / "emodb").glob("03*")).write_bytes(b"no sound"), "sound_unreadable"),
        (lambda d: [p.unlink() for p in (d / "emodb").glob("1[56]*")], "speakers_missing"),
        (lambda d: [p.unlink() for p in (d / "emodb").glob("1[56]*W*")], "class_empty"),
    ],
)  # fmt: skip
def test_broken_data_is_refused_with_a_code(tmp_path, spoil, code):
    data = write_data(tmp_path / "data", faces=1)
    spoil(data)
    with pytest.raises(BadInput) as refused:
        mini_data.read_sources(data)
    assert refused.value.code == code


def test_noise_is_louder_than_any_training_room(sources):
    clips = clip_set(sources[1])
    noisy = mini_clips.CONDITIONS["sound noise"](clips)
    clean = np.asarray(clips.sounds[0], float)
    added = np.asarray(noisy.sounds[0], float) - clean
    assert 10 * np.log10((clean**2).mean() / (added**2).mean()) == pytest.approx(5, abs=0.5)
