"""Label sets: which words an omni model is asked about, and what becomes of their probabilities.

Knows no torch: settings are checked by it in the web process.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tutor_emotion.core.measures import FACE_CUES, VOICE_UNITS
from tutor_emotion.core.types import STATES
from tutor_emotion.errors import BadInput

Kind: TypeAlias = Literal["emotions", "states"]
FILE = Path(__file__).with_name("label_sets.toml")
SCORING = "scoring.json"  # in a checkpoint's folder: its set, and the temperature that was fitted
MAX_BYTES = 64 * 1024
MAX_LABELS = 64
MAX_CHARACTERS = 40
COLDEST, HOTTEST = 0.02, 50.0
_EMOTIONS = frozenset(
    name.partition("_")[2]
    for name in (*FACE_CUES, *VOICE_UNITS)
    if name.startswith(("expression_", "voice_"))
)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """``names``: a word of the model → our name of it ("": weighs nothing), in the file's order."""

    name: str
    kind: Kind
    names: Mapping[str, str]
    weak: str
    about: str = ""
    temperature: float = 1.0

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.names)

    def probabilities(self, p: Iterable[float]) -> dict[str, float] | None:
        """Of a set of states: p of each word → p of each state. None for a set of emotions."""
        return self._summed(p) if self.kind == "states" else None

    def measures(self, p: Iterable[float], modality: Literal["face", "voice"]) -> dict[str, float]:
        """Of a set of emotions: p of each word → the engine's measures of ``modality``.

        Words of one name add up; what has no measure there is left out. Empty for a set of states.
        """
        if self.kind == "states":
            return {}
        prefix, known = (
            ("expression_", FACE_CUES) if modality == "face" else ("voice_", VOICE_UNITS)
        )
        named = {prefix + name: value for name, value in self._summed(p).items()}
        return {name: value for name, value in named.items() if name in known}

    def _summed(self, p: Iterable[float]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for name, value in zip(self.names.values(), p, strict=True):
            if name:
                sums[name] = sums.get(name, 0.0) + float(value)
        return sums


@cache
def label_sets() -> Mapping[str, LabelSet]:
    """The shipped sets, by name."""
    return _sets(_toml(FILE), FILE.name)


def label_set(name: str) -> LabelSet:
    """A shipped set by its name, or the only set of a TOML file by its path.

    Raises:
        BadInput: ``unknown_label_set``, ``bad_label_set``.
    """
    if name in label_sets():
        return label_sets()[name]
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        raise BadInput(
            "unknown_label_set",
            f"There is no label set {name[:80]!r}.",
            hint=f"One of {', '.join(label_sets())}, or the path of a TOML file with one set.",
        )
    found = _sets(_toml(path), path.name)
    _require(len(found) == 1, path.name, f"it has {len(found)} sets, not one")
    return next(iter(found.values()))


def of_checkpoint(folder: Path, wanted: str = "") -> LabelSet:
    """The set for a checkpoint: the one ``wanted``, else its own by ``scoring.json``, else DFEW's.

    The checkpoint's temperature holds for its own set only.

    Raises:
        BadInput: ``bad_scoring``; as ``label_set``.
    """
    own = _scoring(Path(folder) / SCORING)
    if own is None:
        return label_set(wanted or "dfew")
    name, temperature = own
    chosen = label_set(wanted or name)
    return replace(chosen, temperature=temperature) if chosen.name == name else chosen


def write_scoring(folder: Path, label_set: LabelSet) -> None:
    """Keep a set's name and its fitted temperature with a checkpoint, for ``of_checkpoint``."""
    row = {"label_set": label_set.name, "temperature": label_set.temperature}
    (Path(folder) / SCORING).write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")


def _scoring(path: Path) -> tuple[str, float] | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            row = json.loads(opened.read(MAX_BYTES))
        name, temperature = row["label_set"], row["temperature"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(
            "bad_scoring", f"{SCORING} cannot be read: {type(error).__name__}."
        ) from None
    if not isinstance(name, str) or not _is_temperature(temperature):
        raise BadInput(
            "bad_scoring",
            f"{SCORING} has no name of a label set, or no temperature in {COLDEST} to {HOTTEST}.",
        )
    return name, float(temperature)


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as opened:
            return tomllib.loads(opened.read(MAX_BYTES).decode())
    except (OSError, ValueError, RecursionError) as error:
        raise _bad(path.name, f"it is no TOML: {str(error)[:120]}") from None


def _sets(raw: Mapping[str, Any], file: str) -> dict[str, LabelSet]:
    return {name: _set(name, row, f"{file} [{name}]") for name, row in raw.items()}


def _set(name: str, row: Any, where: str) -> LabelSet:
    _require(isinstance(row, dict), where, "it is no table")
    unknown = set(row) - {"kind", "about", "weak", "temperature", "labels"}
    _require(not unknown, where, f"unknown keys: {', '.join(sorted(unknown))}")
    kind, labels = row.get("kind"), row.get("labels")
    _require(kind in ("emotions", "states"), where, "`kind` is neither emotions nor states")
    _require(isinstance(labels, dict) and 2 <= len(labels) <= MAX_LABELS, where, "2 to 64 labels")
    for word, ours in labels.items():
        _check_label(word, ours, kind, where)
    if kind == "states":
        said = sorted(filter(None, labels.values()))
        _require(said == sorted(STATES), where, f"each of {', '.join(STATES)} needs one word")
    weak, temperature = row.get("weak"), row.get("temperature", 1.0)
    _require(
        isinstance(weak, str) and bool(weak.strip()), where, "`weak` has to say how weak it is"
    )
    _require(_is_temperature(temperature), where, f"temperature not in {COLDEST} to {HOTTEST}")
    return LabelSet(name, kind, labels, weak, str(row.get("about", "")), float(temperature))


def _check_label(word: str, ours: Any, kind: Kind, where: str) -> None:
    good = 0 < len(word) <= MAX_CHARACTERS and word == word.strip() and "<" not in word
    _require(good, where, f"{word[:MAX_CHARACTERS]!r} is no word that an answer could hold")
    known: frozenset[str] = _EMOTIONS if kind == "emotions" else frozenset(STATES)
    _require(
        isinstance(ours, str) and (not ours or ours in known),
        where,
        f"{word} is {str(ours)[:40]!r}, which is none of {', '.join(sorted(known))}",
    )


def _is_temperature(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value) and COLDEST <= value <= HOTTEST  # type: ignore[arg-type,operator]


def _require(good: bool, where: str, fault: str) -> None:
    if not good:
        raise _bad(where, fault)


def _bad(where: str, fault: str) -> BadInput:
    return BadInput(
        "bad_label_set",
        f"{where}: {fault}.",
        hint="tutor_emotion/nets/r1_omni/label_sets.toml has some that can be.",
    )
