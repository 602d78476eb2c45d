"""Every number of the engine by its dotted name: unit, default, bounds and source.

A course's policy holds those that differ from their default (``Policy.parameters``). The default is
read from the dataclasses of ``parts.py``; the words for people stand in the admin, and
``docs/parameters.md`` is written from both. Bounds are [D]: wide enough for a study, narrow enough
that a slip of the keyboard is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any

from tutor_emotion.core import possible
from tutor_emotion.core.parts import (
    BaselineConfig,
    DetectorConfig,
    EstimatorsConfig,
    FusionConfig,
    InterruptionConfig,
    PacingConfig,
)
from tutor_emotion.core.types import STATES
from tutor_emotion.errors import BadInput

PACES = ("slowest", "slower", "usual", "faster", "fastest")  # levels -2 .. +2
# Those that the policy has a field of its own for, which is where they are set.
OWN_FIELD: Mapping[str, str] = {
    "detector.suspect.on": "suspect_on",
    "detector.strong.on": "strong_on",
    "detector.frustrated.on": "frustrated_on",
    "detector.bored.on": "bored_on",
    "interruption.offer_every_s": "offer_every_s",
    "interruption.offers_in_10_min": "offers_in_10_min",
    "interruption.offers_in_hour": "offers_in_hour",
}
PARTS: Mapping[str, Any] = {
    "pacing": PacingConfig(),
    "interruption": InterruptionConfig(),
    "detector": DetectorConfig(),
    "fusion": FusionConfig(),
    "estimators": EstimatorsConfig(),
    "baseline": BaselineConfig(),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """``base`` is the name that the words go by: one of several of a kind has it in common with
    them (``fusion.cap_nats.face``: ``fusion.cap_nats``, and ``part`` is ``face``)."""

    name: str
    base: str
    part: str
    unit: str
    default: float
    whole: bool
    low: float
    high: float
    source: str

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


# base: unit, least, most, source
_KNOWN: Mapping[str, tuple[str, float, float, str]] = {
    "pacing.low_below": ("share", 0.05, 0.95, "§9.6"),
    "pacing.high_from": ("share", 0.05, 1, "§9.6"),
    "pacing.known_after_answers": ("answers", 1, 50, "§9.6"),
    "pacing.act_after_s": ("s", 5, 600, "§9.6"),
    "pacing.act_after_misses": ("misses", 1, 20, "§9.6"),
    "pacing.level_every_s": ("s", 10, 1800, "§9.6"),
    "pacing.back_after_correct": ("answers", 1, 50, "§9.6"),
    "pacing.faster_after_correct": ("answers", 1, 50, "§9.6"),
    "pacing.segment_share": ("times", 0.1, 5, "§9.6"),
    "pacing.wait_share": ("times", 0.1, 10, "§9.6"),
    "pacing.examples_first": ("examples", 0, 5, "§9.6"),
    "pacing.items_before_review": ("items", 1, 50, "[D]"),
    "pacing.wait_least_s": ("s", 10, 900, "[D]"),
    "pacing.wait_unknown_s": ("s", 10, 1800, "[D]"),
    "pacing.easier_items": ("items", 1, 10, "§9.6"),
    "pacing.overtaxed_below": ("share", 0, 1, "[D]"),
    "pacing.hard_line_every_s": ("s", 60, 7200, "§9.6"),
    "pacing.twice_in_s": ("s", 60, 7200, "§9.6"),
    "pacing.break_after_s": ("s", 300, 14400, "§9.6"),
    "pacing.same_step_again_s": ("s", 30, 3600, "[D]"),
    "pacing.flag_again_s": ("s", 30, 3600, "[D]"),
    "pacing.safety_again_s": ("s", 10, 600, "[D]"),
    "pacing.safety_hold_s": ("s", 60, 7200, "[D]"),
    "pacing.distress_after_s": ("s", 120, 3600, "[D]"),
    "pacing.distress_gap_s": ("s", 5, 600, "[D]"),
    "pacing.distress_active_s": ("s", 30, 900, "[D]"),
    "pacing.distress_messages": ("messages", 2, 20, "[D]"),
    "pacing.distress_messages_in_s": ("s", 60, 7200, "[D]"),
    "interruption.offer_every_s": ("s", 30, 3600, "§9.7"),
    "interruption.offers_in_10_min": ("offers", 0, 20, "§9.7"),
    "interruption.offers_in_hour": ("offers", 0, 60, "§9.7"),
    "interruption.quiet_start_s": ("s", 0, 1800, "§9.7"),
    "interruption.quiet_answers": ("answers", 0, 50, "§9.7"),
    "interruption.pause_s": ("s", 0, 60, "§9.7"),
    "interruption.kind_cooldown_s": ("s", 0, 3600, "§9.7"),
    "interruption.kind_cooldown_max_s": ("s", 60, 14400, "§9.7"),
    "interruption.dismissals_off": ("times", 1, 20, "§9.7"),
    "interruption.offer_lives_s": ("s", 10, 600, "[D]"),
    "interruption.busy_forgotten_s": ("s", 5, 600, "[D]"),
    "interruption.playing_forgotten_s": ("s", 30, 7200, "[D]"),
    "detector.*.on": ("share", 0.05, 0.99, "§9.5"),
    "detector.*.off": ("share", 0.01, 0.98, "§9.5"),
    "detector.*.dwell_s": ("s", 0, 600, "§9.5"),
    "detector.*.cooldown_s": ("s", 0, 7200, "§9.5"),
    "detector.frustrated_to_confused": ("times", 0, 3, "§9.5"),
    "detector.frustrated_misses": ("misses", 1, 20, "§9.5"),
    "detector.cue_s": ("s", 5, 600, "§9.5"),
    "detector.cue_min_nats": ("nats", 0, 3, "[D]"),
    "detector.bored_cue_s": ("s", 5, 1800, "[D]"),
    "detector.unresolved_on": ("share", 0.05, 0.95, "§9.5"),
    "detector.unresolved_for_s": ("s", 5, 600, "§9.5"),
    "detector.unresolved_of_s": ("s", 5, 600, "§9.5"),
    "detector.unresolved_misses": ("misses", 1, 20, "§9.5"),
    "detector.unresolved_turns": ("messages", 1, 20, "§9.5"),
    "detector.unresolved_cooldown_s": ("s", 0, 7200, "§9.5"),
    "detector.wheelspin_warn_after": ("items", 2, 100, "§9.5"),
    "detector.wheelspin_confirmed_after": ("items", 3, 100, "§9.5"),
    "detector.wheelspin_accuracy": ("share", 0, 1, "§9.5"),
    "detector.wheelspin_accuracy_after": ("items", 1, 100, "§9.5"),
    "detector.mastery_run": ("answers", 1, 10, "§9.5"),
    "detector.recovered_below": ("share", 0, 1, "§9.5"),
    "detector.recovered_for_s": ("s", 0, 600, "§9.5"),
    "detector.recovered_answer_s": ("s", 1, 600, "[D]"),
    "detector.rule_confidence": ("share", 0, 1, "§4"),
    "fusion.cap_nats": ("nats", 0, 5, "§9.3"),
    "fusion.budget_nats": ("nats", 0, 10, "§9.3"),
    "fusion.leak_s": ("s", 5, 600, "§9.3"),
    "fusion.face_window_s": ("s", 5, 120, "§9.2"),
    "fusion.prior": ("share", 0.001, 0.99, "§9.4"),
    "fusion.dwell_s": ("s", 1, 3600, "§9.4"),
    "fusion.jumps": ("1/s", 0.000001, 1, "§9.4"),
    "fusion.max_predict_s": ("s", 10, 3600, "§9.4"),
    "fusion.abstain_below_nats": ("nats", 0, 3, "§9.4"),
    "fusion.ambiguous_below": ("share", 0, 1, "§9.4"),
    "fusion.coverage_s": ("s", 10, 600, "§9.4"),
    "fusion.event_covers_s": ("s", 1, 300, "§4"),
    "estimators.face_needs_s": ("s", 1, 60, "§9.2"),
    "estimators.face_max_yaw_deg": ("degrees", 5, 90, "§1.2"),
    "estimators.face_max_pitch_deg": ("degrees", 5, 90, "§1.2"),
    "estimators.face_frames_a_second": ("1/s", 0.2, 30, "[D]"),
    "estimators.face_jaw_open_max": ("share", 0, 1, "[D]"),
    "estimators.smile_after_correct_s": ("s", 0, 60, "§9.2"),
    "estimators.voice_min_s": ("s", 0.1, 10, "§2"),
    "estimators.voice_max_s": ("s", 1, 60, "§2"),
    "estimators.voice_min_voiced_s": ("s", 0.1, 10, "§2"),
    "estimators.onset_max_s": ("s", 1, 300, "[D]"),
    "estimators.rapid_share": ("share", 0, 1, "§3"),
    "estimators.fast_z": ("z", -5, 0, "§3"),
    "estimators.idle_s": ("s", 5, 600, "§3"),
    "estimators.success_run": ("answers", 1, 20, "§3"),
    "estimators.surprise_below": ("sum", -4, 0, "§9.2"),
    "estimators.easy_up_to": ("share", 0, 1, "[D]"),
    "estimators.demand_gap_s": ("s", 0.2, 60, "§3"),
    "estimators.hedge_s": ("s", 1, 120, "[D]"),
    "baseline.face_s": ("s", 10, 600, "§6"),
    "baseline.items": ("items", 1, 50, "§3"),
    "baseline.utterances": ("utterances", 1, 50, "§6"),
    "baseline.kappa_face_s": ("s", 0, 200, "[D]"),
    "baseline.kappa_items": ("items", 0, 200, "[D]"),
    "baseline.kappa_utterances": ("utterances", 0, 200, "[D]"),
    "baseline.z_clip": ("z", 0.5, 10, "§9.2"),
}


def _walk(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if is_dataclass(value):
        for item in fields(value):
            yield from _walk(getattr(value, item.name), f"{name}.{item.name}")
    elif isinstance(value, tuple):
        for part, inner in zip(_labels(name), value, strict=True):
            if part != name.rpartition(".")[2]:  # nothing jumps from a state to itself
                yield from _walk(inner, f"{name}.{part}")
    else:
        yield name, value


def _labels(name: str) -> tuple[str, ...]:
    return STATES if name.startswith("fusion.") else PACES


def _parameter(name: str, default: float) -> Parameter:
    group, first, *rest = name.split(".")
    base = f"{group}.{first}"
    # A threshold's four numbers have their words in common with those of the other thresholds.
    known = base if base in _KNOWN else f"{group}.*.{rest[0]}"
    part = first if known != base else ".".join(rest)
    unit, low, high, source = _KNOWN[known]
    return Parameter(name, known, part, unit, default, type(default) is int, low, high, source)


CATALOGUE: Mapping[str, Parameter] = {
    name: _parameter(name, default)
    for group, part in PARTS.items()
    for name, default in _walk(part, group)
}
"""All of them, by group and in the order of the dataclasses."""


def overridden(parts: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    """``parts`` with ``values`` in place of their numbers.

    Raises:
        BadInput: ``bad_policy``, naming the parameter: unknown (and the nearest that is known), set
            by a field of its own, or no number within its bounds.
    """
    possible.require(isinstance(values, Mapping), "parameters", "is a table of names and numbers")
    made = dict(parts)
    for name, value in values.items():
        number = checked(name, value)
        group, *path = name.split(".")
        made[group] = _with(made[group], path, number, group)
    return made


def checked(name: str, value: object) -> float:
    """``value`` as the number that it must be for ``name``; errors as ``overridden``."""
    known = CATALOGUE.get(name)
    if known is None:
        near = get_close_matches(str(name), CATALOGUE, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See docs/parameters.md."
        raise BadInput("bad_policy", f"{name!r:.60} is no parameter.", hint=hint)
    possible.require(name not in OWN_FIELD, name, f"is set by {OWN_FIELD.get(name)}, not here")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    good = number and known.low <= value <= known.high  # type: ignore[operator]
    possible.require(good, name, f"is a number from {known.low:g} to {known.high:g} ({known.unit})")
    figure = float(value)  # type: ignore[arg-type]
    possible.require(not known.whole or figure.is_integer(), name, "is a whole number")
    return int(figure) if known.whole else figure


def _with(part: Any, path: list[str], value: float, name: str) -> Any:
    if not path:
        return value
    head, *rest = path
    if isinstance(part, tuple):
        at = _labels(name).index(head)
        return tuple(
            _with(inner, rest, value, name) if i == at else inner for i, inner in enumerate(part)
        )
    return replace(part, **{head: _with(getattr(part, head), rest, value, f"{name}.{head}")})
