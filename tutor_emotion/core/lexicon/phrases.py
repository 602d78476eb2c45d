"""Phrases that a teacher can write, and the one regular expression that each list becomes.

    i (really|still) dont get|understand this|it     words in brackets may be missing, or come twice
    get|understand                                   one of them
    it * sense                                       ``*``: up to three words of any kind
    nerv-                                            every word that begins so
    ^ huh · got it $                                 only where a part of a sentence begins, or ends

There are no other signs, and nothing that repeats without an end: a message is read in a time that
grows with its length alone, whatever a school writes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_PHRASE_CHARACTERS = 500
MAX_STARS = 2
MAX_BRACKETS = 6  # each may stand 0 to 2 times: what can be tried grows as 3 to their number
ANY_WORDS = 3  # what one ``*`` covers at most

_APOSTROPHE = re.compile(r"['’`´]")
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")  # an underscore is a space
_BREAK = frozenset(".,;:!?()…–—\n")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_GROUP = re.compile(r"\([^()]*\)|[^\s()]+")
_WORD = re.compile(r"[\w]+-?|[^\w\s()|*^$-]")
_NEVER = re.compile(r"(?!)")


def words(text: str) -> list[str]:
    """Lower-case words, pictures (emoji) and breaks (``.``) of a message, in order.

    "Sooo BORING!!! 🥱" → so, boring, ., 🥱. A letter that stands three times or more stands once.
    """
    text = unicodedata.normalize("NFC", text).lower().replace("\n", " . ")
    text = _DRAWN_OUT.sub(r"\1", _APOSTROPHE.sub("", text))
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if token in _BREAK:
            if found and found[-1] != ".":
                found.append(".")
        elif token[0].isalnum() or unicodedata.category(token[0]) == "So":
            found.append(token)
    return found


def line(tokens: Iterable[str]) -> str:
    """Words as the patterns meet them: a space before and after each."""
    return " " + "".join(f"{token} " for token in tokens)


def pattern(phrase: str) -> str:
    """A phrase as a regular expression over ``line(...)``; begins after a space, ends with one.

    Raises:
        ValueError: with the reason in words.
    """
    if len(phrase) > MAX_PHRASE_CHARACTERS:
        raise ValueError(f"is longer than {MAX_PHRASE_CHARACTERS} characters")
    if phrase.count("*") > MAX_STARS:
        raise ValueError(f"has more than {MAX_STARS} stars")
    if phrase.count("(") > MAX_BRACKETS:
        raise ValueError(f"has more than {MAX_BRACKETS} brackets")
    text = _APOSTROPHE.sub("", unicodedata.normalize("NFC", phrase).lower())
    parts = _GROUP.findall(text)
    if "".join(parts).replace(" ", "") != text.replace(" ", ""):
        raise ValueError("has a bracket that is not closed, or one within another")
    said = [part for part in parts if part not in ("*", "^", "$") and part[0] != "("]
    if not said:
        raise ValueError("has no word that must be there")
    if parts[0] == "*" or parts[-1] == "*":
        raise ValueError("begins or ends with a star, which changes nothing")
    out = []
    for place, part in enumerate(parts):
        if (part == "^" and place) or (part == "$" and place < len(parts) - 1):
            raise ValueError("has ^ or $ in the middle: they mean the beginning and the end")
        out.append(_part(part))
    return "".join(out)


def _part(part: str) -> str:
    if part == "^":
        return r"(?<![^.] )"
    if part == "$":
        return r"(?=\. |\Z)"
    if part == "*":
        return rf"(?:[^ ]+ ){{0,{ANY_WORDS}}}"
    if part.startswith("("):
        return rf"(?:{_either(part[1:-1])} ){{0,2}}"
    return rf"{_either(part)} "


def _either(part: str) -> str:
    options = [option.split() for option in part.split("|")]
    if not all(options):
        raise ValueError("has an empty alternative")
    return "(?:" + "|".join(" ".join(map(_word, option)) for option in options) + ")"


def _word(word: str) -> str:
    # As in a message: "ughhh" is read as "ugh" in both.
    word = _DRAWN_OUT.sub(r"\1", word)
    if not _WORD.fullmatch(word):
        raise ValueError(f"has a sign that means nothing here, in {word!r}")
    return re.escape(word[:-1]) + "[^ ]*" if word.endswith("-") else re.escape(word)


def compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    """All of them as one pattern that is tried at each word; none: a pattern that never matches."""
    patterns = [pattern(phrase) for phrase in phrases]
    if not patterns:
        return _NEVER
    return re.compile(r"(?<= )(?:" + "|".join(patterns) + ")")
