"""What is usual for a speaker: learned one utterance at a time, carried as plain numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tutor_emotion.nets.voice.usual import CAP, FORMAT, Population, Usual, against_usual

SIZE = 3
POPULATION = Population(np.array([0.0, 10.0, 5.0]), np.array([1.0, 2.0, 0.5]), np.full(SIZE, 2.0))


def heard(values: np.ndarray) -> Usual:
    usual = Usual.empty(SIZE)
    for row in values:
        usual = usual.after(row)
    return usual


def test_it_is_the_mean_and_the_variance_of_what_was_heard():
    values = np.random.default_rng(0).normal([1, 20, -3], [1, 5, 0.1], (25, SIZE))
    usual = heard(values)
    assert usual.count == 25
    np.testing.assert_allclose(usual.mean, values.mean(0))
    np.testing.assert_allclose(usual.variance, values.var(0))


def test_it_travels_as_floats_and_comes_back_the_same():
    usual = heard(np.random.default_rng(1).normal(size=(4, SIZE)))
    again = Usual.from_floats(usual.to_floats(), SIZE)
    assert (again.count, list(again.mean), list(again.variance)) == (
        usual.count,
        list(usual.mean),
        list(usual.variance),
    )


def test_what_is_old_fades():
    usual = heard(np.vstack([np.zeros((200, SIZE)), np.ones((4 * CAP, SIZE))]))
    assert usual.count == CAP
    assert (usual.mean > 0.95).all()


def test_a_stranger_is_measured_by_the_population():
    z = against_usual(np.array([1.0, 12.0, 5.0]), Usual.empty(SIZE), POPULATION)
    np.testing.assert_allclose(z, [1.0, 1.0, 0.0, 0.0])


def test_someone_well_known_is_measured_by_themselves():
    values = np.random.default_rng(2).normal([5, 40, 1], [0.5, 8, 0.5], (CAP, SIZE))
    usual = heard(values)
    z = against_usual(usual.mean, usual, POPULATION)
    # What the population still weighs: two of 62 utterances.
    assert np.abs(z[:SIZE]).max() < 0.6
    further = against_usual(usual.mean + np.sqrt(usual.variance), usual, POPULATION)
    assert ((further - z)[:SIZE] > 0.7).all()


def test_what_could_not_be_measured_is_as_usual_as_anything():
    z = against_usual(np.array([math.nan, 10.0, 5.0]), Usual.empty(SIZE), POPULATION)
    assert z[0] == 0.0
    assert np.isfinite(z).all()


GOOD = heard(np.ones((2, SIZE))).to_floats()


@pytest.mark.parametrize(
    "floats",
    [
        (),
        GOOD[:-1],
        (*GOOD, 0.0),
        (FORMAT + 1, *GOOD[1:]),
        (GOOD[0], -1.0, *GOOD[2:]),
        (GOOD[0], 1.5, *GOOD[2:]),
        (GOOD[0], CAP + 1.0, *GOOD[2:]),
        (*GOOD[:-1], -0.1),
        (*GOOD[:2], math.nan, *GOOD[3:]),
        (*GOOD[:2], math.inf, *GOOD[3:]),
        ("x",) * len(GOOD),
        None,
    ],
    ids=["none", "short", "long", "format", "below", "part", "over", "variance", "nan", "inf",
         "text", "null"],
)  # fmt: skip
def test_what_is_not_ours_is_as_if_nothing_was_heard(floats):
    usual = Usual.from_floats(floats, SIZE)
    assert usual.count == 0
    assert not usual.mean.any()
