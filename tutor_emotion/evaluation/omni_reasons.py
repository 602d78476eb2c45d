"""Whether the reasons hold: claims that the clip does not bear out, and reasons for another label.

A claim is checked against what the compact Runner measures of the same clip (``core/claims.py``). A
reason contradicts a label where it names another one of the set and not this one, or denies this
one; MIGR (arXiv 2512.02699) counts such right answers as hallucinated too, by its own judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutor_emotion.core.claims import claims, grounded
from tutor_emotion.core.emotion_words import words_for
from tutor_emotion.core.phrasing import Rule, find


@dataclass(frozen=True, slots=True)
class Reason:
    """One thinking text: how many claims it makes, how many of them could be checked and are false;
    ``other``: it speaks for another label than the one that was given."""

    claimed: int
    checked: int
    false: int
    other: bool


def judge(
    thinking: str, label: str, labels: Sequence[str], measures: Mapping[str, float]
) -> Reason:
    """A reason for ``label`` of a clip with these measures."""
    held = [grounded(claim, measures) for claim in claims(thinking)]
    other = speaks_for_another(thinking, label, labels)
    return Reason(len(held), len(held) - held.count(None), held.count(False), other)


def speaks_for_another(thinking: str, label: str, labels: Sequence[str]) -> bool:
    """Whether the text denies ``label``, or names only others of ``labels``."""
    rules = tuple(
        Rule(name, frozenset(), frozenset(), words) for name, words in words_for(labels).items()
    )
    said = list(find(thinking, rules))
    for_it = {one.name for one in said if not one.negated}
    if label in for_it:
        return False
    return bool(for_it) or any(one.name == label for one in said)


def rates(reasons: Sequence[Reason | None], right: Sequence[bool]) -> dict[str, Any]:
    """Figures over all answers; None among ``reasons`` is an answer without a closed thinking text.
    A share of nothing is None.

    ``not_grounded_rate``: claims that are not borne out, be they false or of what nobody measured
    (a voice in a clip without sound); ``false_rate``: the false ones among those that were checked.
    """
    given = [one for one in reasons if one is not None]
    good = [one for one, is_right in zip(reasons, right, strict=True) if is_right and one]
    claimed = sum(one.claimed for one in given)
    checked = sum(one.checked for one in given)
    false = sum(one.false for one in given)
    return {
        "answers": len(reasons),
        "with_reason": len(given),
        "claims": claimed,
        "claims_checked": checked,
        "claims_false": false,
        "not_grounded_rate": _share(claimed - (checked - false), claimed),
        "false_rate": _share(false, checked),
        "reasons_with_a_false_claim": _share(sum(one.false > 0 for one in given), len(given)),
        "right_with_reason": len(good),
        "right_for_another_label": _share(sum(one.other for one in good), len(good)),
        "right_with_a_false_claim": _share(sum(one.false > 0 for one in good), len(good)),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
