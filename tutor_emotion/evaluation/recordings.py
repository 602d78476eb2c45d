"""Recorded sessions with labelled moments: a replay, and lines that say what was so at a time.

{"subject": "s1", "group": "grade 5"}              once, where it is known
{"type": "answer", "at_s": 40, "step": "a", …}     the replay, as `core/replay.py` reads it
{"at_s": 85, "label": "confused"}                  a labelled moment: a label and no type
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tutor_emotion.core import replay
from tutor_emotion.core.engine import EngineInput
from tutor_emotion.core.types import Reading
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import Item, Skipped
from tutor_emotion.evaluation.tables import read_text

SUFFIXES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class Recording:
    """One session: its inputs in time, and its labelled moments ``at_s`` beside their items."""

    name: str
    inputs: tuple[EngineInput, ...]
    at_s: tuple[float, ...]
    moments: tuple[Item, ...]

    @property
    def last_s(self) -> float:
        """The time of the last input."""
        last = self.inputs[-1]
        return last.end_s if isinstance(last, Reading) else last.at_s


def read_recordings(path: Path, *, strict: bool = False) -> tuple[list[Recording], list[Skipped]]:
    """The recordings of a folder or of one file, and those that cannot be read.

    Raises:
        BadInput: ``data_missing``, ``data_empty``; where ``strict``, or for one file,
            ``bad_replay``, ``no_labels``, ``data_repeats``.
    """
    if not path.exists():
        raise BadInput("data_missing", f"There is no file or folder {path}.")
    files = [path]
    if path.is_dir():
        files = sorted(at for at in path.rglob("*") if at.suffix.lower() in SUFFIXES)
    if not files:
        raise BadInput("data_empty", f"{path.name} holds no recording (*.jsonl).")
    recordings: list[Recording] = []
    skipped: list[Skipped] = []
    for at in files:
        name = at.relative_to(path).as_posix() if path.is_dir() else at.name
        try:
            recordings.append(_recording(at, name))
        except BadInput as error:
            if strict or not path.is_dir():
                raise
            skipped.append(Skipped(name, 0, error.code, error.message))
    return recordings, skipped


def _recording(path: Path, name: str) -> Recording:
    """A line is passed on empty where it is ours, so that the replay's numbers stay right."""
    about = {"subject": path.stem, "group": ""}
    replayed: list[str] = []
    labelled: list[tuple[float, int, str]] = []
    for row, line in enumerate(read_text(path).split("\n"), start=1):
        ours = _ours(line)
        if ours is None:
            replayed.append(line)
            continue
        replayed.append("")
        if "label" in ours:
            labelled.append(_moment(name, row, ours))
        else:
            about |= {key: str(value) for key, value in ours.items()}
    try:
        inputs = replay.parse(replayed)
    except BadInput as error:
        raise BadInput(error.code, f"{name}: {error.message}", hint=error.hint) from None
    if not labelled:
        raise BadInput(
            "no_labels",
            f"{name} has no labelled moment.",
            hint='Add lines as {"at_s": 85, "label": "confused"}.',
        )
    labelled.sort()
    _refuse_repeats(name, labelled)
    items = (
        Item(name, label, about["subject"], about["group"], row=row) for _, row, label in labelled
    )
    return Recording(name, tuple(inputs), tuple(at for at, _, _ in labelled), tuple(items))


def _ours(line: str) -> dict[str, Any] | None:
    """A label or what is known of the session; None for a line of the replay."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or "type" in raw:
        return None
    known = "label" in raw or (raw and raw.keys() <= {"subject", "group"})
    return raw if known else None


def _moment(name: str, row: int, raw: dict[str, Any]) -> tuple[float, int, str]:
    at_s, label = raw.get("at_s"), raw["label"]
    good = isinstance(at_s, (int, float)) and not isinstance(at_s, bool)
    if not good or not isinstance(label, str) or not label or raw.keys() - {"at_s", "label"}:
        raise BadInput(
            "bad_replay",
            f"{name}: Line {row} is no labelled moment.",
            hint='It holds "at_s", a number of seconds, and "label", a text.',
        )
    if not 0 <= at_s <= 86_400:  # type: ignore[operator] # a number, see above; NaN is not within
        raise BadInput("bad_replay", f"{name}: Line {row} is not within a day of the start.")
    return float(at_s), row, label  # type: ignore[arg-type]


def _refuse_repeats(name: str, labelled: Sequence[tuple[float, int, str]]) -> None:
    for (at_s, row, _), (other_s, other_row, _) in pairwise(labelled):
        if at_s == other_s:
            rows = sorted((row, other_row))
            raise BadInput(
                "data_repeats",
                f"{name}, rows {rows[0]} and {rows[1]}: {at_s:g} s is labelled twice.",
            )
