"""Parameters found again in answers that were made by known ones."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from tests.core.answering import made_by
from tutor_emotion.core.knowledge import DEFAULT, Knowledge
from tutor_emotion.core.knowledge_fit import (
    HIGHEST,
    LOWEST,
    MAX_ANSWERS,
    answers_of,
    fit,
    predictions,
)
from tutor_emotion.errors import BadInput

SKILLS = [
    DEFAULT,
    Knowledge(0.5, 0.3, 0.1, 0.2),
    Knowledge(0.1, 0.05, 0.15, 0.3),
    Knowledge(0.3, 0.15, 0.08, 0.25),
]


@pytest.mark.parametrize("skill", SKILLS)
@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_learners_give_the_parameters_back(skill: Knowledge, seed: int) -> None:
    found = fit(answers_of(made_by(skill, 1_000, 20, seed)))
    assert found.settled
    for name, true, value in zip(
        found.intervals, astuple(skill), astuple(found.knowledge), strict=True
    ):
        assert value == pytest.approx(true, abs=0.05), name


def test_the_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(30):
        found = fit(answers_of(made_by(DEFAULT, 300, 12, seed)))
        for interval, true in zip(found.intervals.values(), astuple(DEFAULT), strict=True):
            assert interval is not None
            inside.append(interval[0] <= true <= interval[1])
    assert 0.89 <= np.mean(inside) <= 1.0


def test_learners_who_stop_at_mastery_do_not_bend_the_fit() -> None:
    stopped = []
    for one in made_by(DEFAULT, 1_500, 25):
        runs = [i for i in range(3, len(one)) if all(one[i - 3 : i])]
        stopped.append(one[: runs[0]] if runs else one)
    found = fit(answers_of(stopped))
    assert astuple(found.knowledge) == pytest.approx(astuple(DEFAULT), abs=0.05)


def test_the_fit_is_likelier_than_the_truth_and_the_same_each_time() -> None:
    answers = answers_of(made_by(DEFAULT, 200, 10))
    found = fit(answers)
    p = predictions(answers, DEFAULT)
    truth = np.log(np.where(answers.right, p, 1 - p)[answers.given]).sum()
    assert found.log_likelihood >= truth
    assert fit(answers) == found


def test_predictions_are_the_beliefs_that_a_lesson_holds() -> None:
    answers = answers_of(made_by(DEFAULT, 50, 6))
    p = DEFAULT.p_known
    for column, correct in enumerate(answers.right[0]):
        assert predictions(answers, DEFAULT)[0, column] == pytest.approx(DEFAULT.predict(p))
        p = DEFAULT.update(p, bool(correct))


def test_a_fit_never_leaves_the_bounds() -> None:
    backwards = [[True, True, True, False, False, False]] * 200  # as if practice made it worse
    found = fit(answers_of(backwards))
    for value, low, high in zip(astuple(found.knowledge), LOWEST, HIGHEST, strict=True):
        assert low <= value <= high
    at_bound = [name for name, interval in found.intervals.items() if interval is None]
    assert at_bound


def test_answers_beyond_the_hundredth_are_left_out() -> None:
    answers = answers_of([*made_by(DEFAULT, 40, 8), [True, False] * 5_000, []])
    assert answers.right.shape == (41, MAX_ANSWERS)


@pytest.mark.parametrize(
    ("sequences", "code"),
    [
        ([], "too_few_answers"),
        ([[True, False] * 50] * 29, "too_few_answers"),
        ([[True, False]] * 70, "too_few_answers"),
    ],
)
def test_too_little_is_said_and_not_fitted(sequences: list[list[bool]], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        answers_of(sequences)
    assert refused.value.code == code
    assert "150 answers of 30 learners" in refused.value.hint


@pytest.mark.parametrize("answer", [True, False])
def test_answers_that_are_all_alike_tell_nothing(answer: bool) -> None:
    with pytest.raises(BadInput) as refused:
        fit(answers_of([[answer] * 10] * 100))
    assert refused.value.code == "all_alike"
