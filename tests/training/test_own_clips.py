"""A site's own clips: from a list to a model that was trained on them, and what is refused."""

from __future__ import annotations

import csv
import json
import wave

import numpy as np
import pytest
import torch

from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer
from tests.training.omni_clips import SMILE, TEXTS, fresh
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import checkpoint
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import grpo, omni_command, sft
from tutor_emotion.training.own_clips import OwnClips

ROWS = [("a.wav", "sad", TEXTS["sad"]), ("b.wav", "joy", TEXTS["joy"])]


class Smiling:
    """Measures as they would be of a smiling face; counts the clips that it was shown."""

    def __init__(self, *_arguments):
        self.seen = 0

    def of(self, clips):
        self.seen += len(clips)
        return [SMILE for _ in clips]


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def _list(folder, rows=ROWS, columns=("file", "label", "text")):
    for name in ("a.wav", "b.wav"):
        with wave.open(str(folder / name), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(16_000)
            sound.writeframes((np.sin(np.arange(8000) / 9) * 9000).astype("<i2").tobytes())
    with (folder / "clips.csv").open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows(rows)
    return folder / "clips.csv"


def _refusal(folder, rows, columns=("file", "label", "text"), **how):
    with pytest.raises(BadInput) as caught:
        OwnClips(_list(folder, rows, columns), TINY, Smiling(), **how)
    return caught.value


def test_a_list_becomes_examples_that_are_measured_once(tmp_path):
    measures = Smiling()
    clips = OwnClips(_list(tmp_path), TINY, measures, with_texts=True)
    assert list(clips.labels) == ["sad", "joy"]
    assert clips.set == ("joy", "sad")
    example = clips.draw(1, torch.Generator())
    clips.draw(1, torch.Generator())
    assert example.frames is None
    assert example.mel is not None
    assert example.mel.shape == (16, 60)
    assert (example.label, example.measures, example.text) == ("joy", SMILE, TEXTS["joy"])
    assert measures.seen == 1


def test_any_word_for_a_label_of_the_set_will_do(tmp_path):
    rows = [("a.wav", "sorrow", ""), ("b.wav", "Happiness", "")]
    clips = OwnClips(_list(tmp_path, rows), TINY, Smiling(), labels=("happy", "sad"))
    assert list(clips.labels) == ["sad", "happy"]


def test_what_is_wrong_with_a_list_is_told_with_its_row(tmp_path):
    error = _refusal(
        tmp_path, [("a.wav", "sad", ""), ("b.wav", "dizzy", "")], labels=("sad", "joy")
    )
    assert (error.code, "row 3" in error.message) == ("label_unknown", True)
    assert _refusal(tmp_path, [("c.wav", "sad", "")]).code == "file_missing"
    assert _refusal(tmp_path, [("../secret.wav", "sad", "")]).code == "file_missing"
    assert _refusal(tmp_path, [("a.wav", "", "")]).code == "bad_list"
    assert _refusal(tmp_path, []).code in ("data_empty", "bad_list")
    assert _refusal(tmp_path, [("a.wav", "sad")], ("file", "labels")).code == "bad_list"
    with pytest.raises(BadInput) as caught:
        OwnClips(tmp_path / "none.csv", TINY, Smiling())
    assert caught.value.code == "data_missing"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "text_missing"),
        ("She is sad.", "text_not_in_form"),
        ("<think>No.</think><answer>sad", "text_not_in_form"),
        (TEXTS["joy"], "text_not_in_form"),  # another label than the row's
    ],
)
def test_a_text_to_imitate_is_in_form_and_of_its_label(tmp_path, text, code):
    rows = [("a.wav", "sad", text), ROWS[1]]
    assert _refusal(tmp_path, rows, with_texts=True).code == code
    OwnClips(_list(tmp_path, rows), TINY, Smiling())  # reinforcement reads no texts


def test_a_file_that_is_no_sound_is_told_when_it_is_drawn(tmp_path):
    clips = OwnClips(_list(tmp_path), TINY, Smiling())
    (tmp_path / "a.wav").write_bytes(b"RIFF and nothing")
    with pytest.raises(BadInput) as caught:
        clips.draw(0, torch.Generator())
    assert caught.value.code.startswith("sound_")


def test_the_commands_make_a_checkpoint_of_a_checkpoint(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(omni_command, "CompactMeasures", Smiling)
    tokens = Tokens(bytes_tokenizer(tmp_path / "tokenizer"))
    checkpoint.save(tmp_path / "start", fresh(), tokens, today="2026-11-28")
    data = _list(tmp_path)
    common = ["--data", str(data), "--steps", "1", "--rows", "2", "--device", "cpu"]
    cold, rewarded = tmp_path / "cold", tmp_path / "rewarded"
    given = ["--checkpoint", str(tmp_path / "start"), "--out", str(cold), "--batch", "2"]
    assert sft.main([*common, *given]) == 0, capsys.readouterr().err
    given = ["--checkpoint", str(cold / "model"), "--out", str(rewarded), "--prompts", "1"]
    given += ["--group", "2", "--max-tokens", "4", "--redraws", "0", "--lora-rank", "2"]
    assert grpo.main([*common, *given]) == 0, capsys.readouterr().err
    line = json.loads((rewarded / "log.jsonl").read_text())
    assert line["groups"] == 1.0
    before, after = (
        checkpoint.load(folder).model.state_dict()
        for folder in (tmp_path / "start", cold / "model")
    )
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert checkpoint.load(rewarded / "model").config == TINY


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--checkpoint", "nowhere", "--data", "nowhere.csv"], "checkpoint_"),
        (["--checkpoint", "nowhere", "--data", "nowhere.csv", "--device", "abacus"], "bad_device"),
        (["--checkpoint", "nowhere", "--data", "nowhere.csv", "--steps", "0"], "bad_recipe"),
        (["--checkpoint", "nowhere", "--data", "nowhere.csv", "--rate", "nan"], "bad_recipe"),
    ],
)
@pytest.mark.parametrize("command", [sft, grpo])
def test_what_cannot_be_is_told_by_its_code(tmp_path, capsys, command, given, code):
    assert command.main([*given, "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(code)
