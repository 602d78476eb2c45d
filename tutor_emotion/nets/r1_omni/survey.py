"""What lies in a checkpoint's folder, by names and headers: no number is read, no pickle opened.

A download that stopped half-way shows in four ways: a file is missing, a shard of the index is
missing, a file ends before its header says so, or it is still a Git LFS pointer.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.nets.r1_omni.keys import Shape

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
PARTIAL = (".incomplete", ".part", ".partial", ".crdownload", ".aria2", ".tmp")
BYTES = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4}
MAX_HEADER_BYTES, MAX_INDEX_BYTES, MAX_SHARDS = 16 << 20, 16 << 20, 500
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
AGAIN = "Download the folder again, whole."


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a tensor lies, and as what."""

    file: str
    dtype: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Survey:
    """The weight files of a folder (with the index, where there is one), and the tensors by
    published name."""

    folder: Path
    files: tuple[str, ...]
    tensors: Mapping[str, Stored]

    @property
    def shapes(self) -> dict[str, Shape]:
        return {name: stored.shape for name, stored in self.tensors.items()}


def survey(folder: Path) -> Survey:
    """Look at a folder.

    Raises:
        Unavailable: ``checkpoint_missing``, ``checkpoint_empty``, ``checkpoint_incomplete``.
        BadInput: ``checkpoint_pickle``, ``checkpoint_corrupt``.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise _away("checkpoint_missing", f"There is no folder {folder.name!r}.")
    names = sorted(path.name for path in folder.iterdir())
    if not [name for name in names if not name.startswith(".")]:
        raise _away("checkpoint_empty", f"The folder {folder.name!r} is empty.")
    if WEIGHTS in names:
        tensors = _headers(folder / WEIGHTS)
        return Survey(folder, (WEIGHTS,), tensors)
    if INDEX in names:
        return _sharded(folder)
    if half := [name for name in names if name.endswith(PARTIAL)]:
        raise incomplete(f"{half[0]} is still coming")
    if pickles := [name for name in names if name.endswith(PICKLES)]:
        raise _pickle(pickles[0])
    raise incomplete(f"there is no {WEIGHTS}, nor {INDEX}")


@contextmanager
def readable() -> Iterator[None]:
    """What the disk or its permissions refuse, as ``Unavailable`` ``checkpoint_unreadable``."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            "checkpoint_unreadable",
            f"The checkpoint cannot be read: {error.strerror}.",
            hint="Look at the folder's permissions and its disk.",
            retry=False,
        ) from None


def incomplete(what: str) -> Unavailable:
    """A download that is not whole."""
    return _away("checkpoint_incomplete", f"The checkpoint is not whole: {what}.")


def corrupt(file: str, because: str) -> BadInput:
    """A file that is not what it should be."""
    return BadInput("checkpoint_corrupt", f"{file} is broken: {because}.", hint=AGAIN)


def _sharded(folder: Path) -> Survey:
    places = _index(folder / INDEX)
    shards = sorted(set(places.values()))
    if len(shards) > MAX_SHARDS:
        raise corrupt(INDEX, f"it names {len(shards)} files")
    if missing := [shard for shard in shards if not (folder / shard).is_file()]:
        raise incomplete(f"{len(missing)} of {len(shards)} files are missing ({missing[0]} …)")
    held = {shard: _headers(folder / shard) for shard in shards}
    for name, shard in places.items():
        if name not in held[shard]:
            raise corrupt(shard, f"it lacks {name}, which the index places there")
    everything = {name: stored for tensors in held.values() for name, stored in tensors.items()}
    return Survey(
        folder, (INDEX, *shards), everything | {n: held[shard][n] for n, shard in places.items()}
    )


def _index(path: Path) -> dict[str, str]:
    """Tensor → file, each a plain name in the same folder."""
    try:
        with path.open("rb") as opened:
            raw = json.loads(opened.read(MAX_INDEX_BYTES))
        places = {str(name): str(file) for name, file in raw["weight_map"].items()}
    except _MALFORMED as error:
        raise corrupt(path.name, f"it is no index ({type(error).__name__})") from None
    for file in places.values():
        if Path(file).name != file:
            raise corrupt(path.name, f"it names {file[:80]!r}, outside of the folder")
        if not file.endswith(".safetensors"):
            raise _pickle(file[:80])
    return places


def _headers(path: Path) -> dict[str, Stored]:
    """The header of one safetensors file: 8 bytes of length, JSON, then the numbers."""
    size = path.stat().st_size
    with path.open("rb") as opened:
        start = opened.read(8)
        if start.startswith(b"version "):
            raise incomplete(f"{path.name} is a pointer of Git LFS, not the file")
        if start[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
            raise _pickle(path.name)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if len(start) == 8 and length > MAX_HEADER_BYTES:
            raise corrupt(path.name, "it is no safetensors file")
        text = opened.read(length)
    if len(start) < 8 or len(text) < length:
        raise incomplete(f"{path.name} ends within its header, after {size:,} bytes")
    try:
        raw = json.loads(text)
        raw.pop("__metadata__", None)
        tensors = {str(name): _stored(path.name, one) for name, one in raw.items()}
        ends = max((one["data_offsets"][1] for one in raw.values()), default=0)
        promised = 8 + length + int(ends)
    except (*_MALFORMED, ArithmeticError) as error:
        raise corrupt(path.name, f"its header cannot be read ({type(error).__name__})") from None
    if size < promised:
        raise incomplete(f"{path.name} has {size:,} of {promised:,} bytes")
    if size > promised:
        raise corrupt(path.name, f"it has {size:,} bytes, not {promised:,}")
    return tensors


def _stored(file: str, raw: Mapping[str, Any]) -> Stored:
    stored = Stored(file, str(raw["dtype"]), tuple(int(side) for side in raw["shape"]))
    begin, end = raw["data_offsets"]
    if stored.dtype in BYTES and end - begin != prod(stored.shape) * BYTES[stored.dtype]:
        raise ValueError
    return stored


def _pickle(file: str) -> TutorEmotionError:
    return BadInput(
        "checkpoint_pickle",
        f"{file} is a pickle, which can run any program; it was not opened.",
        hint="Only safetensors are read. Convert it where you trust it, or get the safetensors.",
    )


def _away(code: str, message: str) -> Unavailable:
    return Unavailable(code, message, hint=AGAIN, retry=False)
