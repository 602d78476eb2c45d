"""Typed messages as lists: near misses, languages, a school's own phrases; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.evaluation.making import evaluated, write_lines
from tutor_emotion.evaluation.messages import LABELS

CASES = Path(__file__).parents[1] / "core" / "text_cases.csv"
FEW = [
    "text,label,language,near_miss",
    "this is confusing,confused,en,no",
    '"I was confused, now I get it",none,en,yes',
    "das nervt,frustrated,de,no",
    "boring,bored,en,no",
    "i want to die,safety,en,no",
]


def test_few_messages(tmp_path: Path) -> None:
    found = evaluated("text", str(write_lines(tmp_path / "few.csv", FEW)))
    assert found["n"] == 5
    assert found["accuracy"] == found["uar"] == 1.0
    assert found["classes"] == list(LABELS)
    assert set(found["by_group"]) == {"de", "en"}
    assert found["near_misses"] == {"n": 1, "accuracy": 1.0, "accuracy_others": 1.0}
    assert found["model"]["name"] == "lexicon/shipped"


def test_the_same_as_toml(tmp_path: Path) -> None:
    lines = ["[[message]]", 'text = "this is confusing"', 'label = "confused"']
    lines += ["[[message]]", 'text = "the tide turns"', 'label = "neutral"']
    found = evaluated("text", str(write_lines(tmp_path / "few.toml", lines)))
    assert found["confusion"] == {"classes": ["confused", "none"], "counts": [[1, 0], [0, 1]]}


def test_the_test_set_that_was_written_before_the_code() -> None:
    """All the words of danger are seen; half of the set are near misses."""
    found = evaluated("text", str(CASES))
    assert found["n"] >= 120
    assert found["skipped"] == []
    assert found["per_class"]["safety"]["recall"] == 1.0
    assert found["near_misses"]["n"] >= 60
    assert found["uar"] > 0.8


def test_a_school_s_own_phrases_are_another_model(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "few.csv", ["text,label", "my head hurts,confused", "ok,none"])
    edits = write_lines(tmp_path / "school.toml", ["[add]", 'confused = ["my head hurts"]'])
    before = evaluated("text", str(path))
    after = evaluated("text", str(path), "--model", str(edits))
    assert (before["accuracy"], after["accuracy"]) == (0.5, 1.0)
    assert before["model"]["sha256"] != after["model"]["sha256"]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["text,label", "ok,none", "OK,confused"], "data_repeats: .*rows 2 and 3"),
        (["text,label", "ok,happy as a clam"], "label_unmapped: .*row 2"),
        (["text,label", ",none"], "bad_list: .*row 2: no text"),
        (["words,label", "ok,none"], "bad_list: .*no text"),
    ],
)
def test_a_bad_list(lines: list[str], named: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=named):
        evaluated("text", str(write_lines(tmp_path / "bad.csv", lines)))


def test_messages_by_two_people_may_be_the_same(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ["text,label,subject", "ok,none,s1", "ok,none,s2"])
    assert evaluated("text", str(path))["n"] == 2
