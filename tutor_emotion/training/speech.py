"""Acted speech as arrays: a folder of a known corpus, a folder per class, or a CSV."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import SOUNDS, Item, read_listing
from tutor_emotion.evaluation.label_map import LabelMap, ours, read_label_map
from tutor_emotion.evaluation.sounds import read_sound
from tutor_emotion.nets.voice.emotion import EMOTIONS

# Berlin Database of Emotional Speech (Burkhardt et al. 2005): its five men of ten speakers.
EMODB_MEN = frozenset({"03", "10", "11", "12", "15"})


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """``sounds`` 16 kHz mono; ``labels`` in ``EMOTIONS``, ``speakers`` and ``names`` are (n,)."""

    name: str
    sounds: tuple[Int16Sound, ...]
    labels: NDArray[np.intp]
    speakers: NDArray[np.str_]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sounds)

    @property
    def sha256(self) -> str:
        """Of all samples with their names, in order."""
        total = hashlib.sha256()
        for name, sound in zip(self.names, self.sounds, strict=True):
            total.update(f"{name}\0{len(sound)}\0".encode())
            total.update(sound.tobytes())
        return total.hexdigest()


def read_speech(path: Path, labels: str | None = None) -> Speech:
    """All sounds at ``path``; a file that cannot be read is an error here: half a corpus trains
    another net than the whole.

    Args:
        labels: a label map, by path or by name; by default that of the corpus, if it is known.

    Raises:
        BadInput: ``no_speakers``, ``class_empty``, and as ``read_listing``, ``ours``,
            ``read_sound``.
    """
    listing = read_listing(path, SOUNDS)
    found, _ = ours(listing.items, EMOTIONS, "voice", _map_of(listing.naming, labels))
    found.sort(key=lambda pair: pair[0].name)
    _refuse_gaps(path, found)
    return Speech(
        path.name,
        tuple(read_sound(item.path) for item, _ in found),
        np.array([EMOTIONS.index(label) for _, label in found], dtype=np.intp),
        np.array([item.subject for item, _ in found]),
        tuple(item.name for item, _ in found),
    )


def _map_of(naming: object, labels: str | None) -> LabelMap | None:
    name = labels or getattr(naming, "name", None)
    return read_label_map(name, "voice") if name else None


def _refuse_gaps(path: Path, found: list[tuple[Item, str]]) -> None:
    for item, _ in found:
        if not item.subject:
            raise BadInput(
                "no_speakers",
                f"Nobody says who speaks in {item.where}.",
                hint="List the files in a CSV with the columns file, label and subject.",
            )
    missing = set(EMOTIONS) - {label for _, label in found}
    if missing:
        raise BadInput("class_empty", f"{path.name} has no {', '.join(sorted(missing))}.")
