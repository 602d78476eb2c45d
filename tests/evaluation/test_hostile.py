"""Files that were made to break their readers: each a coded error, none that takes the memory."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from tests.evaluation.making import picture_folder
from tutor_emotion.core.lexicon import read_edit
from tutor_emotion.core.states import read_states
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import PICTURES, read_listing
from tutor_emotion.evaluation.ferplus import read_faces
from tutor_emotion.evaluation.label_map import read_label_map
from tutor_emotion.evaluation.messages import read_cases
from tutor_emotion.evaluation.pictures import read_picture
from tutor_emotion.evaluation.recordings import read_recordings
from tutor_emotion.evaluation.sounds import read_sound
from tutor_emotion.evaluation.tables import read_rows
from tutor_emotion.training import labelled

DEEP = "a = " + "[" * 5000 + "]" * 5000
HUGE = "1" + "0" * 400  # a whole number that no float can hold
IMAGES = np.arange(4, dtype=np.uint8)[:, None, None] + np.zeros((4, 48, 48), np.uint8)
VOTES = np.tile(np.array([0, 10, *[0] * 8], np.uint8), (4, 1))


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (lambda at: read_rows(at, ("file",), ()), "bad_list"),
        (lambda at: read_label_map(str(at), "face"), "bad_label_map"),
        (read_cases, "bad_cases"),
        (lambda at: read_edit(at.read_text(), at.name), "bad_lexicon"),
        (lambda at: read_states(at.read_text()), "bad_states_model"),
    ],
)
def test_toml_that_is_nested_without_end(
    read: Callable[[Path], Any], code: str, tmp_path: Path
) -> None:
    at = tmp_path / "deep.toml"
    at.write_text(DEEP)
    with pytest.raises(BadInput) as caught:
        read(at)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["a\0b.png", "a" * 5000 + ".png", "loop.png"])
def test_a_name_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    at = tmp_path / "list.csv"
    at.write_text(f"file,label\n{name},anger\n")
    with pytest.raises(BadInput, match=r"list\.csv, row 2") as caught:
        read_listing(at, PICTURES)
    assert caught.value.code == "bad_list"


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    at = tmp_path / "list.csv"
    at.write_text("file,label,label\na.png,anger,happiness\n")
    with pytest.raises(BadInput, match="two columns 'label'"):
        read_listing(at, PICTURES)


def test_a_message_longer_than_a_cell_can_be(tmp_path: Path) -> None:
    at = tmp_path / "cases.csv"
    at.write_text("text,label\n" + "a " * 100_000 + ",none\n")
    with pytest.raises(BadInput, match=r"cases\.csv"):
        read_cases(at)


# --- arrays --------------------------------------------------------------------------------------


def _saved(at: Path, **arrays: Any) -> Path:
    np.savez_compressed(at, **arrays)
    return at


def test_a_flipped_byte_in_arrays_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    whole = _saved(tmp_path / "whole.npz", images=IMAGES, votes=VOTES).read_bytes()
    at, refused = tmp_path / "flipped.npz", 0
    for place in range(0, len(whole), 7):
        flipped = bytearray(whole)
        flipped[place] ^= 0x55
        at.write_bytes(flipped)
        try:
            assert (read_faces(at).images == IMAGES).all()
        except BadInput as error:
            refused += "flipped.npz" in error.message
    assert refused > 10


@pytest.mark.parametrize("shape", ["(1000000000000, 48, 48)", f"({10**40},)", "((((("])
def test_a_header_that_claims_what_cannot_be(shape: str, tmp_path: Path) -> None:
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    at = tmp_path / "claim.npz"
    with zipfile.ZipFile(at, "w") as made:
        made.writestr(
            "images.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + b"x"
        )
    with pytest.raises(BadInput) as caught:
        read_faces(at)
    assert caught.value.code == "data_unreadable"


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"images": IMAGES, "votes": VOTES.astype(int) * 26}, "data_shape"),
        ({"images": IMAGES, "votes": VOTES, "names": np.array(["a", "b"])}, "data_shape"),
        ({"images": IMAGES, "votes": VOTES, "vote_columns": np.array("x")}, "data_shape"),
        ({"images": IMAGES[:, :0, :0], "votes": VOTES}, "data_shape"),
        ({"images": IMAGES[:0], "votes": VOTES[:0]}, "data_shape"),
    ],
)
def test_arrays_that_do_not_fit(arrays: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_faces(_saved(tmp_path / "faces.npz", **arrays))
    assert caught.value.code == code


def test_one_array_under_the_name_of_many(tmp_path: Path) -> None:
    with (tmp_path / "faces.npz").open("wb") as opened:
        np.save(opened, IMAGES)
    with pytest.raises(BadInput, match=r"faces\.npz"):
        read_faces(tmp_path / "faces.npz")


# --- pictures, sounds ----------------------------------------------------------------------------


def _png(at: Path, width: int, height: int) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    at.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b""))
    return at


def test_a_picture_too_large_is_refused_by_its_header(tmp_path: Path) -> None:
    """Its data are not there: had they been decoded, it would be unreadable instead."""
    with pytest.raises(BadInput) as caught:
        read_picture(_png(tmp_path / "bomb.png", 13_000, 13_000))
    assert caught.value.code == "picture_shape"


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_a_picture_of_more_than_8_bits_is_not_clipped_to_white(dtype: Any, tmp_path: Path) -> None:
    at = tmp_path / "deep.tiff"
    Image.fromarray(np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(dtype)).save(at)
    with pytest.raises(BadInput, match="8 bits"):
        read_picture(at)


def test_a_rate_that_takes_all_memory(tmp_path: Path) -> None:
    at = tmp_path / "fast.wav"
    head = struct.pack("<IHHIIHH", 16, 1, 1, 2**31 - 1, 2**32 - 2, 2, 16)
    data = b"data" + struct.pack("<I", 32_000) + bytes(32_000)
    at.write_bytes(b"RIFF" + struct.pack("<I", 32_036) + b"WAVEfmt " + head + data)
    with pytest.raises(BadInput, match=r"fast\.wav"):
        read_sound(at)


# --- lines ---------------------------------------------------------------------------------------


def test_a_time_that_no_float_can_hold(tmp_path: Path) -> None:
    at = tmp_path / "lesson.jsonl"
    at.write_text(f'{{"at_s": {HUGE}, "label": "confused"}}\n')
    with pytest.raises(BadInput, match="Line 1 is not within a day"):
        read_recordings(at)
    at.write_text(
        f'{{"learner":"a","session":"s","at_s":{HUGE},"source":"teacher","label":"confused",'
        '"features":{}}\n'
    )
    with pytest.raises(BadInput, match="line 1 has no at_s"):
        labelled.read(at)


# --- names ---------------------------------------------------------------------------------------


def test_a_name_that_is_no_text_is_reported_all_the_same(tmp_path: Path) -> None:
    at = picture_folder(tmp_path / "faces", {"anger": 0, "happiness": 1}, each=2)
    name = os.fsdecode(b"\xff.png")
    (at / "anger" / name).write_bytes(b"no picture")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    call_command("evaluate", "face", str(at), "--json", stdout=out)
    figures = json.loads(out.buffer.getvalue())
    assert [one["file"] for one in figures["skipped"]] == [f"anger/{name}"]
