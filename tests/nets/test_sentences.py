"""The sentence encoder: its tokenizer, its vectors against another implementation's, its use.

The encoder's files are optional (`manage.py fetch_weights --optional`, 91 MB): what needs them is
skipped where they are not in TUTOR_EMOTION['WEIGHTS_DIR'] or $TUTOR_EMOTION_SENTENCES.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import TextMessage
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.nets.text.encoder import WIDTH, Encoder, Sentences, is_there, read_encoder
from tutor_emotion.nets.text.meaning import KINDS, PROTOTYPES, Meanings, read_prototypes
from tutor_emotion.nets.text.wordpiece import WordPiece
from tutor_emotion.nets.weights import manifest, needed

# Made with transformers 5.23 (BertModel, mean of the tokens, unit length) and tokenizers 0.23.
REFERENCE = {
    "I don't understand this.": (
        [101, 1045, 2123, 1005, 1056, 3305, 2023, 1012, 102],
        [-0.01051, 0.05997, -0.00299, -0.02375, 0.08467, 0.07275],
    ),
    "The answer is seven.": (
        [101, 1996, 3437, 2003, 2698, 1012, 102],
        [0.0268, 0.0339, -0.02575, 0.08399, -0.08367, 0.0728],
    ),
    "Ich verstehe das nicht, h\u00e4?": (
        [101, 22564, 2310, 12096, 11106, 2063, 8695, 27969, 11039, 1010, 5292, 1029, 102],
        [-0.02025, 0.09136, 0.01061, 0.0291, -0.01139, 0.04052],
    ),
}


def tokenizer(*extra: str, **changed: object) -> bytes:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##der", "##stand", "lost", "?", *extra]
    model = {
        "type": "WordPiece",
        "continuing_subword_prefix": "##",
        "vocab": {piece: number for number, piece in enumerate(pieces)},
    }
    normalizer = {"type": "BertNormalizer", "lowercase": True}
    return json.dumps({"model": model | changed, "normalizer": normalizer}).encode()


def test_words_are_cut_into_the_longest_pieces_that_are_known() -> None:
    pieces = WordPiece(tokenizer("\u4e2d", "e"))
    assert pieces.encode("Understand?", 10) == [2, 4, 5, 6, 8, 3]
    assert pieces.encode("LOST lost", 10) == [2, 7, 7, 3]
    assert pieces.encode("\u4e2d\u4e2d", 10) == [2, 9, 9, 3]
    assert pieces.encode("\u00e9", 10) == [2, 10, 3]  # the accent goes


def test_what_is_not_known_is_one_unknown_and_too_long_is_cut() -> None:
    pieces = WordPiece(tokenizer())
    assert pieces.encode("lost xyz", 10) == [2, 7, 1, 3]
    assert pieces.encode("a" * 200, 10) == [2, 1, 3]
    assert pieces.encode("lost " * 50, 6) == [2, 7, 7, 7, 7, 3]
    assert pieces.encode("", 6) == [2, 3]
    assert pieces.encode("\0\ufffd", 6) == [2, 3]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", tokenizer(type="BPE"), tokenizer(vocab={"a": 1}), b"\xff"]
)
def test_another_tokenizer_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="bad_tokenizer"):
        WordPiece(data)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    net = Encoder().eval()
    short = torch.tensor([[5, 6, 7]])
    long = torch.tensor([[5, 6, 7, 0, 0]])
    with torch.inference_mode():
        alone = net(short, torch.ones(1, 3, dtype=torch.bool))
        padded = net(long, torch.tensor([[True, True, True, False, False]]))
    assert alone.shape == (1, WIDTH)
    torch.testing.assert_close(alone.norm(dim=1), torch.ones(1))
    torch.testing.assert_close(alone, padded, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "data", [b"", b"junk", save({"embeddings.word_embeddings.weight": torch.zeros(3, 4)})]
)
def test_weights_of_another_architecture_are_refused(data: bytes) -> None:
    with pytest.raises(Unavailable, match="weights_corrupt"):
        read_encoder(data)


def test_the_files_are_optional_and_nothing_fetches_them_unasked(tmp_path: Path) -> None:
    assert {e.file for e in manifest()} - {e.file for e in needed()} == {
        "minilm_l6_v2.safetensors",
        "minilm_l6_v2_tokenizer.json",
    }
    assert not is_there(tmp_path)
    (tmp_path / "minilm_l6_v2.safetensors").write_bytes(b"not it")
    (tmp_path / "minilm_l6_v2_tokenizer.json").write_bytes(b"not it")
    assert not is_there(tmp_path)
    with pytest.raises(Unavailable, match="weights_corrupt"):
        Sentences(tmp_path, torch.device("cpu"))


def test_prototypes_are_for_english_alone() -> None:
    chosen = read_prototypes(PROTOTYPES.read_text(encoding="utf-8"))
    assert chosen.are_for("I don't see what this has to do with it")
    for other in ("ich sehe nicht was das damit zu tun hat", "xyzzy", "", "42", "je ne sais pas"):
        assert not chosen.are_for(other)


# --- with the real files -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    folders = [os.environ.get("TUTOR_EMOTION_SENTENCES"), get_settings().WEIGHTS_DIR]
    for folder in folders:
        if folder and is_there(Path(folder)):
            return Sentences(Path(folder), torch.device("cpu"))
    pytest.skip("the optional sentence encoder is not there: manage.py fetch_weights --optional")


def test_tokens_and_vectors_are_those_of_another_implementation(sentences: Sentences) -> None:
    vectors = sentences.vectors(list(REFERENCE))
    for vector, (said, (tokens, begins)) in zip(vectors, REFERENCE.items(), strict=True):
        assert sentences._wordpiece.encode(said, 128) == tokens
        torch.testing.assert_close(vector[:6], torch.tensor(begins), atol=2e-5, rtol=0)


def test_a_message_reads_the_same_in_any_company(sentences: Sentences) -> None:
    meanings = Meanings(sentences)
    said = "Everything about this puzzle is a riddle to me, how is one meant to begin?"
    alone = meanings.probabilities([said])[0]
    among = meanings.probabilities(["Seven.", said, "a very long message " * 40, ""])[1]
    assert alone == pytest.approx(among, abs=1e-4)
    assert set(alone) == set(KINDS)


def test_messages_become_readings_and_german_ones_do_not(sentences: Sentences) -> None:
    meanings = Meanings(sentences)
    confused, german, fine = meanings.read(
        [
            TextMessage(1.0, "I do not understand how I am supposed to do this."),
            TextMessage(2.0, "ich verstehe nicht wie das gehen soll"),
            TextMessage(3.0, "I got it, the answer is seven."),
        ]
    )
    assert german is None
    assert confused is not None
    assert fine is not None
    assert confused.measures["means_confused"] > 0.5 > fine.measures["means_confused"]
    assert (confused.modality, confused.end_s) == ("text", 1.0)
    assert confused.model == meanings.version
