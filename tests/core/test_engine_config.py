"""The parameters: the specification's by default, a teacher's by policy, never impossible ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tutor_emotion.core.config import (
    DetectorConfig,
    EngineConfig,
    FusionConfig,
    InterruptionConfig,
    Level,
)
from tutor_emotion.core.types import ADAPTATION_KINDS
from tutor_emotion.errors import BadInput

POLICY: dict[str, Any] = {
    "modalities": frozenset({"text", "interaction"}),
    "suspect_on": 0.5,
    "strong_on": 0.7,
    "frustrated_on": 0.4,
    "bored_on": 0.45,
    "offer_every_s": 200,
    "offers_in_10_min": 2,
    "offers_in_hour": 5,
    "quiet_pace": False,
    "adaptations": frozenset({"hint"}),
    "paused": False,
}


def test_the_defaults_are_those_of_the_specification() -> None:
    config = EngineConfig()
    assert config.detector.suspect == Level(0.45, 0.30, 10, 120)
    assert config.detector.bored == Level(0.40, 0.26, 60, 600)
    assert config.fusion.budget_nats.of("face") == 0.6
    assert (config.interruption.offer_every_s, config.interruption.offers_in_hour) == (120, 8)


def test_a_policy_moves_thresholds_and_keeps_their_hysteresis() -> None:
    config = EngineConfig.from_policy(**POLICY)
    assert config.detector.suspect.on == 0.5
    assert config.detector.suspect.off == pytest.approx(0.5 * 0.30 / 0.45)
    assert config.interruption.offers_in_10_min == 2
    assert config.adaptations == {"hint"}


def test_an_empty_list_of_adaptations_allows_all() -> None:
    config = EngineConfig.from_policy(**{**POLICY, "adaptations": frozenset()})
    assert config.adaptations == frozenset(ADAPTATION_KINDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("suspect_on", 0.0),
        ("suspect_on", 1.0),
        ("suspect_on", float("nan")),
        ("suspect_on", 0.9),  # over strong_on
        ("offer_every_s", -1),
        ("offers_in_hour", float("inf")),
        ("modalities", frozenset({"smell"})),
        ("adaptations", frozenset({"shout"})),
    ],
)
def test_an_impossible_policy_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadInput) as caught:
        EngineConfig.from_policy(**{**POLICY, name: value})
    assert caught.value.code == "bad_policy"


@pytest.mark.parametrize(
    "part",
    [
        {"fusion": replace(FusionConfig(), prior=(0.5, 0.5, 0.5, 0.5, 0.5))},
        {"fusion": replace(FusionConfig(), prior=(0.996, 0.001, 0.001, 0.001, 0.001))},
        {"fusion": replace(FusionConfig(), dwell_s=(0.0, 60.0, 45.0, 150.0, 45.0))},
        {"fusion": replace(FusionConfig(), leak_s=0.0)},
        {"fusion": replace(FusionConfig(), jumps=((0.0,) * 5,) * 5)},
        {"detector": replace(DetectorConfig(), bored=Level(0.3, 0.4, 1, 1))},
        {"detector": replace(DetectorConfig(), unresolved_for_s=121)},
        {"interruption": replace(InterruptionConfig(), pause_s=float("nan"))},
    ],
)
def test_impossible_parameters_are_refused(part: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        EngineConfig(**part)
    assert caught.value.code == "bad_policy"
