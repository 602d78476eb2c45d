"""Model files: what the manifest promises is read, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.nets.weights import (
    MANIFEST,
    PackageSource,
    UrlSource,
    manifest,
    needed,
    read_manifest,
    read_member,
    read_weights,
    weights_path,
)

TASK = "face_landmarker.task"
MEMBERS = ("face_detector.tflite", "face_landmarks_detector.tflite", "face_blendshapes.tflite")


@pytest.fixture
def own_copy(weights_dir: Path, tmp_path: Path) -> Path:
    """A folder of our own, so that a file in it can be spoilt."""
    shutil.copy(weights_dir / TASK, tmp_path / TASK)
    return tmp_path


def code_of(error: pytest.ExceptionInfo[BaseException]) -> str:
    assert isinstance(error.value, (BadInput, Unavailable))
    return error.value.code


def test_the_manifest_says_where_each_file_is_from_and_what_it_may_be_used_for():
    assert {entry.file for entry in needed()} == {TASK, "silero_vad.onnx"}
    for entry in manifest():
        assert len(entry.sha256) == 64
        assert int(entry.sha256, 16)
        assert entry.licence in {"Apache-2.0", "MIT"}
        assert entry.trained_on
        assert entry.cards
        official, carrier = entry.sources
        assert isinstance(official, UrlSource)
        assert urlsplit(official.url).scheme == "https"
        assert isinstance(carrier, PackageSource)
        assert "==" in carrier.requirement


def test_right_files_are_read(weights_dir: Path):
    for entry in needed():
        assert weights_path(weights_dir, entry.file).stat().st_size == entry.size_bytes
    for member in MEMBERS:
        assert read_weights(weights_dir, TASK, member)[4:8] == b"TFL3"


def test_a_file_that_changes_after_it_was_verified_is_verified_again(own_copy: Path):
    path = weights_path(own_copy, TASK)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Unavailable) as error:
        read_weights(own_copy, TASK)
    assert code_of(error) == "weights_corrupt"


def test_a_cut_file_is_refused(own_copy: Path):
    path = own_copy / TASK
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(Unavailable) as error:
        weights_path(own_copy, TASK)
    assert code_of(error) == "weights_corrupt"
    assert not error.value.retry


def test_an_absent_file_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(Unavailable) as error:
        weights_path(tmp_path, TASK)
    assert code_of(error) == "weights_missing"
    assert "fetch_weights" in error.value.hint


def test_a_file_or_a_member_that_nobody_promised_is_refused(own_copy: Path):
    for file, member in (("other.bin", None), (TASK, "no_such.tflite")):
        with pytest.raises(BadInput) as error:
            read_weights(own_copy, file, member)
        assert code_of(error) == "unknown_weights"


def test_half_a_zip_is_refused(own_copy: Path):
    whole = (own_copy / TASK).read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"no zip at all"):
        with pytest.raises(Unavailable) as error:
            read_member(broken, MEMBERS[0])
        assert code_of(error) == "weights_corrupt"


@pytest.mark.parametrize(
    "text",
    ["", "[[file]]\nname = 'x'", MANIFEST.read_text().replace("sha256", "md5", 1), "no toml ["],
)
def test_a_manifest_that_promises_too_little_is_refused(text: str):
    with pytest.raises(BadInput) as error:
        read_manifest(text)
    assert code_of(error) == "bad_manifest"
