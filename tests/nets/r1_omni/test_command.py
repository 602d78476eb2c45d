"""``manage.py r1_omni``, as an operator and as a script use it."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.nets.r1_omni.published import write_checkpoint
from tests.nets.r1_omni.tiny import TINY_BERT
from tutor_emotion.nets.r1_omni.record import read_record


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("r1_omni", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "omni")


def test_describe_counts_the_full_size_model() -> None:
    told = json.loads(command("describe", "--json"))
    assert told["parameters"] == 1_372_849_475
    assert sum(told["parts"].values()) == told["parameters"]
    assert "1,372,849,475" in command("describe")


def test_check_asks_a_person_and_remembers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    answering(monkeypatch, "yes")
    call_command("r1_omni", "check", str(folder), stdout=io.StringIO(), stderr=err)
    assert "EDUCATION INSTITUTIONS" in err.getvalue()
    assert "unless the" in err.getvalue()
    record = read_record(folder)
    assert record is not None
    assert record.acknowledged
    answering(monkeypatch, "no")  # nobody is asked twice
    assert "whole" in command("check", str(folder))


@pytest.mark.parametrize("answer", ["no", "", "y", "YES please"])
def test_anything_but_yes_is_no(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(CommandError, match="policy_unacknowledged"):
        command("check", str(folder))
    assert read_record(folder) is None


def test_a_script_has_to_say_yes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))  # a pipe is no person
    with pytest.raises(CommandError, match="policy_unacknowledged"):
        command("check", str(folder))
    told = json.loads(command("check", str(folder), "--yes", "--json"))
    assert told["acknowledged"]
    assert told["files"] == ["config.json", "model.safetensors", "tokenizer.json"]
    assert len(told["fingerprint"]) == 64


def test_the_publishers_sha256_finds_a_byte_that_flipped_on_the_way(folder: Path) -> None:
    path = folder / "model.safetensors"
    promise = f"model.safetensors={hashlib.sha256(path.read_bytes()).hexdigest()}"
    damaged = bytearray(path.read_bytes())
    damaged[-3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CommandError, match=r"checkpoint_corrupt.*model\.safetensors"):
        command("check", str(folder), "--yes", "--sha256", promise)
    assert read_record(folder) is None
    damaged[-3] ^= 1
    path.write_bytes(damaged)
    command("check", str(folder), "--yes", "--sha256", promise)
    with pytest.raises(CommandError, match="unknown_file"):
        command("check", str(folder), "--sha256", promise.replace("model", "other"))
    with pytest.raises(CommandError, match="64 hexadecimal"):
        command("check", str(folder), "--sha256", "model.safetensors=ab")


def test_a_model_of_ones_own_is_checked_without_a_question(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine", config=TINY_BERT)
    assert not json.loads(command("check", str(folder), "--json"))["acknowledged"]


def test_a_broken_folder_is_refused_before_anybody_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "yes")
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(CommandError, match="checkpoint_incomplete"):
        command("check", str(folder))
