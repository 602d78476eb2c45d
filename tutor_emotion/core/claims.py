"""Which claims a thinking text makes of a clip, and which of them the measures bear out.

The vocabulary is closed (``claims.toml``, with the threshold of each claim and its reason): a word
that it does not know claims nothing. English only, as the texts of R1-Omni are.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from tutor_emotion.core.phrasing import Rule, Said, find

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be claimed.

    True where the mean of ``measures`` is at least ``above`` or at most ``below``; ``size``: of its
    absolute value. Without measures nothing that we have can tell. ``why``: the threshold's source.
    """

    name: str
    modality: Literal["face", "voice"]
    says: str
    measures: tuple[str, ...]
    why: str
    above: float | None = None
    below: float | None = None
    size: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """``kind`` is a name of ``KINDS``; ``negated``: the text says that it is not so."""

    kind: str
    negated: bool = False


@cache
def _table() -> tuple[Mapping[str, Kind], tuple[Rule, ...]]:
    raw: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    subjects: dict[str, list[str]] = raw["subjects"]
    kinds, rules = {}, []
    for name, entry in raw["claim"].items():
        kinds[name] = Kind(
            name,
            cast(Literal["face", "voice"], entry["modality"]),
            entry["says"],
            tuple(entry["measures"]),
            entry["why"],
            entry.get("above"),
            entry.get("below"),
            entry.get("size", False),
        )
        rules.append(
            Rule(
                name,
                frozenset(word for subject in entry["subjects"] for word in subjects[subject]),
                frozenset(entry["words"]),
                frozenset(entry.get("alone", ())),
            )
        )
    return kinds, tuple(rules)


KINDS: Mapping[str, Kind] = _table()[0]


def claims(text: str) -> tuple[Claim, ...]:
    """What ``text`` claims, in its order, each once. Text of any kind and length is safe."""
    said: Iterable[Said] = find(text, _table()[1])
    return tuple(dict.fromkeys(Claim(one.name, one.negated) for one in said))


def grounded(claim: Claim, measures: Mapping[str, float]) -> bool | None:
    """Whether the compact Runner's ``measures`` of the clip bear ``claim`` out.

    None where they cannot tell: the modality is not there, the measure could not be taken, or
    there is none for this claim.
    """
    holds = _holds(KINDS[claim.kind], measures)
    return None if holds is None else holds is not claim.negated


def borne_out(measures: Mapping[str, float]) -> tuple[Claim, ...]:
    """Every claim that is true of a clip with these measures, in the table's order."""
    return tuple(Claim(name) for name, kind in KINDS.items() if _holds(kind, measures))


def say(claim: Claim) -> str:
    """The claim in words that ``claims`` reads back, without a full stop.

    Raises:
        ValueError: for a negated claim: a text of ours says what is there.
    """
    if claim.negated:
        raise ValueError(claim)
    return KINDS[claim.kind].says


def _holds(kind: Kind, measures: Mapping[str, float]) -> bool | None:
    values = [measures[name] for name in kind.measures if name in measures]
    if not values or len(values) < len(kind.measures) or not all(map(math.isfinite, values)):
        return None
    value = sum(values) / len(values)
    value = abs(value) if kind.size else value
    if kind.above is not None:
        return value >= kind.above
    return kind.below is not None and value <= kind.below
