"""The words of offers: the shipped ones, and a school's own in their place."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.models import MessageEdit

FOLDER = Path(__file__).parents[1] / "messages"
MOST_LINES = 8
LONGEST_LINE = 90  # one line of a card on a small screen, twice
BLANKS = ("step", "skill")
_FORBIDDEN = "forbidden"
_WORD = re.compile(r"[^\W\d_]+")
_VOWEL_SIGNS = re.compile("[\u064b-\u0652]")  # Arabic is written with them or without
_BLANK = re.compile(r"\{(\w*)\}")


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that messages are shipped in."""
    return tuple(sorted(p.stem for p in FOLDER.glob("*.json") if p.stem != _FORBIDDEN))


@lru_cache(maxsize=16)
def shipped_messages(language: str) -> Mapping[str, tuple[str, ...]]:
    """The shipped lines of a language, by message; none of one that is not shipped."""
    if language not in languages():
        return {}
    raw = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return {key: tuple(lines) for key, lines in raw.items()}


def own_messages(language: str) -> dict[str, list[str]]:
    """This site's own lines for a language (``de-AT`` is ``de``), by message.

    What cannot be shown (written past the admin's form) is left out: the shipped words stand.
    """
    known = language.lower().partition("-")[0]
    keys = shipped_messages(known)
    found: dict[str, list[str]] = {}
    for edit in MessageEdit.objects.filter(language=known, key__in=keys):
        try:
            found[edit.key] = lines_of(edit.lines)
        except BadInput:
            continue
    return found


def lines_of(text: str) -> list[str]:
    """The lines of a school's own words, one a line.

    Raises:
        BadInput: ``bad_message_lines``, naming the line: none, too many, one too long, twice the
            same, with markup, or with a blank that is none of BLANKS.
    """
    lines = [unicodedata.normalize("NFC", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not 1 <= len(lines) <= MOST_LINES:
        raise _bad(f"Give 1 to {MOST_LINES} lines, each on its own.")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise _bad(f"Line {number} is longer than {LONGEST_LINE} characters.")
        if re.search(r"[<>]|&\w+;", line):
            raise _bad(f"Line {number} holds markup; only plain text is shown.")
        if not all(c.isprintable() for c in line):
            raise _bad(f"Line {number} holds a character that cannot be seen.")
        rest = _BLANK.sub(lambda m: "" if m[1] in BLANKS else m[0], line)
        if "{" in rest or "}" in rest:
            raise _bad(f"Line {number}: the only blanks are {{step}} and {{skill}}.")
        if line in lines[: number - 1]:
            raise _bad(f"Line {number} is there twice.")
    if not any("{" not in line for line in lines):
        raise _bad("One line must do without a blank: not every lesson names its steps.")
    return lines


def forbidden_in(line: str, language: str) -> dict[str, str]:
    """The words of a line that a message should not have, each with why.

    Why is ``feeling``, ``praise``, ``judgement`` or ``lecture``. A list of words finds most of
    what does harm, and is no reader: what it finds is worth a second look.
    """
    plainly = _VOWEL_SIGNS.sub("", line.lower().replace("'", "").replace("’", ""))
    words = _WORD.findall(plainly)
    plain = f" {' '.join(words)} "
    return {
        entry: why
        for why, entries in _forbidden().get(language, {}).items()
        for entry in entries
        if f" {entry.removesuffix('*')}{'' if entry.endswith('*') else ' '}" in plain
    }


@lru_cache(maxsize=1)
def _forbidden() -> Mapping[str, Mapping[str, list[str]]]:
    raw: Mapping[str, Mapping[str, list[str]]] = json.loads(
        (FOLDER / f"{_FORBIDDEN}.json").read_text(encoding="utf-8")
    )
    return raw


def _bad(message: str) -> BadInput:
    return BadInput("bad_message_lines", message, hint="See docs/teachers.md.")
