"""What a typed message says in so many words; what it leaves out is no evidence (§9.2, §3).

The message itself goes no further than this module: the evidence names the kind of phrase only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import lexicon, vote
from tutor_emotion.core.types import Estimate, Evidence, State

WEIGHTS: Mapping[str, tuple[State, float]] = {
    "says_confused": ("confused", 1.2),
    "says_annoyed": ("frustrated", 1.2),
    "says_bored": ("bored", 1.2),
    "hedge_on_correct": ("confused", 0.4),
    "all_capitals": ("frustrated", 0.3),  # [D] named in §3 without a weight
    "question_marks": ("confused", 0.3),  # [D] likewise
}
MAX_CHARACTERS = 2000
_NEGATION_REACH = 3
_NEGATION_REACH_AFTER = 3
_SHOUT_LETTERS = 10


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))


_PHRASES = {
    "says_confused": _any(lexicon.CONFUSED),
    "says_annoyed": _any(lexicon.ANNOYED),
    "says_bored": _any(lexicon.BORED),
}
_HEDGE = _any(lexicon.HEDGES)
_RESOLVED = _any(lexicon.RESOLVED)
_SAFETY = _any(lexicon.SAFETY)
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]*[\"“”„«»]")
_CLAUSE_END = re.compile(
    r"[.,;:!?\n()]+|\s(?:but|however|because|although|aber|weil|obwohl|doch)\s"
)
_APOSTROPHE = re.compile(r"['’`´]")


def is_alarming(text: str) -> bool:
    """Whether a person must see this now (danger to the writer). Errs towards yes."""
    return _SAFETY.search(_plain(text[:MAX_CHARACTERS])) is not None


def estimate(
    text: str, at_s: float, config: EngineConfig, *, last_correct_s: float | None = None
) -> Estimate:
    """What the message speaks for. ``last_correct_s``: the last correct answer, for hedges."""
    text = _QUOTED.sub(" ", text[:MAX_CHARACTERS])
    found = _spoken(text)
    near = last_correct_s is not None and at_s - last_correct_s <= config.estimators.hedge_s
    if near and _HEDGE.search(_plain(text)):
        found.append("hedge_on_correct")
    letters = [c for c in text if c.isalpha()]
    if len(letters) >= _SHOUT_LETTERS and all(c.isupper() for c in letters) and " " in text.strip():
        found.append("all_capitals")
    if "??" in text:
        found.append("question_marks")
    evidence = [
        Evidence("text", name, 1.0, "messages", WEIGHTS[name][0], WEIGHTS[name][1], at_s)
        for name in dict.fromkeys(found)
    ]
    return vote.estimate("text", at_s, evidence, config)


def _spoken(text: str) -> list[str]:
    """The kinds of phrase that hold at the end of the message."""
    found: list[str] = []
    for clause in _CLAUSE_END.split(_plain(text)):
        words = clause.strip()
        if not words:
            continue
        # Asked of the clause without its own phrases: "I don't get it" holds "get it".
        rest = _PHRASES["says_confused"].sub(" ", words)
        if _RESOLVED.search(rest.strip()):
            found.clear()
        found += [name for name, phrase in _PHRASES.items() if _meant(phrase, words)]
    return found


def _meant(phrase: re.Pattern[str], clause: str) -> bool:
    return any(_holds(match, clause) for match in phrase.finditer(clause))


def _holds(match: re.Match[str], clause: str) -> bool:
    before, after = clause[: match.start()], clause[match.end() :]
    if lexicon.NEGATORS.intersection(before.split()[-_NEGATION_REACH:]):
        return False
    # A German negation may follow; a phrase that holds one already is not turned round by it.
    following = after.split()[:_NEGATION_REACH_AFTER]
    if "nich" not in match.group() and lexicon.NEGATORS_AFTER.intersection(following):
        return False
    if lexicon.OTHERS.search(before):
        return False
    return not (lexicon.PAST.search(clause) and not lexicon.STILL.search(clause))


def _plain(text: str) -> str:
    return _APOSTROPHE.sub("", text.lower())
