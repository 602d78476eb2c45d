"""The measures that the engine looks at: how they are made of a Reading, and what is usual.

A population value is where a learner's own baseline starts from; all of them are [D], rough, and
soon outweighed. None means that people differ too much: then only the learner's own counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tutor_emotion.core.types import Modality

_BOUND = 1e3  # nothing that is measured here is larger; keeps sums finite whatever comes in


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for this learner: centre and scale (a robust standard deviation)."""

    centre: float
    scale: float

    def z(self, value: float, clip: float) -> float:
        return max(-clip, min(clip, (value - self.centre) / self.scale))


@dataclass(frozen=True, slots=True)
class FaceCue:
    """One cue of §9.2: the mean of the ``parts`` that a Reading carries (FACS → ARKit, §1.2)."""

    parts: tuple[str, ...]
    unit: str
    population: Usual
    mouth: bool = False


FACE_CUES: Mapping[str, FaceCue] = {
    "brow_lowered": FaceCue(("browDownLeft", "browDownRight"), "share", Usual(0.10, 0.10)),
    "eyes_squinted": FaceCue(("eyeSquintLeft", "eyeSquintRight"), "share", Usual(0.25, 0.12)),
    "inner_brow_raised": FaceCue(("browInnerUp",), "share", Usual(0.30, 0.20)),
    "outer_brow_raised": FaceCue(
        ("browOuterUpLeft", "browOuterUpRight"), "share", Usual(0.15, 0.20)
    ),
    "dimples": FaceCue(("mouthDimpleLeft", "mouthDimpleRight"), "share", Usual(0.05, 0.05), True),
    "lips_pressed": FaceCue(
        ("mouthPressLeft", "mouthPressRight"), "share", Usual(0.10, 0.10), True
    ),
    "smile": FaceCue(("mouthSmileLeft", "mouthSmileRight"), "share", Usual(0.10, 0.15), True),
    "eyes_closed": FaceCue(("eyes_closed",), "share", Usual(0.05, 0.05)),
    "looking_away": FaceCue(("gaze_away",), "share", Usual(0.10, 0.15)),
    "nearness": FaceCue(("face_scale",), "share", Usual(0.40, 0.12)),
    "motion": FaceCue(("motion",), "degrees/s", Usual(4.0, 2.5)),
    # What raters of pictures would choose, as a share of them. A speaking mouth misleads the net.
    **{
        f"expression_{label}": FaceCue((f"expression_{label}",), "share", population, True)
        for label, population in (
            ("neutral", Usual(0.70, 0.20)),
            ("happiness", Usual(0.08, 0.12)),
            ("surprise", Usual(0.05, 0.06)),
            ("sadness", Usual(0.06, 0.08)),
            ("anger", Usual(0.05, 0.06)),
            ("disgust", Usual(0.01, 0.02)),
            ("fear", Usual(0.02, 0.03)),
            ("contempt", Usual(0.03, 0.04)),
            # Only MAFW's raters were offered these; only an omni model names them.
            ("anxiety", Usual(0.05, 0.08)),
            ("helplessness", Usual(0.02, 0.04)),
            ("disappointment", Usual(0.03, 0.05)),
        )
    },
}

# What actors' listeners would choose; the net has already heard it against the speaker.
_HEARD: Mapping[str, Usual] = {
    f"voice_{label}": Usual(0.40, 0.25) if label == "neutral" else Usual(0.10, 0.12)
    for label in ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
}

VOICE_UNITS: Mapping[str, str] = {
    "onset_s": "s",
    "pause_ratio": "share",
    "f0_slope_st_s": "semitones/s",
    "filler_s": "s",
    "rate_hz": "1/s",
    "f0_iqr_st": "semitones",
    "duration_s": "s",
    **dict.fromkeys(_HEARD, "share"),
}

# Facts that are shown as another measure, whose value says which of them it is.
MISSES = ("first_miss", "second_miss", "third_miss")
SHOWN_AS: Mapping[str, str] = dict.fromkeys(MISSES, "misses_on_step")

# What is true or not, with the unit of the value that is shown beside it.
FACTS: Mapping[Modality, Mapping[str, str]] = {
    "text": dict.fromkeys(
        (
            "says_confused",
            "says_annoyed",
            "says_bored",
            "means_confused",
            "means_annoyed",
            "means_bored",
            "hedge_on_correct",
            "all_capitals",
            "question_marks",
        ),
        "messages",
    ),
    "interaction": {
        **dict.fromkeys(MISSES, "answers"),
        "same_wrong_answer": "answers",
        "fast_after_error": "s",
        "broken_success_run": "answers",
        "misses_on_easy_items": "share",
        "rapid_answer": "s",
        "correct_answer": "s",
        "correct_after_miss": "answers",
        "correct_but_unsure": "answers",
        "hint_after_try": "hints",
        "asked_for_the_answer": "hints",
        "idle_gap": "s",
    },
    "self_report": dict.fromkeys(
        (
            "said_fine",
            "said_confused",
            "said_stuck",
            "said_bored",
            "offer_taken",
            "offer_dismissed",
            "offer_wrong",
        ),
        "taps",
    ),
}

POPULATION: Mapping[str, Usual | None] = {
    **{name: cue.population for name, cue in FACE_CUES.items()},
    "onset_s": Usual(2.0, 1.5),
    "pause_ratio": Usual(0.25, 0.12),
    "f0_slope_st_s": Usual(-2.0, 8.0),
    "filler_s": Usual(0.2, 0.3),
    "rate_hz": Usual(3.0, 0.9),
    "f0_iqr_st": Usual(4.0, 1.8),
    "duration_s": Usual(3.0, 2.0),
    **_HEARD,
    "ln_time_to_expected": Usual(0.0, 0.6),  # ln of the time taken over the item's usual time
    "ln_time": None,
}

# The facts by the names that they have in the evidence.
SHOWN_FACTS: tuple[str, ...] = tuple(
    dict.fromkeys(SHOWN_AS.get(name, name) for names in FACTS.values() for name in names)
)

# Whose measures they are: what is forgotten with a modality.
MEASURES_OF: Mapping[Modality, frozenset[str]] = {
    "face": frozenset(FACE_CUES),
    "voice": frozenset(VOICE_UNITS),
    "interaction": frozenset({"ln_time_to_expected", "ln_time"}),
}


def finite(value: object) -> float | None:
    """The number within sane bounds, or None for anything that is none."""
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return max(-_BOUND, min(_BOUND, float(value)))


def face_cues(measures: Mapping[str, float]) -> dict[str, float]:
    """The cues that this Reading's measures make; a cue without any part is left out."""
    cues = {}
    for name, cue in FACE_CUES.items():
        values = [v for v in (finite(measures.get(part)) for part in cue.parts) if v is not None]
        if values:
            cues[name] = sum(values) / len(values)
    return cues


def voice_measures(measures: Mapping[str, float]) -> dict[str, float]:
    """The measures of one utterance that the engine weighs (onset is not among them)."""
    read = ((name, finite(measures.get(name))) for name in VOICE_UNITS)
    return {name: value for name, value in read if value is not None and name != "onset_s"}
