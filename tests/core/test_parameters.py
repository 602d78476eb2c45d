"""Every number of the engine has a name, a unit and bounds, and a policy can move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.parameters import CATALOGUE, OWN_FIELD, checked
from tutor_emotion.errors import BadInput

POLICY: dict[str, Any] = {
    "modalities": frozenset({"interaction"}),
    "suspect_on": 0.45, "strong_on": 0.60, "frustrated_on": 0.35, "bored_on": 0.40,
    "offer_every_s": 120, "offers_in_10_min": 3, "offers_in_hour": 8,
    "quiet_pace": True, "adaptations": frozenset(), "paused": False,
}  # fmt: skip


def under(**parameters: object) -> EngineConfig:
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    return EngineConfig.from_policy(**POLICY, parameters=named)


def numbers(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every number in a dataclass, wherever it is."""
    if is_dataclass(value):
        for item in fields(value):
            yield from numbers(getattr(value, item.name), (*path, item.name))
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from numbers(inner, (*path, str(i)))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


# --- it works ------------------------------------------------------------------------------------


def test_the_catalogue_has_every_number_of_the_engine() -> None:
    config = EngineConfig()
    stages = [f.name for f in fields(config) if is_dataclass(getattr(config, f.name))]
    stages = [name for name in stages if name not in ("states", "lexicon")]  # data of their own
    found = [path for name in stages for path, _ in numbers(getattr(config, name), (name,))]
    diagonal = 5  # nothing jumps from a state to itself
    assert len(found) - diagonal == len(CATALOGUE)
    plain = {".".join(path) for path in found if not any(part.isdigit() for part in path)}
    assert plain <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_default_is_within_its_bounds_and_is_what_the_engine_has(name: str) -> None:
    known = CATALOGUE[name]
    assert known.low <= known.default <= known.high
    assert known.unit
    assert known.source.startswith(("§", "[D]"))
    if name not in OWN_FIELD:
        assert under(**{name: known.default}) == under()


def test_one_is_moved_and_no_other() -> None:
    config = under(
        pacing__act_after_s=30,
        detector__suspect__dwell_s=20,
        interruption__pause_s=5.5,
        fusion__cap_nats__face=0.4,
        fusion__jumps__engaged__bored=0.001,
        pacing__wait_share__slowest=3,
    )
    plain = under()
    assert config.pacing.act_after_s == 30
    assert config.detector.suspect.dwell_s == 20
    assert config.detector.strong == plain.detector.strong
    assert config.interruption.pause_s == 5.5
    assert config.fusion.cap_nats.face == 0.4
    assert config.fusion.cap_nats.voice == plain.fusion.cap_nats.voice
    assert config.fusion.jumps[0] == (0.0, 0.002507, 0.000506, 0.001, 0.005107)
    assert config.pacing.wait_share == (3, 1.5, 1.0, 0.75, 0.5)


def test_a_threshold_of_the_policy_and_an_override_beside_it_both_hold() -> None:
    values = {**POLICY, "suspect_on": 0.5}
    config = EngineConfig.from_policy(**values, parameters={"detector.suspect.off": 0.4})
    assert (config.detector.suspect.on, config.detector.suspect.off) == (0.5, 0.4)


def test_whole_numbers_stay_whole() -> None:
    assert type(under(pacing__easier_items=3.0).pacing.easier_items) is int
    assert under(pacing__examples_first__usual=2).pacing.examples_first == (2, 1, 2, 0, 0)


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pacing.act_after_s", 4.9),
        ("pacing.act_after_s", 601),
        ("pacing.act_after_s", float("nan")),
        ("pacing.act_after_s", float("inf")),
        ("pacing.act_after_s", "45"),
        ("pacing.act_after_s", None),
        ("pacing.act_after_s", True),
        ("pacing.act_after_s", [45]),
        ("pacing.act_after_misses", 2.5),
        ("pacing.act_after_misses", 10**400),
        ("detector.suspect.on", 0.5),  # it has a field of its own
        ("detector.suspect.off", 0.5),  # over what raises it
        ("detector.unresolved_for_s", 130),  # over the time it is counted in
        ("detector.wheelspin_warn_after", 11),
        ("pacing.low_below", 0.85),
        ("fusion.prior.engaged", 0.9),
        ("fusion.dwell_s.engaged", 1),
        ("estimators.voice_min_s", 10),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    others = {"estimators.voice_max_s": 9.0} if name == "estimators.voice_min_s" else {}
    with pytest.raises(BadInput) as caught:
        EngineConfig.from_policy(**POLICY, parameters={name: value, **others})
    assert caught.value.code == "bad_policy"
    stem = name.rpartition(".")[0] if name.startswith(("fusion.", "detector.s")) else name
    assert stem in caught.value.message or "fusion.prior" in caught.value.message


def test_a_name_that_is_none_is_told_the_nearest() -> None:
    for name in ("pacing.act_after", "pacing.act_after_s.", "act_after_s", "", "pacing", "states"):
        with pytest.raises(BadInput, match="is no parameter"):
            checked(name, 1)
    with pytest.raises(BadInput) as caught:
        checked("pacing.act_aftr_s", 1)
    assert "pacing.act_after_s" in caught.value.hint


@pytest.mark.parametrize("parameters", ["x", 3, [("pacing.act_after_s", 45)]])
def test_what_is_no_table_is_refused(parameters: Any) -> None:
    with pytest.raises(BadInput, match="parameters"):
        EngineConfig.from_policy(**POLICY, parameters=parameters)


@given(st.sampled_from(sorted(set(CATALOGUE) - set(OWN_FIELD))), st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_anything_within_bounds_makes_an_engine_or_says_what_does_not_fit(
    name: str, share: float
) -> None:
    known = CATALOGUE[name]
    value: float = known.low + share * (known.high - known.low)
    with suppress(BadInput):  # two that do not fit together; nothing else is ever raised
        config = under(**{name: round(value) if known.whole else value})
        assert config.detector.suspect.off < config.detector.suspect.on
