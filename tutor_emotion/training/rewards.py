"""What one completion is worth: right, in form, and with a reason that was there.

Pure: the completion's text, the label, the set of labels, the measures of the clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tutor_emotion.core.claims import claims, grounded
from tutor_emotion.core.emotion_words import meant
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.omni_reasons import speaks_for_another
from tutor_emotion.nets.r1_omni.answers import parse

FEW = 2  # claims that a good reason has at least


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each reward counts. R1-Omni's own are accuracy and form, 1 each."""

    accuracy: float = 1.0
    form: float = 1.0
    grounding: float = 1.0
    consistency: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= weight <= 10 for weight in asdict(self).values()):
            raise BadInput("bad_weights", "The weight of a reward has to be 0 to 10.")


@dataclass(frozen=True, slots=True)
class Rewards:
    """``accuracy`` and ``form`` are 0 or 1, ``grounding`` -1 to 1, ``consistency`` -1 or 0."""

    accuracy: float
    form: float
    grounding: float
    consistency: float

    def total(self, weights: Weights) -> float:
        """Weighted and added up."""
        counts = asdict(weights)
        return float(sum(value * counts[name] for name, value in asdict(self).items()))


def reward(text: str, label: str, labels: Sequence[str], measures: Mapping[str, float]) -> Rewards:
    """All of them."""
    return Rewards(
        accuracy(text, label, labels),
        form(text),
        grounding(text, measures),
        consistency(text, labels),
    )


def accuracy(text: str, label: str, labels: Sequence[str]) -> float:
    """1 where the answer block names ``label``, by any word for it. A label outside ``labels``,
    two of them, and an answer without its block are wrong."""
    answer = parse(text).label
    return float(answer is not None and meant(answer, labels) == label)


def form(text: str) -> float:
    """1 for one think block, space, one answer block, and nothing else."""
    return float(parse(text).well_formed)


def grounding(text: str, measures: Mapping[str, float]) -> float:
    """Claims that the measures bear out, less those that they do not, as a share of all claims, but
    of at least FEW.

    What was not measured is not borne out: who hears a voice in a clip without sound made it up. A
    denial that is true is worth nothing, for most movements are absent most of the time; one that
    is false costs. So saying nothing earns 0, one true claim 1/2, two or more 1, and each untrue
    one takes away at least as much as a true one brings.
    """
    thinking = parse(text).thinking
    values = [_worth(claim.negated, grounded(claim, measures)) for claim in claims(thinking or "")]
    counted = [value for value in values if value]
    return sum(counted) / max(FEW, len(counted))


def _worth(negated: bool, holds: bool | None) -> int:
    if negated:
        return -1 if holds is False else 0
    return 1 if holds else -1


def consistency(text: str, labels: Sequence[str]) -> float:
    """-1 where the thinking denies the label of the answer, or names only others of the set."""
    answer = parse(text)
    label = None if answer.label is None else meant(answer.label, labels)
    if label is None or answer.thinking is None:
        return 0.0
    return -1.0 if speaks_for_another(answer.thinking, label, labels) else 0.0
