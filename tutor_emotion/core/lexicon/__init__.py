"""The phrases by which learners say how it goes, as data: shipped in TOML, edited by a school.

A file (or the text in the admin) adds and removes phrases:

    [add]
    confused = ["my head hurts"]
    [remove]
    bored = ["are we done"]

What alarms a person may be added to and never removed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from tutor_emotion.core.lexicon.phrases import compiled, pattern
from tutor_emotion.errors import BadInput

Kind: TypeAlias = Literal[
    "confused",
    "annoyed",
    "bored",
    "hedges",
    "resolved",
    "safety",
    "safety_unless_mentioned",
    "negators",
    "negators_after",
    "past",
    "still",
    "others",
    "mentions",
    "topics",
    "breaks",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
KEPT: frozenset[Kind] = frozenset({"safety", "safety_unless_mentioned"})

MAX_TEXT_CHARACTERS = 100_000
MAX_PHRASES = 400  # of one kind
Phrases: TypeAlias = Mapping[Kind, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by kind, and each kind compiled to one pattern.

    Raises:
        BadInput: ``bad_lexicon``, for a phrase or a number of phrases that cannot be.
    """

    phrases: Phrases
    patterns: Mapping[Kind, re.Pattern[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for kind, phrases in self.phrases.items():
            if len(phrases) > MAX_PHRASES:
                raise _bad("lexicon", None, f"{kind} has more than {MAX_PHRASES} phrases")
        try:
            patterns = {kind: compiled(self.phrases.get(kind, ())) for kind in KINDS}
        except ValueError as error:
            raise _bad("lexicon", None, f"a phrase {error}") from None
        object.__setattr__(self, "patterns", patterns)


@dataclass(frozen=True, slots=True)
class Edit:
    """What one file adds to each kind and removes from it."""

    name: str
    text: str
    add: Phrases
    remove: Phrases


def read_edit(text: str, name: str) -> Edit:
    """TOML as above; ``name`` (a file's, or "the admin") stands in the errors.

    Raises:
        BadInput: ``bad_lexicon``, naming file and line.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise _bad(name, None, f"it is longer than {MAX_TEXT_CHARACTERS} characters")
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad(name, None, f"it is no TOML: {error}") from None
    for key in raw:
        if key not in ("add", "remove"):
            raise _bad(name, _line(text, key), f"{key!r} is neither [add] nor [remove]")
    edit = Edit(
        name,
        text,
        _phrases(raw.get("add", {}), text, name),
        _phrases(raw.get("remove", {}), text, name),
    )
    for kind in KEPT:
        for phrase in edit.remove.get(kind, ()):
            fault = f"a phrase of {kind} cannot be removed: {phrase!r}"
            raise _bad(name, _line(text, phrase), fault)
    return edit


def _phrases(raw: Any, text: str, name: str) -> dict[Kind, tuple[str, ...]]:
    if not isinstance(raw, dict):
        raise _bad(name, None, "[add] and [remove] hold lists of phrases")
    found: dict[Kind, tuple[str, ...]] = {}
    for key, phrases in raw.items():
        kind = next((k for k in KINDS if k == key), None)
        if kind is None:
            near = get_close_matches(key, KINDS, n=1)
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
            raise _bad(name, _line(text, key), f"{key!r} is no kind of phrase; {known}")
        if not isinstance(phrases, list) or not all(isinstance(p, str) for p in phrases):
            raise _bad(name, _line(text, key), f"{key} is no list of phrases")
        for phrase in phrases:
            try:
                pattern(phrase)
            except ValueError as error:
                raise _bad(name, _line(text, phrase), f"{phrase!r} {error}") from None
        found[kind] = tuple(phrases)
    return found


def combined(edits: Iterable[Edit], base: Phrases | None = None) -> Lexicon:
    """The edits in order, on top of ``base`` (default: nothing).

    Raises:
        BadInput: ``bad_lexicon``, also where a phrase that is to be removed is not there.
    """
    phrases: dict[Kind, tuple[str, ...]] = dict(base or {})
    for edit in edits:
        for kind, gone in edit.remove.items():
            there = phrases.get(kind, ())
            for phrase in gone:
                if phrase not in there:
                    near = get_close_matches(phrase, there, n=1)
                    hint = f" Did you mean {near[0]!r}?" if near else ""
                    fault = f"{kind} has no phrase {phrase!r} to remove.{hint}"
                    raise _bad(edit.name, _line(edit.text, phrase), fault)
            phrases[kind] = tuple(p for p in there if p not in gone)
        for kind, new in edit.add.items():
            phrases[kind] = tuple(dict.fromkeys((*phrases.get(kind, ()), *new)))
    return Lexicon(phrases)


def read_folder(folder: Path) -> tuple[Edit, ...]:
    """Every ``*.toml`` of a folder as an edit, by name.

    Raises:
        BadInput: ``bad_lexicon``.
    """
    edits = []
    for path in sorted(folder.glob("*.toml")):
        try:
            edits.append(read_edit(path.read_text(encoding="utf-8"), path.name))
        except (OSError, UnicodeDecodeError) as error:
            raise _bad(path.name, None, f"it cannot be read: {error}") from None
    return tuple(edits)


@lru_cache(maxsize=32)
def edited(*texts: tuple[str, str]) -> Lexicon:
    """The shipped lexicon under edits, each a (name, TOML text); compiled once for each text.

    Raises:
        BadInput: ``bad_lexicon``.
    """
    return combined((read_edit(text, name) for name, text in texts), SHIPPED.phrases)


def _line(text: str, said: str) -> int | None:
    for number, row in enumerate(text.splitlines(), 1):
        if said in row:
            return number
    return None


def _bad(name: str, line: int | None, fault: str) -> BadInput:
    where = name if line is None else f"{name}, line {line}"
    return BadInput(
        "bad_lexicon",
        f"{where}: {fault}" + ("" if fault[-1] in ".?" else "."),
        hint="docs/teachers.md says how a phrase is written.",
    )


SHIPPED = combined(read_folder(Path(__file__).parent))
