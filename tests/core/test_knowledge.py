"""Bayesian knowledge tracing, one skill."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core.knowledge import DEFAULT, NEAREST_TO_CERTAIN, Knowledge, knowledge_from
from tutor_emotion.errors import BadInput

MASTERED = 0.95
shares = st.floats(0.001, 0.499)
beliefs = st.floats(0.0, 1.0)
skills = st.builds(Knowledge, p_known=shares, p_learn=shares, p_slip=shares, p_guess=shares)


def after(answers: str, skill: Knowledge = DEFAULT) -> float:
    p = skill.p_known
    for answer in answers:
        p = skill.update(p, answer == "1")
    return p


def test_one_answer_by_hand() -> None:
    skill = Knowledge(p_known=0.1, p_learn=0.1, p_slip=0.1, p_guess=0.1)
    assert skill.predict(0.1) == pytest.approx(0.1 * 0.9 + 0.9 * 0.1)
    assert skill.update(0.1, True) == pytest.approx(0.5 + 0.5 * 0.1)
    seen = 0.1 * 0.1 / (0.1 * 0.1 + 0.9 * 0.9)
    assert skill.update(0.1, False) == pytest.approx(seen + (1 - seen) * 0.1)


def test_three_right_answers_in_a_row_master_a_skill_by_default() -> None:
    assert after("11") < MASTERED <= after("111")
    assert after("011") < MASTERED <= after("0111")


def test_half_right_is_never_mastery() -> None:
    assert after("10" * 50) < MASTERED


def test_a_long_run_can_still_be_doubted() -> None:
    p = after("1" * 500)
    assert p == 1 - NEAREST_TO_CERTAIN
    assert after("1" * 500 + "0000") < MASTERED


@given(skills, beliefs, st.booleans())
def test_beliefs_and_predictions_stay_probabilities(
    skill: Knowledge, p: float, correct: bool
) -> None:
    assert 0 < skill.update(p, correct) < 1
    assert skill.p_guess <= skill.predict(p) <= 1 - skill.p_slip


@given(skills, beliefs)
def test_a_right_answer_never_speaks_against_the_learner(skill: Knowledge, p: float) -> None:
    assert skill.update(p, True) >= skill.update(p, False)
    assert skill.update(p, True) >= min(p, 1 - NEAREST_TO_CERTAIN) - 1e-12


@given(skills, beliefs, beliefs)
def test_who_knows_more_is_expected_to_answer_better(skill: Knowledge, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert skill.predict(low) <= skill.predict(high) + 1e-12


def test_kept_parameters_are_read_over_the_defaults() -> None:
    assert knowledge_from({}) == DEFAULT
    assert knowledge_from({"p_guess": 0.25}) == Knowledge(p_guess=0.25)


@pytest.mark.parametrize(
    "kept",
    [
        {"p_guess": 0.0},
        {"p_known": 1},
        {"p_learn": math.nan},
        {"p_slip": -0.1},
        {"p_slip": 0.5, "p_guess": 0.5},
        {"p_slip": "0.1"},
        {"p_slip": True},
        {"p_forget": 0.1},
        {"x" * 1000: 0.1},
    ],
)
def test_what_makes_no_model_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        knowledge_from(kept)
    assert refused.value.code == "bad_knowledge"
    assert len(str(refused.value)) < 200


def test_a_belief_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(BadInput):
        DEFAULT.update(math.nan, True)
