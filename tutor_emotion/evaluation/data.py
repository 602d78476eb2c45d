"""Labelled files: a folder with one sub-folder per class, a folder of a known corpus, or a list.

Nothing is opened here but lists: what a file holds is read one by one, later, so that one bad file
costs only itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.naming import Naming, naming_of
from tutor_emotion.evaluation.tables import Row, read_rows

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".pgm"})
SOUNDS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".webm", ".aac"})

Part: TypeAlias = Literal["", "calibration", "test"]


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled input. ``name`` as its list or folder has it, ``row`` its line there (0: none);
    empty is unknown."""

    name: str
    label: str
    subject: str = ""
    group: str = ""
    part: Part = ""
    row: int = 0
    path: Path = Path()
    text: str = ""

    @property
    def where(self) -> str:
        """How a message names it."""
        return f"{self.name}, row {self.row}" if self.row else self.name


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was left out, and why."""

    file: str
    row: int
    code: str
    reason: str

    @classmethod
    def of(cls, item: Item, error: BadInput) -> Skipped:
        return cls(item.name, item.row, error.code, error.message)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a path holds, in order. ``naming``: the corpus whose file names these are."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    naming: Naming | None = None
    repeated: int = 0
    notes: tuple[str, ...] = ()


def read_listing(path: Path, suffixes: frozenset[str]) -> Listing:
    """The labelled files at ``path``.

    Raises:
        BadInput: ``data_missing``, ``data_unknown``, ``data_empty``, ``class_empty``,
            ``data_repeats``, ``bad_list``.
    """
    if path.is_dir():
        listing = _folder(path, suffixes)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        listing = _list(path)
    elif path.exists():
        raise BadInput(
            "data_unknown",
            f"{path.name} is neither a folder with a sub-folder per class nor a CSV.",
            hint="See docs/evaluation.md.",
        )
    else:
        raise BadInput("data_missing", f"There is no file or folder {path}.")
    if not listing.items:
        raise BadInput("data_empty", f"{path.name} holds nothing that can be evaluated.")
    return replace(listing, repeated=_repeats(listing.items))


# --- folders -------------------------------------------------------------------------------------


def _folder(path: Path, suffixes: frozenset[str]) -> Listing:
    folders = [at for at in _visible(path) if at.is_dir()]
    loose = [at for at in _visible(path) if at.is_file() and at.suffix.lower() in suffixes]
    if not folders:
        return _corpus(path, loose)
    items: list[Item] = []
    skipped = [_misplaced(at.name, "It stands in no class folder.") for at in loose]
    for folder in folders:
        files = [at for at in _visible(folder, deep=True) if at.is_file()]
        if not files:
            raise BadInput(
                "class_empty",
                f"The class folder {path.name}/{folder.name} holds no file.",
                hint="Remove the folder, or fill it.",
            )
        for at in files:
            name = at.relative_to(path).as_posix()
            if at.suffix.lower() in suffixes:
                items.append(Item(name, folder.name, path=at))
            else:
                skipped.append(_misplaced(name, f"{at.suffix or 'No suffix'}: no such input."))
    naming = naming_of([item.path.name for item in items])
    if naming is not None:
        items = [replace(item, subject=naming.subject(item.path.name)) for item in items]
    return Listing(tuple(items), tuple(skipped), naming)


def _corpus(path: Path, files: Sequence[Path]) -> Listing:
    naming = naming_of([at.name for at in files])
    if naming is None:
        raise BadInput(
            "data_unknown",
            f"The folder {path.name} has no sub-folder per class, and its files are not named as "
            "those of a corpus that is known here.",
            hint="Make a sub-folder for each class, or list the files in a CSV (file, label).",
        )
    items = (Item(at.name, naming.label(at.name), naming.subject(at.name), path=at) for at in files)
    return Listing(tuple(items), (), naming)


def _visible(path: Path, *, deep: bool = False) -> list[Path]:
    found = path.rglob("*") if deep else path.iterdir()
    hidden = (".", "__MACOSX")
    return sorted(
        at for at in found if not any(p.startswith(hidden) for p in at.relative_to(path).parts)
    )


def _misplaced(name: str, reason: str) -> Skipped:
    return Skipped(name, 0, "data_misplaced", reason)


# --- lists ---------------------------------------------------------------------------------------


def _list(path: Path) -> Listing:
    table = read_rows(path, needs=("file", "label"), knows=("subject", "group", "split"))
    items = []
    first: dict[Path, Row] = {}
    for row in table.rows:
        at = path.parent / row["file"]
        whole = _whole(path, row, at)
        if whole in first:
            raise BadInput(
                "data_repeats",
                f"{path.name}, rows {first[whole].number} and {row.number}: "
                f"{row['file']} is listed twice.",
            )
        first[whole] = row
        items.append(item_of(path, row, name=row["file"], path_of=at))
    return Listing(tuple(items), notes=table.notes)


def _whole(path: Path, row: Row, at: Path) -> Path:
    try:
        at.is_file()  # a name too long for the file system shows only here
        return at.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, a link that leads to itself
        raise BadInput(
            "bad_list", f"{path.name}, row {row.number}: the file's name cannot be one."
        ) from None


def item_of(path: Path, row: Row, *, name: str, path_of: Path = Path(), text: str = "") -> Item:
    """A row of a list as an Item.

    Raises:
        BadInput: ``bad_list``, for a ``split`` that is neither calibration nor test.
    """
    part = row["split"].lower()
    if part not in get_args(Part):
        raise BadInput(
            "bad_list",
            f"{path.name}, row {row.number}: split is {row['split']!r:.40}, "
            "neither 'calibration' nor 'test'.",
        )
    known: Part = part  # type: ignore[assignment]
    return Item(name, row["label"], row["subject"], row["group"], known, row.number, path_of, text)


# --- who is on them ------------------------------------------------------------------------------


def with_subjects(listing: Listing, pattern: re.Pattern[str]) -> Listing:
    """Items without a subject get that which ``pattern`` finds in their name (with its folder):
    its group ``subject``, else its first group, else all that fits. No fit leaves it unknown.

    Raises:
        BadInput: ``subject_not_found``, where it fits no item.
    """
    group = "subject" if "subject" in pattern.groupindex else min(pattern.groups, 1)
    found = [pattern.search(item.name) for item in listing.items]
    if not any(found):
        raise BadInput(
            "subject_not_found",
            f"The pattern {pattern.pattern!r:.80} fits no name, as {listing.items[0].where}.",
            hint="It is a regular expression that is looked for in class/file.wav.",
        )
    items = (
        replace(item, subject=item.subject or (at[group] or "" if at else ""))
        for item, at in zip(listing.items, found, strict=True)
    )
    return replace(listing, items=tuple(items))


# --- repeats -------------------------------------------------------------------------------------


def _repeats(items: Sequence[Item]) -> int:
    """How many files have the same bytes as one before them.

    Raises:
        BadInput: ``data_repeats``, where their labels differ: one of them is wrong.
    """
    seen: dict[str, Item] = {}
    repeated = 0
    for item in items:
        if not item.path.is_file():
            continue
        with item.path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        before = seen.setdefault(digest, item)
        if before.label.casefold() != item.label.casefold():
            raise BadInput(
                "data_repeats",
                f"{before.where} and {item.where} are the same file under two labels, "
                f"{before.label!r:.40} and {item.label!r:.40}.",
                hint="Remove the one that is wrong.",
            )
        repeated += before is not item
    return repeated
