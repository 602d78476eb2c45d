"""The figures: by hand, against scikit-learn, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.metrics import Classes, Floats


def some(n: int = 600, k: int = 5, seed: int = 1, rounded: bool = False) -> tuple[Floats, Classes]:
    """A middling model: its logits lean towards the truth; classes are uneven."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(k, size=n, p=np.arange(k, 0, -1) / np.arange(1, k + 1).sum())
    logits = draw.normal(size=(n, k)) + 1.5 * np.eye(k)[truth]
    p = metrics.softmax(logits)
    if rounded:  # many ties
        p = np.round(p * 4 + 1e-9) + 1
        p /= p.sum(1, keepdims=True)
    return p, truth


# --- by hand -------------------------------------------------------------------------------------

# Three of class 0 (two right), one of class 1 (right), none of class 2.
P = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.6, 0.2]])
T = np.array([0, 0, 0, 1])


def test_four_rows_by_hand() -> None:
    assert metrics.accuracy(P, T) == 0.75
    assert metrics.uar(P, T) == pytest.approx((2 / 3 + 1) / 2)
    zero, one, two = metrics.per_class(P, T)
    assert (zero.n, zero.precision, zero.recall) == (3, 1.0, pytest.approx(2 / 3))
    assert (one.precision, one.recall, one.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert (two.n, two.precision, two.recall, two.f1) == (0, None, None, None)
    assert metrics.macro_f1(P, T) == pytest.approx((0.8 + 2 / 3) / 2)
    assert metrics.confusion(P, T).tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_calibration_by_hand() -> None:
    # Tops .7 right, .5 right, .8 wrong, .6 right: four bins of one row each.
    gaps = [0.3, 0.5, 0.8, 0.4]
    assert metrics.ece(P, T) == pytest.approx(sum(gaps) / 4)
    # In one bin, only the means meet: .65 sure, .75 right.
    assert metrics.ece(P, T, bins=1) == pytest.approx(0.10)


def test_risk_and_coverage_by_hand() -> None:
    # Surest first: .8 wrong, then .7, .6, .5 right.
    found = metrics.risk_coverage(P, T)
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert found.risk == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert found.area == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_ties_have_no_order() -> None:
    p = np.array([[0.6, 0.4]] * 4)
    one = metrics.risk_coverage(p, np.array([0, 0, 1, 1]))
    other = metrics.risk_coverage(p, np.array([1, 1, 0, 0]))
    assert one.risk.tolist() == other.risk.tolist() == [0.5] * 4


def test_auc_by_hand() -> None:
    positive = np.array([True, True, False, False])
    assert metrics.binary_auc(np.array([0.9, 0.4, 0.4, 0.1]), positive) == pytest.approx(3.5 / 4)
    assert metrics.binary_auc(np.ones(4), positive) == 0.5
    assert metrics.binary_auc(np.ones(2), np.array([True, True])) is None


# --- against scikit-learn ------------------------------------------------------------------------


@pytest.mark.parametrize("rounded", [False, True])
def test_it_agrees_with_scikit_learn(rounded: bool) -> None:
    p, t = some(rounded=rounded)
    said = p.argmax(1)
    assert metrics.accuracy(p, t) == pytest.approx(sk.accuracy_score(t, said))
    assert metrics.uar(p, t) == pytest.approx(sk.balanced_accuracy_score(t, said))
    assert metrics.macro_f1(p, t) == pytest.approx(sk.f1_score(t, said, average="macro"))
    assert metrics.auc(p, t) == pytest.approx(sk.roc_auc_score(t, p, multi_class="ovr"))
    assert metrics.nll(p, t) == pytest.approx(sk.log_loss(t, p))
    assert (metrics.confusion(p, t) == sk.confusion_matrix(t, said)).all()
    theirs = sk.precision_recall_fscore_support(t, said)
    ours = metrics.per_class(p, t)
    for name, column in zip(("precision", "recall", "f1", "n"), theirs, strict=True):
        assert [getattr(score, name) for score in ours] == pytest.approx(list(column))


# --- temperature ---------------------------------------------------------------------------------


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_is_found_again(true: float) -> None:
    draw = np.random.default_rng(3)
    scores = draw.normal(size=(20_000, 4)) * 2
    truth = (draw.random((20_000, 1)) > metrics.softmax(scores).cumsum(1)).sum(1)
    found = metrics.fit_temperature(scores * true, truth)
    assert found == pytest.approx(true, rel=0.05)
    at_best = metrics.nll(metrics.softmax(scores * true, found), truth)
    for other in (0.9, 1.1):
        assert at_best < metrics.nll(metrics.softmax(scores * true, found * other), truth)
    assert metrics.ece(metrics.softmax(scores * true, found), truth) < 0.02


def test_a_temperature_stays_in_its_bounds() -> None:
    sure = np.array([[9.0, 0.0], [0.0, 9.0]])
    assert metrics.fit_temperature(sure, np.array([0, 1])) == pytest.approx(0.05, rel=1e-3)
    assert metrics.fit_temperature(sure, np.array([1, 0])) == pytest.approx(20, rel=1e-3)


# --- intervals -----------------------------------------------------------------------------------


def test_an_interval_by_inputs_is_about_the_binomial_one() -> None:
    p, t = some(n=2000)
    low, high = metrics.interval(metrics.accuracy, p, t)
    at = metrics.accuracy(p, t)
    half = 1.96 * np.sqrt(at * (1 - at) / 2000)
    assert float(low) == pytest.approx(at - half, abs=0.005)
    assert float(high) == pytest.approx(at + half, abs=0.005)


def test_few_subjects_make_it_wider() -> None:
    """Ten people, five of whom are always right: 1,000 inputs are still only ten people."""
    truth = np.zeros(1000, dtype=int)
    subjects = np.repeat([f"s{i}" for i in range(10)], 100)
    right = np.repeat(np.arange(10) < 5, 100)
    p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    low, high = metrics.interval(metrics.accuracy, p, truth, subjects)
    narrow_low, narrow_high = metrics.interval(metrics.accuracy, p, truth)
    assert high - low > 5 * (narrow_high - narrow_low)


def test_the_same_seed_gives_the_same_interval_and_recalls_have_one_each() -> None:
    p, t = some()
    one = metrics.interval(metrics.recalls, p, t, seed=4, draws=50)
    other = metrics.interval(metrics.recalls, p, t, seed=4, draws=50)
    assert np.array_equal(one, other)
    assert one[0].shape == (5,)
    assert (one[0] <= metrics.recalls(p, t)).all()


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "t", "named"),
    [
        (np.zeros((0, 3)), np.zeros(0, dtype=int), "do not fit"),
        (np.ones((2, 3)), np.zeros(3, dtype=int), "do not fit"),
        (np.array([[0.5, 0.5], [np.nan, 1.0]]), np.array([0, 1]), "Row 1"),
        (np.ones((2, 2)), np.array([0, 2]), "classes 0 to 1"),
        (np.ones((2, 2)), np.array([-1, 0]), "classes 0 to 1"),
        (np.ones((2, 2)), np.array([0.0, 1.0]), "classes 0 to 1"),
    ],
)
def test_what_cannot_be_measured_is_refused(p: Floats, t: Classes, named: str) -> None:
    with pytest.raises(BadInput, match=named) as caught:
        metrics.uar(p, t)
    assert caught.value.code == "bad_predictions"
