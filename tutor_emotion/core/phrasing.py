"""Finds "subject … word" in a sentence, either way round, and whether it is denied.

"The brows and the jaw are tense", "a tense, furrowed brow", "eyes wide and mouth open": a word goes
with the subject that it follows, unless it stands right before another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARACTERS = 20_000  # a thinking text has some hundred words
_STOP = frozenset(".;:!?\n()")
_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|[.,;:!?\n()]")
_AND = frozenset({"and", "or", "nor", ","})
_BREAKS = frozenset({"and", "or", "nor", ",", "with", "while", "but", "as", "whereas", "though"})
_ARTICLES = frozenset({"the", "a", "an", "his", "her", "their", "its", "both"})
_DENIES = frozenset({
    "no", "not", "never", "without", "neither", "nor", "hardly", "barely", "isn't", "aren't",
    "doesn't", "don't", "wasn't", "weren't", "cannot", "can't", "lack", "lacks", "lacking",
    "absence",
})  # fmt: skip
_NOT_DENIED = frozenset({"only", "just", "merely"})  # "not only raised"
_ENDS_DENIAL = frozenset({",", "but", "rather", "instead", "yet", "however", "while", "with"})
_FAR = 7  # words between a subject and its word
_NEAR = 4  # words between a word and the subject after it
_DENIAL_FAR = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is said by one of ``words`` of one of ``subjects``, or by one of ``alone``."""

    name: str
    subjects: frozenset[str]
    words: frozenset[str]
    alone: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    name: str
    negated: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens ``start`` to ``end`` (exclusive) of a sentence are the phrase ``words``."""

    start: int
    end: int
    words: str


def find(text: str, rules: tuple[Rule, ...]) -> Iterator[Said]:
    """What is said, in order; a sentence at a time."""
    sentence: list[str] = []
    for token in [*_TOKEN.findall(text[:MAX_CHARACTERS].lower().replace("’", "'")), "."]:
        if token in _STOP:
            yield from _read(sentence, rules)
            sentence = []
        else:
            sentence.append(token)


def _read(tokens: list[str], rules: tuple[Rule, ...]) -> Iterator[Said]:
    subjects = _spans(tokens, _phrases(rules, "subjects"))
    words = _spans(tokens, _phrases(rules, "words"))
    alone = _spans(tokens, _phrases(rules, "alone"))
    found: list[tuple[int, Said]] = []
    for word in words:
        for subject in _of(word, subjects, words, tokens):
            negated = _denied(
                tokens, min(subject.start, word.start), max(subject.start, word.start)
            )
            found += [
                (word.start, Said(rule.name, negated))
                for rule in rules
                if word.words in rule.words and subject.words in rule.subjects
            ]
    for span in alone:
        negated = _denied(tokens, span.start, span.start)
        found += [
            (span.start, Said(rule.name, negated)) for rule in rules if span.words in rule.alone
        ]
    yield from (said for _, said in sorted(found, key=lambda pair: pair[0]))


@lru_cache(maxsize=8)
def _phrases(rules: tuple[Rule, ...], part: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The phrases of one part, split in words, longest first, by their first word."""
    phrases = sorted(
        {tuple(phrase.split()) for rule in rules for phrase in getattr(rule, part)},
        key=lambda phrase: (-len(phrase), phrase),
    )
    firsts = {phrase[0] for phrase in phrases}
    return {first: tuple(p for p in phrases if p[0] == first) for first in firsts}


def _spans(tokens: list[str], phrases: dict[str, tuple[tuple[str, ...], ...]]) -> list[_Span]:
    spans, at = [], 0
    while at < len(tokens):
        for phrase in phrases.get(tokens[at], ()):
            if tuple(tokens[at : at + len(phrase)]) == phrase:
                spans.append(_Span(at, at + len(phrase), " ".join(phrase)))
                at += len(phrase)
                break
        else:
            at += 1
    return spans


def _of(
    word: _Span, subjects: Sequence[_Span], words: Sequence[_Span], tokens: list[str]
) -> list[_Span]:
    """Whose word it is: none, one, or all of "the brows and the jaw"."""
    before = [s for s in subjects if s.end <= word.start and word.start - s.end <= _FAR]
    after = [s for s in subjects if s.start >= word.end and s.start - word.end <= _NEAR]
    described = bool(after) and _describes(word.end, after[0].start, words, tokens)
    # "slow with long pauses", "lowered, tense jaw"; but "eyes wide open mouth".
    starts = word.start == 0 or tokens[word.start - 1] in _BREAKS | _ARTICLES
    if before and not (described and (starts or not _predicates(before[-1], word, tokens))):
        return _joined(before, tokens)
    return after[:1] if described else []


def _predicates(subject: _Span, word: _Span, tokens: list[str]) -> bool:
    """Whether "brow is lowered", "brow lowered"; not "brow, wide" or "brow and wide"."""
    return subject.end == word.start or tokens[subject.end] not in _BREAKS


def _describes(start: int, end: int, words: Sequence[_Span], tokens: list[str]) -> bool:
    """ "furrowed and tense brow", "pauses" after "long": only words and what joins them between."""
    known = {at for span in words for at in range(span.start, span.end)}
    between = range(start, end)
    if any(at not in known and tokens[at] not in _AND for at in between):
        return False
    return not between or tokens[end - 1] not in _AND


def _joined(before: list[_Span], tokens: list[str]) -> list[_Span]:
    """The nearest subject with those that are joined to it by "and"."""
    joined = [before[-1]]
    for subject in reversed(before[:-1]):
        between = tokens[subject.end : joined[-1].start]
        if not any(t in ("and", "or", "nor") for t in between):
            break
        if any(t not in _AND and t not in _ARTICLES for t in between):
            break
        joined.append(subject)
    return joined


def _denied(tokens: list[str], first: int, last: int) -> bool:
    """Whether a denial stands shortly before ``first``, or between it and ``last``."""
    for at in range(last - 1, max(-1, first - _DENIAL_FAR - 1), -1):
        if tokens[at] in _ENDS_DENIAL and not (first <= at and tokens[at] == ","):
            return False
        if tokens[at] in _DENIES:
            return tokens[at + 1] not in _NOT_DENIED
    return False
