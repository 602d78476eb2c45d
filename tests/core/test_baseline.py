"""What is usual for a learner: learned in order, robust, and never from the future."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core.baseline import Baseline
from tutor_emotion.core.measures import POPULATION, face_cues


def learned(values: list[float], limit: float = 90, kappa: float = 15) -> Baseline:
    baseline = Baseline()
    for value in values:
        baseline = baseline.learn({"brow_lowered": value}, n=1, limit=limit, kappa=kappa)
    return baseline


def test_it_begins_with_the_population_and_comes_to_the_learner() -> None:
    population = POPULATION["brow_lowered"]
    assert population is not None
    assert Baseline().usual["brow_lowered"] == population
    centres = [learned([0.4] * n).usual["brow_lowered"].centre for n in (1, 15, 90)]
    assert population.centre < centres[0] < centres[1] < centres[2] < 0.4
    assert centres[1] == pytest.approx((0.4 + population.centre) / 2)  # n = kappa: half way


def test_a_few_odd_seconds_do_not_move_it() -> None:
    calm = learned([0.2] * 60)
    grimaced = learned([0.2] * 50 + [1.0] * 10)
    assert grimaced.usual["brow_lowered"].centre == calm.usual["brow_lowered"].centre


def test_after_its_limit_it_learns_no_more() -> None:
    done = learned([0.2] * 90)
    assert done.learn({"brow_lowered": 0.9}, n=1, limit=90, kappa=15) is done


def test_a_still_face_does_not_make_noise_into_evidence() -> None:
    still = learned([0.2] * 90).usual["brow_lowered"]
    assert abs(still.z(0.21, 3.0)) < 0.5


def test_a_measure_without_population_waits_for_three_of_the_learners_own() -> None:
    baseline = Baseline()
    for n, value in enumerate([2.0, 2.5, 3.0], start=1):
        assert "ln_time" not in baseline.usual, n
        baseline = baseline.learn({"ln_time": value}, n=1, limit=5, kappa=5)
    assert baseline.usual["ln_time"].centre == 2.5


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.floats(-1e3, 1e3))
def test_z_is_always_a_number_within_its_clip(values: list[float], value: float) -> None:
    assert -3 <= learned(values).usual["brow_lowered"].z(value, 3.0) <= 3


def test_a_cue_is_the_mean_of_the_parts_that_are_there() -> None:
    assert face_cues({"browDownLeft": 0.2, "browDownRight": 0.4})["brow_lowered"] == pytest.approx(
        0.3
    )
    assert face_cues({"browDownLeft": 0.2})["brow_lowered"] == 0.2
    assert face_cues({"browDownLeft": math.nan, "noseSneerLeft": 1.0}) == {}
