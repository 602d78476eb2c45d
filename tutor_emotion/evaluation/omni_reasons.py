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
from tutor_emotion.core.phrasing import Rule, find

Synonyms = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thinking text. ``false`` of ``checked`` of ``claimed`` claims are not so; ``other``: it
    speaks for another label than the one that was given."""

    claimed: int
    checked: int
    false: int
    other: bool


def judge(thinking: str, label: str, measures: Mapping[str, float], named: Synonyms) -> Reason:
    """``named``: the words for each label of the set, its own among them."""
    found = claims(thinking)
    held = [grounded(claim, measures) for claim in found]
    other = speaks_for_another(thinking, label, named)
    return Reason(len(found), len(held) - held.count(None), held.count(False), other)


def speaks_for_another(thinking: str, label: str, named: Synonyms) -> bool:
    """Whether the text denies ``label``, or names only others."""
    rules = tuple(
        Rule(name, frozenset(), frozenset(), words) for name, words in sorted(named.items())
    )
    said = list(find(thinking, rules))
    for_it = {one.name for one in said if not one.negated}
    if label in for_it:
        return False
    return bool(for_it) or any(one.name == label for one in said)


def rates(reasons: Sequence[Reason | None], right: Sequence[bool]) -> dict[str, Any]:
    """Figures over all answers; None among ``reasons`` is an answer without a closed thinking text.
    A share of nothing is None."""
    given = [one for one in reasons if one is not None]
    good = [one for one, is_right in zip(reasons, right, strict=True) if is_right and one]
    checked = sum(one.checked for one in given)
    false = sum(one.false for one in given)
    return {
        "answers": len(reasons),
        "with_reason": len(given),
        "claims": sum(one.claimed for one in given),
        "claims_checked": checked,
        "claims_false": false,
        "hallucination_rate": _share(false, checked),
        "reasons_with_a_false_claim": _share(sum(one.false > 0 for one in given), len(given)),
        "right_with_reason": len(good),
        "right_for_another_label": _share(sum(one.other for one in good), len(good)),
        "right_with_a_false_claim": _share(sum(one.false > 0 for one in good), len(good)),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
