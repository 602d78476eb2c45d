"""Voices from files: decoding, each speaker against their usual, bad files, and splits."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.core.management import CommandError

from tests.evaluation.making import (
    RATE_HZ,
    evaluated,
    voice_model,
    voiced,
    write_lines,
    write_sound,
)
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.sounds import read_sound
from tutor_emotion.evaluation.voice import speakers

CLASSES = ("anger", "fear", "neutral")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(voice_model(tmp_path_factory.mktemp("model"), temperature=1.7).folder)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four speakers, two groups, three classes, as a list."""
    root = tmp_path_factory.mktemp("voices")
    lines = ["file,label,subject,group"]
    for speaker in range(4):
        for at, label in enumerate(CLASSES):
            name = f"{speaker}-{label}.wav"
            write_sound(root / name, voiced(speaker * 10 + at, hz=110 + 30 * speaker + 20 * at))
            lines.append(f"{name},{label},s{speaker},{'old' if speaker % 2 else 'young'}")
    return write_lines(root / "list.csv", lines)


def encoded(path: Path, codec: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE_HZ)
        stream.layout = "mono"  # type: ignore[attr-defined]
        form = stream.format.name  # type: ignore[attr-defined]
        sound = voiced(1)
        if form.startswith("flt"):
            form, samples = "fltp", sound.astype(np.float32) / 32768
        else:
            samples = sound if form.startswith("s16") else sound.astype(np.int32) << 16
            form = form if form.startswith("s16") else "s32p"
        frame = av.AudioFrame.from_ndarray(samples[None], format=form, layout="mono")
        frame.sample_rate = RATE_HZ
        for one in (frame, None):
            container.mux(stream.encode(one))  # type: ignore[attr-defined]
    return path


# --- reading -------------------------------------------------------------------------------------


def test_a_16_khz_file_is_read_sample_for_sample(tmp_path: Path) -> None:
    sound = voiced(3)
    read = read_sound(write_sound(tmp_path / "a.wav", sound))
    assert read.dtype == np.int16
    assert np.abs(read.astype(int) - sound).max() <= 1


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.mp3", "libmp3lame")])
def test_other_formats_last_as_long(name: str, codec: str, tmp_path: Path) -> None:
    read = read_sound(encoded(tmp_path / name, codec))
    assert len(read) == pytest.approx(len(voiced(1)), abs=0.1 * RATE_HZ)


def test_44_1_khz_becomes_16(tmp_path: Path) -> None:
    read = read_sound(write_sound(tmp_path / "a.wav", np.zeros(44_100, np.int16), 44_100))
    assert len(read) == pytest.approx(RATE_HZ, abs=40)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_truncated_file_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".wav":
        write_sound(path, voiced(1))
    else:
        encoded(path, {".flac": "flac", ".ogg": "libopus"}[suffix])
        assert len(read_sound(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadInput) as caught:
        read_sound(path)
    assert caught.value.code in {"sound_truncated", "sound_unreadable"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sound_unreadable"),
        (b"RIFF and then nothing that is a sound", "sound_unreadable"),
        (None, "file_missing"),
    ],
)
def test_what_is_no_sound(content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=r"a\.wav") as caught:
        read_sound(path)
    assert caught.value.code == code


def test_nan_samples_are_refused(tmp_path: Path) -> None:
    samples = np.zeros(RATE_HZ, "<f4")
    samples[100] = np.nan
    head = struct.pack("<HHIIHH", 3, 1, RATE_HZ, RATE_HZ * 4, 4, 32)
    data = samples.tobytes()
    body = (
        b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(data)) + data
    )
    path = tmp_path / "nan.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with pytest.raises(BadInput, match="no numbers"):
        read_sound(path)


def test_a_click_is_too_short(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_sound(write_sound(tmp_path / "a.wav", voiced(1)[:200]))
    assert caught.value.code == "sound_length"


# --- speakers ------------------------------------------------------------------------------------


def test_speakers_keep_together_in_an_order_of_chance() -> None:
    named = [(Item(f"{i}.wav", "x", "s1" if i < 20 else ""), "anger") for i in range(22)]
    first, *alone = speakers(named, seed=1)
    assert len(first) == 20
    assert [len(one) for one in alone] == [1, 1]
    assert first != named[:20]
    assert first == speakers(named, seed=1)[0]
    assert first != speakers(named, seed=2)[0]


# --- the command ---------------------------------------------------------------------------------


def test_every_figure_is_there(corpus: Path, model: str) -> None:
    found = evaluated("voice", str(corpus), "--model", model)
    assert found["n"] == 12
    assert found["model"]["name"] == "voice/900"
    assert len(found["model"]["sha256"]) == 64
    assert found["classes"] == list(CLASSES)
    assert found["restricted"] is True
    assert set(found["by_group"]) == {"old", "young"}
    assert {name: one["n"] for name, one in found["by_subject"].items()} == dict.fromkeys(
        ("s0", "s1", "s2", "s3"), 3
    )
    total = sum(one["accuracy"] * one["n"] for one in found["by_subject"].values())
    assert total / 12 == pytest.approx(found["accuracy"])
    assert found["ece"] != found["ece_uncalibrated"]
    assert found["temperature"] == 1.7
    assert found["skipped"] == []
    gaps = found["gaps"]["group"]
    groups = found["by_group"].values()
    assert gaps["accuracy"] == pytest.approx(
        max(one["accuracy"] for one in groups) - min(one["accuracy"] for one in groups)
    )
    assert ("accuracy" in gaps["flagged"]) == (gaps["accuracy"] > 0.10)


def test_what_a_speaker_said_before_changes_what_is_heard(corpus: Path, model: str) -> None:
    known = evaluated("voice", str(corpus), "--model", model)
    lines = [line.split(",") for line in corpus.read_text().split()]
    strangers = write_lines(
        corpus.with_name("strangers.csv"), [",".join(cells[:2]) for cells in lines]
    )
    alone = evaluated("voice", str(strangers), "--model", model)
    assert alone["nll"] != pytest.approx(known["nll"])
    assert "of 12 of 12 utterances" in alone["notes"][-1]
    named = evaluated("voice", str(strangers), "--model", model, "--subject-from", r"^(\d)-")
    assert named["notes"] == []
    assert named["accuracy"] == known["accuracy"]
    assert alone["interval_over"] == "inputs"


def test_a_list_of_other_files_is_no_sound(tmp_path: Path) -> None:
    """ffconcat names files to open: under a sound's name too it is refused."""
    write_sound(tmp_path / "other.wav", voiced(1))
    path = tmp_path / "list.wav"
    path.write_text("ffconcat version 1.0\nfile other.wav\n")
    with pytest.raises(BadInput) as caught:
        read_sound(path)
    assert caught.value.code == "sound_unreadable"


def test_a_bad_file_costs_only_itself(corpus: Path, model: str, tmp_path: Path) -> None:
    for at, label in enumerate(CLASSES):
        for i in range(2):
            write_sound(tmp_path / label / f"{i}.wav", voiced(10 * at + i))
    whole = (tmp_path / "fear/0.wav").read_bytes()
    (tmp_path / "fear/cut.wav").write_bytes(whole[: len(whole) // 3])
    found = evaluated("voice", str(tmp_path), "--model", model)
    assert found["n"] == 6
    assert [one["file"] for one in found["skipped"]] == ["fear/cut.wav"]
    assert "cut.wav" in found["skipped"][0]["reason"]
    with pytest.raises(CommandError, match=r"sound_truncated: fear/cut\.wav"):
        evaluated("voice", str(tmp_path), "--model", model, "--strict")


def test_silence_is_no_answer_and_is_counted(model: str, tmp_path: Path) -> None:
    write_sound(tmp_path / "anger" / "a.wav", voiced(1))
    write_sound(tmp_path / "fear" / "b.wav", np.zeros(RATE_HZ, np.int16))
    found = evaluated("voice", str(tmp_path), "--model", model)
    assert found["n"] == 2
    assert found["abstention"]["no_answer"] == 1
    assert found["abstention"]["share"] >= 0.5


def test_data_that_the_model_learned_from_are_named(corpus: Path, tmp_path: Path) -> None:
    learned = voice_model(tmp_path, data={corpus.name: "00"})
    (note,) = evaluated("voice", str(corpus), "--model", str(learned.folder))["notes"]
    assert note.startswith("voice/900 names list.csv among the data of its training")


# --- splits --------------------------------------------------------------------------------------


def test_a_split_keeps_people_apart(corpus: Path, model: str) -> None:
    found = evaluated("voice", str(corpus), "--model", model, "--split", "3")
    split = found["split"]
    assert not set(split["subjects_calibration"]) & set(split["subjects_test"])
    assert len(split["subjects_calibration"]) == 2
    assert found["n"] + split["n_calibration"] == 12
    assert split["temperature_shipped"] == 1.7
    assert found["temperature"] != 1.7


def with_split(corpus: Path, name: str, part_of: Any) -> Path:
    lines = corpus.read_text().split()
    rows = [f"{line},{part_of(at, line)}" for at, line in enumerate(lines[1:])]
    return write_lines(corpus.with_name(name), [lines[0] + ",split", *rows])


def test_a_split_of_ones_own_is_taken_where_it_is_clean(corpus: Path, model: str) -> None:
    clean = with_split(
        corpus, "clean.csv", lambda _, line: "test" if ",s0," in line else "calibration"
    )
    assert evaluated("voice", str(clean), "--model", model)["n"] == 3


def test_a_random_split_is_refused_when_subjects_repeat(corpus: Path, model: str) -> None:
    random = with_split(corpus, "random.csv", lambda at, _: "test" if at % 2 else "calibration")
    with pytest.raises(CommandError, match=r"subject_on_both_sides: .*row 2 and .*row 3"):
        evaluated("voice", str(random), "--model", model)


def test_a_split_of_strangers_is_refused(model: str, tmp_path: Path) -> None:
    for at, label in enumerate(CLASSES):
        write_sound(tmp_path / label / "a.wav", voiced(at))
    with pytest.raises(CommandError, match="split_subjects_unknown"):
        evaluated("voice", str(tmp_path), "--model", model, "--split", "1")


# --- a real corpus -------------------------------------------------------------------------------


def test_a_part_of_emodb_by_its_file_names(model: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("TUTOR_EMOTION_DATA", "")) / "emodb"
    if "TUTOR_EMOTION_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("TUTOR_EMOTION_DATA names no folder with emodb")
    for at in sorted(folder.glob("0[38]*.flac"))[::5]:
        (tmp_path / at.name).symlink_to(at)
    found = evaluated("voice", str(tmp_path), "--model", model)
    assert set(found["by_subject"]) == {"03", "08"}
    assert set(found["classes"]) <= {
        "anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness"
    }  # fmt: skip
    assert found["n"] == len(list(tmp_path.iterdir()))
