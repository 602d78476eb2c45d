"""Zips: what comes through, and what never does, with the name of the entry."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content import COURSES, read_files, write_zip
from tutor_emotion.lessons.content.bundles import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_ZIP_BYTES,
    read_path,
    read_zip,
)

HEAD = b"---\nkey: x\n---\n"


def packed(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, raw in entries:
            archive.writestr(name, raw)
    return buffer.getvalue()


def refused(raw: bytes) -> str:
    with pytest.raises(BadInput) as error:
        read_zip(raw)
    assert error.value.code == "bad_zip"
    return error.value.message


# --- it works -----------------------------------------------------------------------------------


def test_a_course_in_a_zip_in_one_top_folder_or_none() -> None:
    files = read_path(COURSES / "fractions")
    assert read_zip(write_zip(files, "fractions")) == files
    assert read_zip(packed(*files.items())) == files
    assert read_files(read_zip(write_zip(files, "My course".replace(" ", "-")))).key == "fractions"


def test_the_same_files_give_the_same_bytes() -> None:
    files = {"b.md": b"2", "a.md": b"1"}
    assert write_zip(files, "x") == write_zip(dict(reversed(files.items())), "x")


def test_litter_and_folders_are_left_aside() -> None:
    names = ["__MACOSX/._course.md", "x/.DS_Store", "x/lesson/", "x/Thumbs.db"]
    raw = packed(("x/course.md", HEAD), *((name, b"") for name in names))
    assert read_zip(raw) == {"course.md": HEAD}


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../course.md", "a/../../course.md", "/etc/passwd", "a\\b.md", "..\\x.md", "C:/x.md", "c:x.md",
     "//host/x.md", "..", "a/.."],
)  # fmt: skip
def test_a_path_outside(name: str) -> None:
    assert "leads out of the course" in refused(packed(("course.md", HEAD), (name, b"x")))


def test_a_name_with_a_nul() -> None:
    raw = packed(("course.mdAevil", HEAD)).replace(b"course.mdA", b"course.md\x00")
    assert "leads out" in refused(raw)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(kind: int) -> None:
    entry = zipfile.ZipInfo("course.md")
    entry.external_attr = (kind | 0o777) << 16
    assert refused(packed((entry, b"/etc/passwd"))) == "course.md: a link or a device, not a file."


@pytest.mark.parametrize("name", ["brüche.md", "дроби/lesson.md", "a\u202egnp.md"])
def test_names_in_other_encodings(name: str) -> None:
    assert "only the letters a to z" in refused(packed((name, HEAD)))
    # Without the flag that says UTF-8, as old programs write it.
    raw = packed((name, HEAD)).replace(struct.pack("<H", 0x800), struct.pack("<H", 0))
    assert refused(raw)


def test_a_name_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        raw = packed(("course.md", HEAD), ("course.md", b"other"))
    assert refused(raw) == "course.md: this name is in the zip twice."
    assert "twice" in refused(packed(("course.md", HEAD), ("./course.md", b"other")))


def test_a_locked_entry() -> None:
    raw = bytearray(packed(("course.md", HEAD)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    assert refused(bytes(raw)) == "course.md: it is locked with a password."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packing(method: int) -> None:
    assert "packed in a way" in refused(packed(("course.md", HEAD), method=method))


@pytest.mark.parametrize(
    "raw", [b"", b"PK", b"hello", b"\x1f\x8b" + bytes(100), b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_zip(raw: bytes) -> None:
    assert refused(raw) == "This is not a zip, or only a part of one."


def test_a_zip_that_was_cut_off() -> None:
    whole = write_zip(read_path(COURSES / "fractions"), "fractions")
    for end in range(0, len(whole), 997):
        assert refused(whole[:end])


def test_a_damaged_entry() -> None:
    raw = bytearray(packed(("course.md", HEAD * 100)))
    raw[60] ^= 0xFF
    assert refused(bytes(raw)) == "course.md: it is damaged."


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_any_flipped_byte_is_read_or_refused(at: int, value: int) -> None:
    raw = bytearray(packed(("course.md", HEAD), ("a/lesson.md", HEAD)))
    raw[at % len(raw)] = value
    try:
        read_zip(bytes(raw))
    except BadInput as error:
        assert error.code == "bad_zip"  # noqa: PT017


# --- bombs --------------------------------------------------------------------------------------


def stream_of_zeros(size: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    parts = [squeeze.compress(block) for _ in range(size >> 20)]
    return b"".join(parts) + squeeze.flush()


def entry_that_says(name: bytes, stream: bytes, says: int, crc: int = 0) -> bytes:
    """A zip of one deflated entry that declares ``says`` bytes."""
    fields = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, crc, len(stream), says, len(name), 0)
    local = b"PK\x03\x04" + fields + name + stream
    central = (
        b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name
    )
    end = struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def test_a_bomb_that_says_what_it_is() -> None:
    bomb = entry_that_says(b"course.md", stream_of_zeros(1 << 26), (1 << 32) - 2)
    start = thread_time()
    assert "unpacks to 4,294,967,294 bytes" in refused(bomb)
    assert thread_time() - start < 1


def test_a_bomb_of_ten_gigabytes_in_many_entries() -> None:
    """One stream that all entries share, which is how a small zip becomes a very large bomb."""
    one = entry_that_says(b"course.md", stream_of_zeros(1 << 24), 1 << 24)
    central = one.index(b"PK\x01\x02")
    record, end = one[central : one.rindex(b"PK\x05\x06")], 640
    tail = struct.pack("<HHHHLLH", 0, 0, end, end, len(record) * end, central, 0)
    assert "unpacks to 10,737,418,240 bytes" in refused(
        one[:central] + record * end + b"PK\x05\x06" + tail
    )


@pytest.mark.parametrize("says", [10, 1000, MAX_FILE_BYTES])
def test_a_bomb_that_lies(says: int) -> None:
    stream = stream_of_zeros(1 << 26)
    start = thread_time()
    assert refused(entry_that_says(b"course.md", stream, says)) == "course.md: it is damaged."
    assert thread_time() - start < 1


def test_too_much_too_many_too_large() -> None:
    noise = (Path(__file__).read_bytes() * 100)[: MAX_FILE_BYTES + 1]
    stored = packed(("course.md", noise), method=zipfile.ZIP_STORED)
    assert refused(stored) == "course.md: larger than 256 KB."
    many = packed(*((f"a/{n}.md", b"x") for n in range(MAX_FILES + 1)))
    assert refused(many) == f"There are more than {MAX_FILES} files."
    assert "larger than 2 MB" in refused(bytes(MAX_ZIP_BYTES + 1))


def test_a_hundred_thousand_empty_entries_cost_little() -> None:
    one = entry_that_says(b"a", b"", 0)
    central = one.index(b"PK\x01\x02")
    record = one[central : one.rindex(b"PK\x05\x06")]
    count = (MAX_ZIP_BYTES - 1000) // len(record)
    tail = struct.pack("<HHHHLLH", 0, 0, 65535, 65535, len(record) * count, central, 0)
    start = thread_time()
    assert "more than" in refused(one[:central] + record * count + b"PK\x05\x06" + tail)
    assert thread_time() - start < 10


# --- folders ------------------------------------------------------------------------------------


def test_a_folder_has_the_same_limits(tmp_path: Path) -> None:
    (tmp_path / "course.md").symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match=r"course\.md: not a plain file"):
        read_path(tmp_path)
    (tmp_path / "course.md").unlink()
    (tmp_path / "course.md").write_bytes(bytes(MAX_FILE_BYTES + 1))
    with pytest.raises(BadInput, match=r"course\.md: too large"):
        read_path(tmp_path)


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(BadInput, match="larger than 2 MB"):
        read_path(path)
