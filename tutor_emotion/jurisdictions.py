"""The table of the law: profile × modality × age → verdict, read from ``jurisdictions.toml``.

What it means for one learner, with policy, consent and switches, is `privacy`'s to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.errors import BadInput

Verdict: TypeAlias = Literal["allowed", "forbidden", "guardian", "release"]
Band: TypeAlias = Literal["under_13", "13_15", "16_17", "adult"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
BANDS: tuple[Band, ...] = get_args(Band)
YOUNGEST: Band = "under_13"
EXCEPTIONS = ("", "medical_or_safety")
FILE = Path(__file__).with_name("jurisdictions.toml")

_WORDS = ("title", "region", "institution", "purpose")
_KEYS = {*_WORDS, "reason", "review_by", "approval", "exception", "verdicts", "facts"}
_FACT_KEYS = {"says", "source", "date"}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a verdict rests on. ``date``: when we read the source."""

    says: str
    source: str
    date: date


@dataclass(frozen=True, slots=True)
class Profile:
    """One jurisdiction. ``reason``: why a biometric modality is not there, in plain words."""

    name: str
    title: str
    region: str
    institution: str
    purpose: str
    reason: str
    review_by: date
    approval: bool
    exception: str
    verdicts: Mapping[Modality, Mapping[Band, Verdict]]
    facts: tuple[Fact, ...]

    @property
    def source(self) -> str:
        """All sources, each once."""
        return "; ".join(dict.fromkeys(fact.source for fact in self.facts))

    def expired(self, today: date) -> bool:
        """Whether nobody has read its law again by the day on which that was due."""
        return today > self.review_by

    def verdict(self, modality: Modality, band: str) -> Verdict:
        """What the law says of a modality at an age; an age that is unknown is the youngest."""
        return self.verdicts[modality][band if band in BANDS else YOUNGEST]

    def ever(self, modality: Modality) -> bool:
        """Whether there is an age at which it is not forbidden."""
        return any(verdict != "forbidden" for verdict in self.verdicts[modality].values())


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """All profiles of ``jurisdictions.toml`` by name.

    Raises:
        BadInput: ``bad_jurisdictions``, naming the row.
    """
    return read_profiles(FILE.read_text(encoding="utf-8"))


def read_profiles(text: str) -> Mapping[str, Profile]:
    """As ``profiles``, from a text. Raises the same."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad("the file", str(error)) from None
    found = {name: _profile(name, row) for name, row in raw.items()}
    plain = found.get("camera_free")
    if plain is None or any(plain.ever(modality) for modality in BIOMETRIC):
        raise _bad("camera_free", "it must be there, and forbid face and voice")
    return found


def _profile(name: str, row: Any) -> Profile:
    if not isinstance(row, dict):
        raise _bad(name, "it is not a table")
    for key in row.keys() - _KEYS:
        raise _bad(f"{name}.{key}", "there is no such field")
    for key in _WORDS:
        if not _is_text(row.get(key)):
            raise _bad(f"{name}.{key}", "it is missing or empty")
    exception = row.get("exception", "")
    if exception not in EXCEPTIONS:
        raise _bad(f"{name}.exception", f"{exception!r} is none of {_listed(EXCEPTIONS)}")
    if not isinstance(row.get("approval", False), bool) or not isinstance(row.get("reason"), str):
        raise _bad(name, "reason is a text and approval is true or false")
    return Profile(
        name=name,
        title=row["title"],
        region=row["region"],
        institution=row["institution"],
        purpose=row["purpose"],
        reason=row["reason"],
        review_by=_day(f"{name}.review_by", row.get("review_by")),
        approval=row.get("approval", False),
        exception=exception,
        verdicts=_verdicts(name, row.get("verdicts")),
        facts=_facts(name, row.get("facts")),
    )


def _verdicts(name: str, table: Any) -> Mapping[Modality, Mapping[Band, Verdict]]:
    if not isinstance(table, dict):
        raise _bad(f"{name}.verdicts", "it is missing")
    for modality in table.keys() - set(MODALITIES):
        raise _bad(f"{name}.verdicts.{modality}", "there is no such modality")
    for modality in MODALITIES:
        if modality not in table:
            raise _bad(f"{name}.verdicts.{modality}", "it is missing")
    return {m: _by_band(f"{name}.verdicts.{m}", table[m]) for m in MODALITIES}


def _by_band(where: str, cell: Any) -> Mapping[Band, Verdict]:
    row = dict.fromkeys(BANDS, cell) if isinstance(cell, str) else cell
    if not isinstance(row, dict):
        raise _bad(where, "it is neither a verdict nor one for each age")
    for band in row.keys() - set(BANDS):
        raise _bad(f"{where}.{band}", f"it is no age; ages are {_listed(BANDS)}")
    for band in BANDS:
        if band not in row:
            raise _bad(f"{where}.{band}", "it is missing")
        if row[band] not in VERDICTS:
            raise _bad(f"{where}.{band}", f"{row[band]!r} is none of {_listed(VERDICTS)}")
    return {band: row[band] for band in BANDS}


def _facts(name: str, rows: Any) -> tuple[Fact, ...]:
    if not isinstance(rows, list) or not rows:
        raise _bad(f"{name}.facts", "there is none: say what the verdicts rest on")
    return tuple(_fact(f"{name}.facts[{number}]", row) for number, row in enumerate(rows, start=1))


def _fact(where: str, row: Any) -> Fact:
    if not isinstance(row, dict) or row.keys() - _FACT_KEYS:
        raise _bad(where, "a fact has says, source and date, and nothing else")
    for key in ("says", "source"):
        if not _is_text(row.get(key)):
            raise _bad(f"{where}.{key}", "it is missing or empty")
    return Fact(row["says"], row["source"], _day(f"{where}.date", row.get("date")))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(where: str, value: Any) -> date:
    # A datetime is a date too, and cannot be compared with one.
    if type(value) is not date:
        raise _bad(where, "it is missing, or is no day such as 2026-11-22")
    return value


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(word for word in words if word)


def _bad(where: str, what: str) -> BadInput:
    hint = "Mend tutor_emotion/jurisdictions.toml; its head says what each field means."
    return BadInput("bad_jurisdictions", f"jurisdictions.toml, {where}: {what}.", hint=hint)
