"""A temperature fitted on some people and measured on others: never the same one on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import Item


def refitted(answers: Answers, seed: int | None) -> tuple[Answers, dict[str, Any]]:
    """The half that is measured, with the temperature that fits the other half, and what the split
    was; all of it and nothing, where no split is asked for.

    Raises:
        BadInput: ``split_subjects_unknown``, ``split_subject_on_both_sides``,
            ``split_one_subject``, ``split_given_twice``, ``bad_list``.
    """
    parts = {item.part for item in answers.items}
    if parts == {""} and seed is None:
        return answers, {}
    if parts - {""} and seed is not None:
        raise BadInput(
            "split_given_twice", "The list has a column split already; leave out --split."
        )
    if "" in parts and len(parts) > 1:
        at = next(item for item in answers.items if not item.part)
        raise BadInput("bad_list", f"{at.where}: no split, though other rows have one.")
    subjects = np.array([item.subject for item in answers.items])
    if not all(subjects):
        at = next(item for item in answers.items if not item.subject)
        raise BadInput(
            "split_subjects_unknown",
            f"The subject of {at.where} is unknown, so one person could be on both sides of a "
            "split: its figures would be too good.",
            hint="Give a CSV with a column subject, or evaluate without a split.",
        )
    fitting = _fitting_half(answers.items, subjects, seed)
    if fitting.all() or not fitting.any():
        raise BadInput("split_one_subject", "A split needs at least one subject on each side.")
    fit, test = answers[fitting], answers[~fitting]
    own = metrics.softmax(test.logits, test.temperature)
    temperature = metrics.fit_temperature(fit.logits, fit.truth)
    told = {
        "split": {
            "seed": seed,
            "n_calibration": len(fit.items),
            "subjects_calibration": sorted({item.subject for item in fit.items}),
            "subjects_test": sorted({item.subject for item in test.items}),
            "temperature_shipped": test.temperature,
            "ece_shipped": metrics.ece(own, test.truth),
        }
    }
    return replace(test, temperature=temperature), told


def _fitting_half(
    items: Sequence[Item], subjects: NDArray[np.str_], seed: int | None
) -> NDArray[np.bool_]:
    if seed is not None:
        people = np.unique(subjects)
        chosen = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
        return np.isin(subjects, chosen)
    fitting = np.array([item.part == "calibration" for item in items])
    both = sorted(set(subjects[fitting]) & set(subjects[~fitting]))
    if both:
        one = [item for item in items if item.subject == both[0]]
        rows = [
            min((i for i in one if i.part == part), key=lambda i: i.row)
            for part in ("calibration", "test")
        ]
        raise BadInput(
            "split_subject_on_both_sides",
            f"{rows[0].where} and {rows[1].where}: one subject on both sides of the split.",
            hint="Split by subject: a model that has met a person is not tested on them.",
        )
    return fitting
