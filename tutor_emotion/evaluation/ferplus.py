"""FER+ as arrays: pictures and how ten raters voted (Barsoum et al. 2016)."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.expression import EXPRESSIONS

_KEYS = ("images", "votes", "names", "vote_columns")
# What numpy and zip throw at bytes that are not theirs: a flipped one, a plain .npy, a header that
# claims more than there is memory.
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    EOFError,
    RuntimeError,
    OverflowError,
    MemoryError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
COLUMNS = (*EXPRESSIONS, "unknown", "not_a_face")


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """``images`` uint8 (n, px, px) grey, ``votes`` uint8 (n, 10) by COLUMNS, ``names`` (n,)."""

    images: NDArray[np.uint8]
    votes: NDArray[np.uint8]
    names: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Faces:
        return Faces(self.images[rows], self.votes[rows], self.names[rows])


def read_faces(path: Path) -> Faces:
    """An ``.npz`` with ``images`` and ``votes``; ``names`` and ``vote_columns`` where it has them.

    Raises:
        BadInput: ``data_missing``, ``data_unreadable``, ``data_shape``, ``data_repeats``.
    """
    arrays = _arrays(path)
    images, votes = arrays["images"], arrays["votes"]
    square = images.ndim == 3 and images.shape[1] == images.shape[2] > 0
    if images.dtype != np.uint8 or not square or not len(images):
        raise BadInput(
            "data_shape",
            f"{path.name}: images are {images.dtype} {images.shape}, not uint8 (n, px, px).",
        )
    if votes.shape != (len(images), len(COLUMNS)) or votes.dtype.kind not in "iu":
        raise BadInput(
            "data_shape",
            f"{path.name}: votes are {votes.dtype} {votes.shape}, not whole numbers "
            f"({len(images)}, {len(COLUMNS)}).",
        )
    columns = tuple(str(c) for c in np.atleast_1d(arrays.get("vote_columns", COLUMNS)))
    if columns != COLUMNS:
        raise BadInput("data_shape", f"{path.name}: vote_columns are {columns}, not {COLUMNS}.")
    wild = np.flatnonzero(votes.max(1) > 255)
    if len(wild):
        raise BadInput("data_shape", f"{path.name}, row {wild[0]}: more than 255 votes for one.")
    unvoted = np.flatnonzero((votes.astype(int).sum(1) <= 0) | (votes.min(1) < 0))
    if len(unvoted):
        raise BadInput("data_shape", f"{path.name}, row {unvoted[0]}: no votes.")
    names = arrays.get("names", np.arange(len(images)).astype("U12"))
    if names.shape != (len(images),):
        raise BadInput("data_shape", f"{path.name}: names are {names.shape}, not ({len(images)},).")
    _refuse_repeats(path, names)
    return Faces(images.astype(np.uint8, copy=False), votes.astype(np.uint8), names.astype(str))


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    if not path.is_file():
        raise BadInput("data_missing", f"There is no file {path}.")
    try:
        with np.load(path, allow_pickle=False) as opened:
            arrays = {key: np.asarray(opened[key]) for key in _KEYS if key in opened.files}
    except _UNREADABLE as error:
        raise BadInput("data_unreadable", f"{path.name} cannot be read: {error}") from None
    for key in ("images", "votes"):
        if key not in arrays:
            raise BadInput("data_shape", f"{path.name} has no array {key!r}.")
    return arrays


def _refuse_repeats(path: Path, names: NDArray[np.generic]) -> None:
    _, first, counts = np.unique(names, return_index=True, return_counts=True)
    if (counts > 1).any():
        name = names[first[counts > 1].min()]
        rows = np.flatnonzero(names == name)
        raise BadInput("data_repeats", f"{path.name}, rows {rows[0]} and {rows[1]}: {name} twice.")


def plurality(votes: NDArray[np.integer]) -> NDArray[np.intp]:
    """The expression that most raters chose, -1 where most chose unknown or not-a-face (n,).

    Of equal counts the first column wins."""
    most = votes.argmax(1)
    return np.where(most < len(EXPRESSIONS), most, -1)


def majority(votes: NDArray[np.integer]) -> NDArray[np.intp]:
    """The expression that more than half of the raters chose, -1 where none has that (n,).

    As the authors' own reader has it, in the mode that their validation and test figures are made
    with: single votes are dropped first; a picture without a majority counts as unknown
    (``_process_data`` of ``ferplus.py``, github.com/microsoft/FERPlus)."""
    kept = np.where(votes > 1, votes, 0).astype(np.int64)
    clear = 2 * kept.max(1) > kept.sum(1)
    return np.where(clear, plurality(kept), -1)


def distribution(votes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The share of votes for each expression (n, 8); a single vote is taken for a slip and left
    out (as in the authors' own reader), rows without any vote left are all zeros."""
    kept = np.where(votes > 1, votes, 0)[:, : len(EXPRESSIONS)].astype(np.float32)
    total = kept.sum(1, keepdims=True)
    shares: NDArray[np.float32] = np.divide(kept, total, out=np.zeros_like(kept), where=total > 0)
    return shares
