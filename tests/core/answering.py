"""Learners whose parameters are known, answering."""

from __future__ import annotations

import numpy as np

from tutor_emotion.core.knowledge import Knowledge


def made_by(skill: Knowledge, learners: int, answers: int, seed: int = 0) -> list[list[bool]]:
    """Each learner's answers in their order, as the model itself would give them."""
    draw = np.random.default_rng(seed)
    known = draw.random(learners) < skill.p_known
    columns = []
    for _ in range(answers):
        columns.append(draw.random(learners) < np.where(known, 1 - skill.p_slip, skill.p_guess))
        known |= draw.random(learners) < skill.p_learn
    return np.array(columns).T.tolist()  # type: ignore[no-any-return]
