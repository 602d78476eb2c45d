"""The bench on a tiny model: every figure is there, and the agreement agrees where it must."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.nets.r1_omni.test_runner import LONG, checkpoint
from tests.nets.r1_omni.tiny import tiny
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import bench, bench_subject
from tutor_emotion.nets.r1_omni.bench_subject import Subject
from tutor_emotion.nets.r1_omni.config import FULL
from tutor_emotion.nets.r1_omni.tokens import INSTRUCTION_PIECES


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "GENERATED", 2)
    monkeypatch.setattr(bench, "ORIGINAL", 2)
    monkeypatch.setattr(bench, "COMPARED", {"cpu": 2})
    monkeypatch.setattr(bench, "SHORTER_S", (5, 2))


@pytest.fixture
def of() -> Subject:
    return Subject(tiny(LONG), torch.device("cpu"), 1, "tiny")


def wav(at: Path, seconds: float = 0.5, hz: int = 16_000, channels: int = 1) -> None:
    with wave.open(str(at), "wb") as opened:
        opened.setnchannels(channels)
        opened.setsampwidth(2)
        opened.setframerate(hz)
        opened.writeframes(np.full(int(hz * seconds) * channels, 900, np.int16).tobytes())


def test_the_report_has_each_figure_and_its_ratios(of: Subject) -> None:
    found = bench.report(of, (), (1, 2))
    assert set(found["clips_a_second"]) == {"1", "2"}
    speed = [row[kind] for row in found["clips_a_second"].values() for kind in row]
    assert len(speed) == 4
    assert all(one > 0 for one in (*speed, found["as_published"], *found["ways"].values()))
    assert set(found["sound"]) == {"5_s", "2_s"}
    for row in found["sound"].values():
        assert 0 <= row["same_word"] <= 1
        assert 0 <= row["distance"] <= 1
    assert "of_the_bound" not in found  # that is a GPU's
    assert json.loads(json.dumps(found)) == found


def test_ratios_are_what_they_are_called(of: Subject) -> None:
    speed = {"1": {"scored": 2.0, "generated": 1.0}, "8": {"scored": 6.0, "generated": 3.0}}
    assert bench.ratios(speed | {"1": {"scored": 8.0, "generated": 1.0}}, 0.5, of) == {
        "batched_to_single": 0.75,  # it is said as it is
        "scored_to_generated": 2.0,
        "scored_to_generated_single": 8.0,
        "scored_to_published": 16.0,
    }
    assert bench.ratios(speed, 0.5, of) == {
        "batched_to_single": 3.0,
        "scored_to_generated": 2.0,
        "scored_to_generated_single": 2.0,
        "scored_to_published": 12.0,
    }


def test_the_exact_window_agrees_with_itself_and_a_shorter_one_need_not(
    of: Subject,
) -> None:
    batch = bench_subject.clips(2)
    exact = bench.probabilities(of, batch, 30, 2)
    itself = bench.shorter(of, batch, exact, 30, 2)
    assert (itself["same_word"], itself["distance"]) == (1.0, 0.0)
    assert bench.shorter(of, batch, exact, 2, 2)["distance"] > 0


def test_the_prompt_is_as_long_as_the_published_one() -> None:
    assert bench_subject.PROMPT.text_tokens == 92
    assert bench_subject.PROMPT.text_tokens + FULL.video_tokens + FULL.audio_tokens == 984
    assert bench_subject.PROMPT.gate == INSTRUCTION_PIECES
    for config in (FULL, bench_subject.SMALL):  # the scaled-down model has as many tokens
        assert (config.video_tokens, config.audio_tokens) == (392, 500)


def test_a_folder_of_sounds_is_read_and_what_is_none_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no WAV file"):
        bench_subject.read_sounds(tmp_path)
    wav(tmp_path / "a.wav")
    assert [len(sound) for sound in bench_subject.read_sounds(tmp_path)] == [8000]
    wav(tmp_path / "b.wav", hz=44_100)
    with pytest.raises(BadInput, match=r"b\.wav is not 16 kHz"):
        bench_subject.read_sounds(tmp_path)
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    with pytest.raises(BadInput, match=r"b\.wav"):
        bench_subject.read_sounds(tmp_path)


def test_the_command_prints_one_line_of_a_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = checkpoint(tmp_path / "checkpoint")
    wav(tmp_path / "a.wav")
    asked = ["--device", "cpu", "--checkpoint", str(at), "--batch", "1", "--sounds", str(tmp_path)]
    assert bench.main(asked) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["model"] == "folder"
    assert bench.main(["--checkpoint", str(tmp_path / "none")]) == 1
    assert "checkpoint_missing" in capsys.readouterr().err
