"""Which label a word means: *angry*, *anger* and *furious* are one answer.

Only words for the same feeling stand together. *Anxious* is no *fear* and *frustrated* no *angry*:
MAFW or our own states tell them apart, so a set that lacks one of them takes it as a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_WORDS: tuple[str, ...] = (
    # DFEW's seven
    "happy happiness joy joyful joyous cheerful delighted delight glad pleased",
    "sad sadness sorrow sorrowful unhappy grief",
    "neutral neutrality emotionless expressionless unemotional",
    "angry anger mad furious rage enraged annoyed",
    "surprise surprised surprising astonished astonishment amazed amazement",
    "disgust disgusted disgusting revulsion revolted",
    "fear fearful afraid scared frightened terrified terror",
    # MAFW's other four
    "contemptuous contempt disdain disdainful scorn scornful",
    "disappointed disappointment",
    "helpless helplessness",
    "anxious anxiety anxiousness worried worry nervous nervousness",
    # RAVDESS's eighth
    "calm calmness serene serenity",
    # ours, and EMO-DB's
    "bored boredom boring",
    "confused confusion puzzled perplexed bewildered",
    "frustrated frustration",
    "engaged engagement attentive",
)
_GROUPS: Mapping[str, frozenset[str]] = {
    word: group for group in (frozenset(line.split()) for line in _WORDS) for word in group
}


def words_for(labels: Iterable[str]) -> dict[str, frozenset[str]]:
    """The words that mean each of ``labels``, itself among them."""
    return {label: _GROUPS.get(_plain(label), frozenset()) | {_plain(label)} for label in labels}


def meant(word: str, labels: Iterable[str]) -> str | None:
    """The one of ``labels`` that ``word`` means; None outside the set, and for several words."""
    plain = _plain(word)
    for label, words in words_for(labels).items():
        if plain in words:
            return label
    return None


def _plain(word: str) -> str:
    """Without capitals, and without what a model puts around its answer."""
    return word.strip().strip("\"'`*.!").strip().lower()
