"""A fit must earn its place on learners that it has not seen."""

from __future__ import annotations

import pytest

from tests.core.answering import made_by
from tutor_emotion.core.knowledge import DEFAULT, Knowledge
from tutor_emotion.core.knowledge_fit import answers_of
from tutor_emotion.evaluation.tracing import compare

FAR_FROM_DEFAULT = Knowledge(p_known=0.7, p_learn=0.3, p_slip=0.25, p_guess=0.4)


def test_where_the_skill_is_another_the_fit_is_worth_it() -> None:
    found = compare(answers_of(made_by(FAR_FROM_DEFAULT, 300, 10)))
    assert found.worth_it
    assert found.fitted.nats > found.default.nats


def test_where_the_defaults_are_true_it_brings_next_to_nothing() -> None:
    found = compare(answers_of(made_by(DEFAULT, 300, 10)))
    assert found.fitted.nats == pytest.approx(found.default.nats, abs=0.005)
    assert found.default.auc is not None
    assert found.default.auc > 0.6
    assert found.constant.auc == 0.5


def test_where_answers_are_coins_nothing_beats_the_constant_by_much() -> None:
    coins = made_by(Knowledge(0.5, 0.001, 0.499, 0.5), 100, 10)
    found = compare(answers_of(coins))
    assert found.fitted.nats == pytest.approx(found.constant.nats, abs=0.02)
    assert found.default.nats < found.constant.nats
