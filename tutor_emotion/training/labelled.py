"""Labelled moments: what a learner's modalities gave at a time that somebody named the state of.

One JSON object a line (docs/calibration.md). ``features`` are regressors: what a weight of the
states model multiplies, named ``measure:form``. One that is not named is 0, a modality that is not
named was not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from tutor_emotion.core.types import MODALITIES, STATES, Modality, State
from tutor_emotion.errors import BadInput

Source: TypeAlias = Literal["self_report", "teacher"]
SOURCES: tuple[Source, ...] = get_args(Source)
STRUGGLE: frozenset[State] = frozenset({"confused", "frustrated"})
# A tap says this much and no more: *fine* does not tell engaged from neutral.
LABEL_OF_TAP: Mapping[str, str] = {
    "fine": "engaged|neutral",
    "confused": "confused",
    "stuck": "confused|frustrated",
    "bored": "bored",
}
MOST_BYTES, MOST_MOMENTS, MOST_FEATURES, LARGEST = 32_768, 500_000, 200, 100.0
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FEATURE = re.compile(r"[A-Za-z0-9_]{1,60}:[a-z_]{1,20}")
_KEYS = frozenset({"learner", "at_s", "session", "source", "label", "model", "features", "quality"})


@dataclass(frozen=True, slots=True)
class Moment:
    """One labelled moment. ``label``: the states that it leaves open, one where it is plain.

    ``quality`` (0..1) by modality, 1 where it is not named; ``model``: which version measured.
    """

    learner: str
    session: str
    at_s: float
    source: Source
    label: frozenset[State]
    features: Mapping[Modality, Mapping[str, float]]
    quality: Mapping[Modality, float] = field(default_factory=dict)
    model: Mapping[str, str] = field(default_factory=dict)

    @property
    def struggles(self) -> bool:
        return self.label <= STRUGGLE


def read(path: Path) -> tuple[Moment, ...]:
    """The moments of a file, in its order.

    Raises:
        BadInput: ``bad_labels``, naming the file and the line: no JSON, a field that is missing,
            unknown or impossible, a moment that is there twice, a session of two learners.
    """
    moments: list[Moment] = []
    lines: dict[tuple[str, str, float, str], int] = {}
    owners: dict[str, str] = {}
    try:
        with path.open("rb") as opened:
            for number, line in enumerate(opened, 1):
                if not line.strip():
                    continue
                _require(
                    len(line) <= MOST_BYTES, f"is longer than {MOST_BYTES} bytes", path, number
                )
                _require(len(moments) < MOST_MOMENTS, "is one moment too many", path, number)
                moment = _moment(_json(line, path, number), path, number)
                row = (moment.learner, moment.session, moment.at_s, moment.source)
                first = lines.setdefault(row, number)
                _require(first == number, f"repeats line {first}", path, number)
                owner = owners.setdefault(moment.session, moment.learner)
                _require(
                    owner == moment.learner, "gives a session to a second learner", path, number
                )
                moments.append(moment)
    except OSError as error:
        raise BadInput("bad_labels", f"{path.name} cannot be read: {error.strerror}.") from None
    if not moments:
        raise BadInput("bad_labels", f"{path.name} holds no labelled moment.")
    return tuple(moments)


def write(moments: Iterable[Moment], path: Path) -> int:
    """One line a moment; how many."""
    n = 0
    with path.open("w", encoding="utf-8") as opened:
        for moment in moments:
            opened.write(json.dumps(as_data(moment), separators=(",", ":")) + "\n")
            n += 1
    return n


def as_data(moment: Moment) -> dict[str, Any]:
    """What a line says."""
    return {
        "learner": moment.learner,
        "session": moment.session,
        "at_s": round(moment.at_s, 3),
        "source": moment.source,
        "label": "|".join(s for s in STATES if s in moment.label),
        "model": dict(moment.model),
        "features": {
            m: {k: round(v, 6) for k, v in values.items() if v}
            for m, values in moment.features.items()
        },
        "quality": {m: round(v, 4) for m, v in moment.quality.items()},
    }


def label(text: str) -> frozenset[State]:
    """``confused``, or ``confused|frustrated`` where it leaves both open.

    Raises:
        ValueError: it names no state, or states of struggle together with others.
    """
    named = frozenset(s for s in STATES if s in text.split("|"))
    if not named or len(named) != text.count("|") + 1:
        raise ValueError(f"a label is of {', '.join(STATES)}")
    if named & STRUGGLE and not named <= STRUGGLE:
        raise ValueError("a label does not join struggle with other states")
    return named


def _json(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        data = None
    _require(isinstance(data, dict), "is no JSON object", path, number)
    assert isinstance(data, dict)
    return data


def _moment(data: dict[str, Any], path: Path, number: int) -> Moment:
    unknown = sorted(set(data) - _KEYS)
    _require(not unknown, "has a field that is not known", path, number)
    for name in ("learner", "session"):
        good = isinstance(data.get(name), str) and _PSEUDONYM.fullmatch(data[name])
        _require(bool(good), f"has no pseudonym as {name} (letters, digits, _ and -)", path, number)
    at_s: Any = data.get("at_s")
    _require(_number(at_s, 1e9) and at_s >= 0, "has no at_s from 0 on", path, number)
    _require(data.get("source") in SOURCES, f"has no source of {SOURCES}", path, number)
    try:
        named = label(data["label"] if isinstance(data.get("label"), str) else "")
    except ValueError as error:
        raise _bad(f"has a bad label: {error}", path, number) from None
    return Moment(
        data["learner"],
        data["session"],
        float(at_s),
        data["source"],
        named,
        _features(data.get("features"), path, number),
        _quality(data.get("quality", {}), path, number),
        _model(data.get("model", {}), path, number),
    )


def _features(given: Any, path: Path, number: int) -> dict[Modality, dict[str, float]]:
    _by_modality(given, "features", path, number)
    for modality, values in given.items():
        good = isinstance(values, dict) and len(values) <= MOST_FEATURES
        _require(good, f"has no mapping of features for {modality}", path, number)
        for name, value in values.items():
            _require(bool(_FEATURE.fullmatch(name)), "names no measure:form", path, number)
            _require(_number(value, LARGEST), f"has no sane number as {name}", path, number)
    return {m: {k: float(v) for k, v in given[m].items()} for m in MODALITIES if m in given}


def _quality(given: Any, path: Path, number: int) -> dict[Modality, float]:
    _by_modality(given, "quality", path, number)
    for modality, value in given.items():
        good = _number(value, 1.0) and value >= 0
        _require(good, f"has no quality of 0 to 1 for {modality}", path, number)
    return {m: float(given[m]) for m in MODALITIES if m in given}


def _model(given: Any, path: Path, number: int) -> dict[str, str]:
    good = isinstance(given, dict) and len(given) <= len(MODALITIES)
    good = good and all(isinstance(v, str) and len(v) <= 200 for v in given.values())
    _require(good, "has no mapping of versions as model", path, number)
    return dict(given)


def _by_modality(given: Any, name: str, path: Path, number: int) -> None:
    good = isinstance(given, dict) and set(given) <= set(MODALITIES)
    _require(good, f"has {name} of something that is no modality", path, number)


def _number(value: Any, largest: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= largest  # so NaN is none, nor a whole number that no float can hold


def _require(good: bool, says: str, path: Path, number: int) -> None:
    if not good:
        raise _bad(says, path, number)


def _bad(says: str, path: Path, number: int) -> BadInput:
    return BadInput(
        "bad_labels", f"{path.name}, line {number} {says}.", hint="See docs/calibration.md."
    )
