"""Reasons that hold, reasons that do not, and reasons for another label."""

from __future__ import annotations

import pytest

from tutor_emotion.evaluation.omni_published import published
from tutor_emotion.evaluation.omni_reasons import Reason, judge, rates, speaks_for_another

SET = ("angry", "happy", "sad")
FROWNS = {"browDownLeft": 0.4, "browDownRight": 0.4, "mouthSmileLeft": 0.0, "mouthSmileRight": 0.0}


def test_claims_are_held_against_the_clip() -> None:
    text = "The brow is lowered and the speech is fast. No smile. This is anger."
    assert judge(text, "angry", SET, FROWNS) == Reason(3, 2, 0, other=False)
    smiling = {**FROWNS, "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}
    assert judge(text, "angry", SET, smiling) == Reason(3, 2, 1, other=False)
    assert judge(text, "angry", SET, {}) == Reason(3, 0, 0, other=False)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("All of this speaks of anger.", False),
        ("There is joy at first, then anger.", False),
        ("The smile shows joy.", True),
        ("There is no anger in this.", True),
        ("There is no joy in this.", False),
        ("The brow is lowered.", False),
        ("", False),
    ],
)
def test_a_reason_for_another_label(text: str, other: bool) -> None:
    assert speaks_for_another(text, "angry", SET) is other


def test_rates_count_what_was_checked() -> None:
    reasons = [
        Reason(3, 2, 1, other=False),
        Reason(1, 1, 0, other=True),
        Reason(2, 1, 1, other=True),
        None,
    ]
    found = rates(reasons, [True, True, False, True])
    assert found == {
        "answers": 4,
        "with_reason": 3,
        "claims": 6,
        "claims_checked": 4,
        "claims_false": 2,
        "not_grounded_rate": 4 / 6,
        "false_rate": 0.5,
        "reasons_with_a_false_claim": 2 / 3,
        "right_with_reason": 2,
        "right_for_another_label": 0.5,
        "right_with_a_false_claim": 0.5,
    }


def test_of_nothing_there_is_no_rate() -> None:
    found = rates([None], [True])
    assert found["false_rate"] is None
    assert found["right_for_another_label"] is None


def test_the_published_rows() -> None:
    rows = {row["model"]: row for row in published("ravdess")}
    assert (rows["R1-Omni"]["war"], rows["R1-Omni"]["uar"]) == (43.0, 44.69)
    assert len(rows) == 4, "only one paper has figures for RAVDESS"
    for dataset in ("dfew", "mafw"):
        rows = {row["model"]: row for row in published(dataset)}
        assert rows["R1-Omni"]["war"] < rows["HumanOmni-7B (AV)"]["war"]
        assert all(row["source"] for row in rows.values())
