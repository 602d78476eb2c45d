"""What the readers of RAVDESS, DFEW and MAFW give: labelled clips, none of them opened yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import Item, Skipped

Dataset: TypeAlias = Literal["ravdess", "dfew", "mafw"]
Senses: TypeAlias = Literal["video_audio", "video", "audio"]

FOLDS = range(1, 6)
HINT = "docs/r1-omni.md shows how the folder of each data set looks."


@dataclass(frozen=True, slots=True)
class ClipSet:
    """The clips of one data set. ``classes``: its labels in R1-Omni's own words; an item's
    ``label`` is one of them. ``named``: a file's name says whether it has picture and sound."""

    dataset: Dataset
    classes: tuple[str, ...]
    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    named: bool = False


def first_of(root: Path, forms: Iterable[str], what: str) -> Path:
    """The first of these paths below ``root`` that is there.

    Raises:
        BadInput: ``data_unknown``, naming ``what`` was looked for.
    """
    tried = list(forms)
    for form in tried:
        if (root / form).exists():
            return root / form
    raise BadInput(
        "data_unknown",
        f"{root.name} holds no {what}: there is no {tried[0]}.",
        hint=HINT,
    )


def files(root: Path, suffixes: set[str]) -> list[Path]:
    """Files with these suffixes as deep as they lie; hidden ones and what macOS adds are not."""
    hidden = (".", "__MACOSX")
    return sorted(
        at
        for at in root.rglob("*")
        if at.suffix.lower() in suffixes
        and not any(part.startswith(hidden) for part in at.relative_to(root).parts)
        and at.is_file()
    )
