"""What a typed message says in so many words; what it leaves out is no evidence (§9.2, §3).

The message itself goes no further than this module: the evidence names the kind of phrase only.
Where the words say nothing, a worker with a sentence encoder may (``meaning``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.lexicon import Kind, Lexicon
from tutor_emotion.core.lexicon.phrases import line, words
from tutor_emotion.core.measures import finite
from tutor_emotion.core.types import Estimate, Reading

MAX_CHARACTERS = 2000
MEASURES: Mapping[Kind, str] = {
    "confused": "says_confused",
    "annoyed": "says_annoyed",
    "bored": "says_bored",
}
MEANINGS = ("means_confused", "means_annoyed", "means_bored")
LEAST_MEANING = 0.5  # of a meaning's probability
LEAST_WORDS_WITH_A_MEANING = 2
_NEGATION_REACH = 3
_OTHERS_REACH = 2  # words between whom it is about and what is said of them
_SHOUT_LETTERS = 10
_MOST_PHRASES = 24  # of a kind in one part: each looks around itself, and the time must not explode
_TOLD: tuple[Kind, ...] = ("mentions", "topics")
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]*[\"“”„«»]")


@dataclass(frozen=True, slots=True)
class Said:
    """``holds``: the kinds of phrase that hold at the message's end. ``touched``: whether any
    phrase is in it at all, also one that is negated, past, of somebody else, or over."""

    holds: tuple[Kind, ...]
    touched: bool


def is_alarming(text: str, lexicon: Lexicon) -> bool:
    """Whether a person must see this now (danger to the writer). Errs towards yes.

    Quotes count, and so does what is negated or said to be a joke.
    """
    plain = line(words(text[:MAX_CHARACTERS]))
    # A break may stand between ("i want. to die"): it must not hide anything.
    for version in {plain, plain.replace(" . ", " ")}:
        if lexicon.patterns["safety"].search(version):
            return True
    return bool(
        lexicon.patterns["safety_unless_mentioned"].search(plain)
        and not any(lexicon.patterns[kind].search(plain) for kind in _TOLD)
    )


def said(text: str, lexicon: Lexicon) -> Said:
    """The kinds of phrase in a message, read part by part as its sentences go."""
    found: list[Kind] = []
    touched = False
    for part in _parts(_QUOTED.sub(" . ", text[:MAX_CHARACTERS]), lexicon):
        # Asked of the part without its own phrases: "I don't get it" holds "get it".
        rest = lexicon.patterns["confused"].sub("_ ", part)
        if lexicon.patterns["resolved"].search(rest):
            found.clear()
            touched = True
        matches = [
            (match, kind)
            for kind in MEASURES
            for match in islice(lexicon.patterns[kind].finditer(part), _MOST_PHRASES)
        ]
        touched = touched or bool(matches)
        ends = [m.end() for m, _ in matches]
        found += [kind for m, kind in matches if _holds(m, part, ends, lexicon)]
    return Said(tuple(dict.fromkeys(found)), touched)


def wants_meaning(text: str, lexicon: Lexicon) -> bool:
    """Whether a sentence encoder should be asked: the words alone said nothing either way."""
    many = len([w for w in words(text[:MAX_CHARACTERS]) if w.isalpha()])
    return (
        many >= LEAST_WORDS_WITH_A_MEANING
        and not is_alarming(text, lexicon)
        and not said(text, lexicon).touched
    )


def estimate(
    text: str, at_s: float, config: EngineConfig, *, last_correct_s: float | None = None
) -> Estimate:
    """What the message speaks for. ``last_correct_s``: the last correct answer, for hedges."""
    text = text[:MAX_CHARACTERS]
    found = [MEASURES[kind] for kind in said(text, config.lexicon).holds]
    plain = _QUOTED.sub(" ", text)
    near = last_correct_s is not None and at_s - last_correct_s <= config.estimators.hedge_s
    if near and config.lexicon.patterns["hedges"].search(line(words(plain))):
        found.append("hedge_on_correct")
    letters = [c for c in plain if c.isalpha()]
    many = len(letters) >= _SHOUT_LETTERS and " " in plain.strip()
    if many and all(c.isupper() for c in letters):
        found.append("all_capitals")
    if "??" in plain:
        found.append("question_marks")
    evidence = vote.facts("text", dict.fromkeys(found, vote.Fact()), at_s, config)
    return vote.estimate("text", at_s, evidence, config)


def meaning(reading: Reading, config: EngineConfig) -> Estimate:
    """What a sentence encoder made of a message: how likely it means each kind, 0..1."""
    found = {
        name: vote.Fact(value)
        for name in MEANINGS
        if (value := finite(reading.measures.get(name))) is not None and value >= LEAST_MEANING
    }
    evidence = vote.facts("text", found, reading.end_s, config)
    return vote.estimate("text", reading.end_s, evidence, config, model=reading.model)


def _parts(text: str, lexicon: Lexicon) -> list[str]:
    """The message as lines of words, cut at its breaks."""
    parts: list[list[str]] = [[]]
    breaks = lexicon.patterns["breaks"]
    for word in words(text):
        if word == "." or breaks.fullmatch(f" {word} ", 1):
            parts.append([])
        else:
            parts[-1].append(word)
    return [line(part) for part in parts if part]


def _holds(match: re.Match[str], part: str, ends: Sequence[int], lexicon: Lexicon) -> bool:
    """``ends``: where the part's phrases end; a "not" before another phrase belongs to that one."""
    before, after = part[: match.start()], part[match.end() - 1 :]
    patterns = lexicon.patterns
    since = max((end for end in ends if end <= match.start()), default=0)
    if patterns["negators"].search(_last(part[since : match.start()], _NEGATION_REACH)):
        return False
    # A German negation may follow; a phrase that holds one already is not turned round by it.
    own = patterns["negators"].search(f" {match.group()}")
    if not own and patterns["negators_after"].search(_first(after, _NEGATION_REACH)):
        return False
    others = patterns["others"].finditer(before)
    if any(len(before[who.end() :].split()) <= _OTHERS_REACH for who in others):
        return False
    if not own and patterns["mentions"].search(part):
        return False
    past = patterns["past"].search(before) or patterns["past"].search(after)
    return not (past and not patterns["still"].search(part))


def _last(text: str, n: int) -> str:
    return line(text.split()[-n:])


def _first(text: str, n: int) -> str:
    return line(text.split()[:n])
