"""The data sets on which R1-Omni was measured, by name."""

from __future__ import annotations

from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clip_set import HINT, ClipSet, Dataset, Senses
from tutor_emotion.evaluation.films import read_dfew, read_mafw
from tutor_emotion.evaluation.ravdess import read_ravdess


def read_clips(dataset: Dataset, root: Path, *, fold: int, senses: Senses) -> ClipSet:
    """The labelled clips below ``root``: all of RAVDESS with these senses, or the test half of a
    ``fold`` of DFEW or MAFW.

    Raises:
        BadInput: ``data_missing``, ``data_unknown``, ``data_empty``, ``bad_list``,
            ``data_repeats``, ``label_unmapped``, ``data_unreadable``.
    """
    if not root.is_dir():
        raise BadInput("data_missing", f"There is no folder {root}.", hint=HINT)
    if dataset == "ravdess":
        found = read_ravdess(root, senses)
    elif dataset == "dfew":
        found = read_dfew(root, fold)
    else:
        found = read_mafw(root, fold)
    if not found.items:
        because = found.skipped[0] if found.skipped else None
        raise BadInput(
            "data_empty",
            f"{root.name} holds no clip of {dataset} that can be evaluated ({senses})."
            + (f" The first: {because.file}: {because.reason}" if because else ""),
            hint=HINT,
        )
    return found
