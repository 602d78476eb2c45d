"""Two groups compared: what scipy says, and silence where there are too few."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tutor_emotion.core.effect import CONFIDENCE, LEAST_UNITS, POWER, compare, group, t_quantile


def groups(seed: int, n: int, m: int, shift: float) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(seed)
    return list(rng.normal(0.6, 0.2, n)), list(rng.normal(0.6 + shift, 0.3, m))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "m"), [(12, 12), (15, 40), (200, 180)])
def test_difference_and_interval_are_welchs(seed: int, n: int, m: int) -> None:
    a, b = groups(seed, n, m, 0.1)
    effect = compare(a, b)
    known = stats.ttest_ind(b, a, equal_var=False).confidence_interval(CONFIDENCE)
    assert effect.difference == pytest.approx(np.mean(b) - np.mean(a))
    assert effect.low == pytest.approx(known.low, abs=1e-4)
    assert effect.high == pytest.approx(known.high, abs=1e-4)


@pytest.mark.parametrize("freedom", [10.0, 12.5, 30.0, 400.0])
@pytest.mark.parametrize("p", [0.8, 0.9, 0.975])
def test_students_t(p: float, freedom: float) -> None:
    assert t_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), abs=1e-3)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(400):
        effect = compare(*groups(seed, 14, 18, 0.1))
        assert effect.low is not None
        assert effect.high is not None
        covered += effect.low <= 0.1 <= effect.high
    assert 0.92 <= covered / 400 <= 0.98


def test_a_difference_as_large_as_the_detectable_one_is_seen_as_often_as_it_says() -> None:
    said = [compare(*groups(seed, 50, 50, 0.0)).detectable for seed in range(200)]
    shift = float(np.mean([d for d in said if d is not None]))
    seen = np.mean([compare(*groups(seed, 50, 50, shift)).certain for seed in range(1000)])
    assert seen == pytest.approx(POWER, abs=0.04)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([], []),
        ([0.5] * 3, [0.9] * 40),
        ([0.5, 0.7] * 20, [0.4] * (LEAST_UNITS - 1)),
        ([0.5] * 30, [0.9] * 30),  # nobody differs from anybody: nothing to judge others by
    ],
)
def test_too_few_to_say(a: list[float], b: list[float]) -> None:
    effect = compare(a, b)
    assert effect.too_few
    assert not effect.certain
    assert (effect.low, effect.high, effect.detectable) == (None, None, None)
    assert effect.other.units == len(b)


def test_one_unit_has_a_mean_and_no_spread() -> None:
    assert (group([0.25]).mean, group([0.25]).sd) == (0.25, None)
