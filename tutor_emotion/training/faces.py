"""FER+ as arrays: pictures and how ten raters voted (Barsoum et al. 2016)."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.expression import EXPRESSIONS

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
    """An ``.npz`` with ``images`` and ``votes`` (and ``names``, ``vote_columns`` where it has them).

    Raises:
        BadInput: ``data_missing``, ``data_unreadable``, ``data_shape``, ``data_repeats``.
    """
    arrays = _arrays(path)
    images, votes = arrays["images"], arrays["votes"]
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1] != images.shape[2]:
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
    columns = tuple(str(c) for c in arrays.get("vote_columns", COLUMNS))
    if columns != COLUMNS:
        raise BadInput("data_shape", f"{path.name}: vote_columns are {columns}, not {COLUMNS}.")
    unvoted = np.flatnonzero((votes.astype(int).sum(1) <= 0) | (votes.min(1) < 0))
    if len(unvoted):
        raise BadInput("data_shape", f"{path.name}, row {unvoted[0]}: no votes.")
    names = arrays.get("names", np.arange(len(images)).astype("U12"))
    _refuse_repeats(path, names)
    return Faces(images, votes.astype(np.uint8), names)


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    if not path.is_file():
        raise BadInput("data_missing", f"There is no file {path}.")
    try:
        with np.load(path, allow_pickle=False) as opened:
            arrays = {key: opened[key] for key in opened.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
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


def majority(votes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The expression that most raters chose, -1 where most chose unknown or not-a-face (n,)."""
    most = votes.argmax(1)
    return np.where(most < len(EXPRESSIONS), most, -1)


def distribution(votes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The share of votes for each expression (n, 8); a single vote is taken for a slip and left
    out (as in the authors' own reader), rows without any vote left are all zeros."""
    kept = np.where(votes > 1, votes, 0)[:, : len(EXPRESSIONS)].astype(np.float32)
    total = kept.sum(1, keepdims=True)
    return np.divide(kept, total, out=np.zeros_like(kept), where=total > 0)


def trainable(faces: Faces, not_in: Faces | None = None) -> Faces:
    """Those that show an expression by most raters; the same picture once, with all its votes
    added; none that is also in ``not_in`` (FER2013 repeats pictures, across its splits too)."""
    flat = faces.images.reshape(len(faces), -1)
    _, first, group = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    votes = np.zeros((len(first), len(COLUMNS)), dtype=np.int64)
    np.add.at(votes, group.ravel(), faces.votes.astype(np.int64))
    order = np.argsort(first)
    merged = Faces(
        faces.images[first[order]],
        np.minimum(votes[order], 255).astype(np.uint8),
        faces.names[first[order]],
    )
    kept = (majority(merged.votes) >= 0) & (distribution(merged.votes).sum(1) > 0)
    if not_in is not None:
        seen = {picture.tobytes() for picture in not_in.images}
        kept &= np.array([picture.tobytes() not in seen for picture in merged.images])
    return merged[kept]
