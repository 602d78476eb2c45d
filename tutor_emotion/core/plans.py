"""What is done in which situation: the table of §9.6 as data, by situation and performance.

Wording rules of §9.6 bind the catalogue: about the step, never the person; no feeling is named, no
"wrong" or "correct", no praise of the person, no lecture on value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tutor_emotion.core.types import AdaptationKind, SignalKind
from tutor_emotion.core.work import Performance

Situation: TypeAlias = Literal[
    "setback",
    "spinning",
    "unresolved",
    "frustrated",
    "practising",
    "unsure",
    "suspect",
    "overtaxed",
    "bored",
    "waiting",
    "early",
    "flow",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer (``choices`` are its buttons), or a quiet change; and the pace it aims at.

    ``pace`` None leaves the pace; otherwise it is approached one level a minute. ``flag``: what
    the teacher is told besides. Where the policy or the learner has no use for ``kind``, the first
    choice that is left takes its place, with a message of its own.
    """

    kind: AdaptationKind | None = None
    choices: tuple[AdaptationKind, ...] = ()
    message: str = ""
    pace: int | None = None
    flag: str = ""


_WAIT = Plan()
_SETBACK_FLAG = "flag.unresolved"

PLANS: Mapping[Situation, Mapping[Performance, Plan]] = {
    # frustrated, and unresolved twice in ten minutes; the break is left out of a short session
    "setback": {
        "low": Plan(
            "prerequisite_item",
            ("prerequisite_item", "worked_step", "break"),
            "offer.prerequisite",
            -2,
            _SETBACK_FLAG,
        ),
        "mid": Plan(
            "extra_example",
            ("extra_example", "worked_step"),
            "offer.worked_example",
            None,
            _SETBACK_FLAG,
        ),
        "high": Plan("switch_item", ("switch_item",), "offer.other_activity"),
    },
    # wheel-spin confirmed: ten opportunities without three in a row
    "spinning": {
        "low": Plan(
            "prerequisite_item",
            ("prerequisite_item", "worked_step"),
            "offer.prerequisite",
            -2,
            "flag.wheelspin",
        ),
    },
    # unresolved, or struggle.strong
    "unresolved": {
        "low": Plan("worked_step", ("worked_step", "extra_example"), "offer.worked_step", -2),
        "mid": Plan("worked_step", ("worked_step", "hint"), "offer.worked_step_retry"),
        "high": Plan("hint", ("hint",), "offer.challenge_hint"),
    },
    # A smaller step, or one level easier for two items. The kind word is for low performers alone:
    # it cost others (AutoTutor, §5); the middle band is told of the step, and offered a hint.
    "frustrated": {
        "low": Plan("encouragement", ("easier_item", "segment", "hint"), "offer.hard_step", -1),
        "mid": Plan("hint", ("hint", "worked_step"), "offer.hard_step_hint"),
        "high": Plan("choice", ("hint", "switch_item"), "offer.choice"),
    },
    # wheel-spin warning: an own row, because it needs no affect at all
    "practising": {
        "low": Plan("extra_example", ("extra_example", "worked_step"), "offer.example", -1),
    },
    # correct, but said with a hedge
    "unsure": {
        "low": Plan("why_probe", ("why_probe",), "offer.why"),
        "mid": Plan("confirm", (), "quiet.confirm"),
        "high": _WAIT,
    },
    # struggle.suspect for 45 s, or with two misses
    "suspect": {
        "low": Plan("hint", ("hint", "worked_step"), "offer.hint_or_step", -1),
        "mid": Plan("hint", ("hint",), "offer.hint"),
        "high": Plan("hint_glow", (), "quiet.hint_glow"),
    },
    # bored, and two of three answers are misses: too hard, not too easy
    "overtaxed": {
        "low": Plan("segment", ("segment", "easier_item"), "offer.shorter"),
    },
    "bored": {
        "low": Plan("switch_item", ("switch_item", "segment"), "offer.other_kind"),
        "mid": Plan("switch_item", ("switch_item", "choice"), "offer.other_kind"),
        "high": Plan("harder_item", ("harder_item", "switch_item"), "offer.harder", 1),
    },
    # nothing was done for as long as this item usually takes, whatever is believed
    "waiting": {
        "low": Plan("hint", ("hint", "worked_step"), "offer.hint_or_step"),
        "mid": Plan("hint", ("hint",), "offer.hint"),
        "high": Plan("hint_glow", (), "quiet.hint_glow"),
    },
    # confused for less than 45 s and fewer than two misses: productive, wait
    "early": {"low": Plan(pace=-1), "mid": _WAIT, "high": _WAIT},
    # engaged or neutral, and five in a row, which is high: one level faster
    "flow": {"high": Plan(pace=2)},
}
QUIET: frozenset[AdaptationKind] = frozenset({"hint_glow", "confirm"})
"""Kinds that a plan does without asking; they cost no offer of the budget."""

# The signal that an offer of a situation is put down to.
CAUSES: Mapping[Situation, tuple[SignalKind, ...]] = {
    "setback": ("frustrated", "unresolved"),
    "spinning": ("wheelspin",),
    "unresolved": ("unresolved", "struggle.strong"),
    "frustrated": ("frustrated",),
    "practising": ("wheelspin",),
    "unsure": (),
    "suspect": ("struggle.suspect",),
    "overtaxed": ("bored",),
    "bored": ("bored",),
    "waiting": (),
    "early": ("struggle.suspect", "confused"),
    "flow": (),
}

PACE_MESSAGES: Mapping[AdaptationKind, str] = {
    "slow_down": "quiet.slower",
    "segment": "quiet.segment",
    "speed_up": "quiet.faster",
}
SAFETY_MESSAGE = "flag.safety"
DISTRESS_MESSAGE = "flag.distress"
CALLS: frozenset[str] = frozenset({SAFETY_MESSAGE, DISTRESS_MESSAGE})
"""Flags beside which a learner is shown a person to talk to, and nothing else."""
HARD_LINES: frozenset[str] = frozenset({"offer.hard_step", "offer.hard_step_hint"})
"""Lines that name the step as hard: one in ten minutes at most."""
KIND_MESSAGES: Mapping[AdaptationKind, str] = {
    "hint": "offer.hint",
    "worked_step": "offer.worked_step",
    "extra_example": "offer.example",
    "easier_item": "offer.easier",
    "harder_item": "offer.harder",
    "prerequisite_item": "offer.prerequisite",
    "switch_item": "offer.other_kind",
    "segment": "offer.shorter",
    "choice": "offer.choice",
    "break": "offer.break",
}
# Where the policy or the learner leaves none of the choices: the least that still helps.
FALLBACK: Mapping[Situation, AdaptationKind] = {
    "setback": "hint",
    "spinning": "hint",
    "unresolved": "hint",
    "practising": "hint",
}
# Help with a step that has been solved meanwhile would come too late.
STEP_BOUND: frozenset[Situation] = frozenset({"unresolved", "suspect", "waiting", "early"})

MESSAGE_KEYS: frozenset[str] = frozenset(
    {plan.message for row in PLANS.values() for plan in row.values()}
    | {plan.flag for row in PLANS.values() for plan in row.values()}
    | set(PACE_MESSAGES.values())
    | set(KIND_MESSAGES.values())
    | CALLS
) - {""}
"""Every ``message`` that an Adaptation can carry; the browser's catalogue must have them all."""
