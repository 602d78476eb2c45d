"""From answers to figures: temperature, classes that are missing, groups, silence, splits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.scoring import Options, score
from tutor_emotion.evaluation.slices import Slice, gaps

CLASSES = ("calm", "cross", "sad")


def answers(
    n: int = 300, *, sharp: float = 3.0, temperature: float = 3.0, seed: int = 0
) -> Answers:
    """Ten people in two groups; the model is ``sharp`` times too sure before its temperature."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(size=(n, 3)) * 1.5
    truth = (draw.random((n, 1)) > metrics.softmax(scores).cumsum(1)).sum(1)
    items = tuple(
        Item(f"{i}", CLASSES[t], f"s{i % 10}", "a" if i % 10 < 5 else "b")
        for i, t in enumerate(truth)
    )
    return Answers(items, CLASSES, scores * sharp, truth, temperature)


def test_the_shipped_temperature_is_what_calibrates() -> None:
    figures = score(answers(3000), Options(draws=20)).figures
    assert figures["ece"] < 0.03
    assert figures["ece_uncalibrated"] > 0.15
    assert figures["nll"] < figures["nll_uncalibrated"]
    assert figures["interval_over"] == "subjects"
    low, high = figures["accuracy_interval"]
    assert low < figures["accuracy"] < high
    json.dumps(figures, allow_nan=False)


def test_classes_that_the_data_lacks_are_left_out_and_it_is_said() -> None:
    some = answers()
    held = some[some.truth < 2]
    found = score(held, Options(draws=5))
    assert found.figures["restricted"] is True
    assert found.figures["classes"] == ["calm", "cross"]
    assert found.calibrated.shape == (len(held.items), 2)
    assert found.calibrated.sum(1) == pytest.approx(1)
    whole = metrics.softmax(held.logits, held.temperature)
    assert found.figures["accuracy_unrestricted"] == metrics.accuracy(whole, held.truth)
    assert found.figures["accuracy"] >= found.figures["accuracy_unrestricted"]


def test_one_class_alone_is_still_chosen_among_all() -> None:
    some = answers()
    figures = score(some[some.truth == 1], Options(draws=5)).figures
    assert figures["restricted"] is False
    assert figures["classes"] == list(CLASSES)
    assert figures["accuracy"] == figures["uar"] < 1.0
    assert figures["auc"] is None


def test_groups_and_their_gaps() -> None:
    some = answers()
    wrong = np.array([item.group == "b" for item in some.items])
    logits = some.logits.copy()
    logits[wrong] = 5.0 * np.eye(3)[(some.truth[wrong] + 1) % 3]  # group b is always misread
    worse = Answers(some.items, CLASSES, logits, some.truth, 1.0)
    figures = score(worse, Options(positive=frozenset({"cross", "sad"}), draws=5)).figures
    assert figures["by_group"]["b"]["accuracy"] == 0.0
    assert figures["gaps"]["group"]["accuracy"] == figures["by_group"]["a"]["accuracy"]
    assert "accuracy" in figures["gaps"]["group"]["flagged"]
    assert figures["positive"] == ["cross", "sad"]
    b = np.flatnonzero(wrong)
    calm = b[some.truth[b] == 0]
    assert figures["by_group"]["b"]["false_positive_rate"] == 1.0 == len(calm) / len(calm)


def test_a_gap_of_a_tenth_is_not_flagged_and_more_is() -> None:
    def of(accuracy: float) -> Slice:
        return Slice(50, accuracy, 0.5, 1.0, 0.2, None)

    found = gaps({"a": of(0.8), "b": of(0.75), "unknown": of(0.1)})
    assert found is not None
    assert found["accuracy"] == pytest.approx(0.05)
    assert found["flagged"] == []
    assert "false_positive_rate" not in found
    assert gaps({"a": of(0.8), "b": of(0.6)})["flagged"] == ["accuracy"]  # type: ignore[index]
    assert gaps({"a": of(0.8)}) is None


def test_silence() -> None:
    some = answers()
    silent = np.zeros(len(some.items), bool)
    silent[:30] = True
    quiet = Answers(
        some.items, CLASSES, some.logits, some.truth, some.temperature, answered=~silent
    )
    figures = score(quiet, Options(abstain_below=0.0, draws=5)).figures
    assert figures["abstention"]["share"] == pytest.approx(0.1)
    assert figures["abstention"]["no_answer"] == 30
    assert score(some, Options(abstain_below=1.0, draws=5)).figures["abstention"] == {
        "below": 1.0, "share": 1.0, "no_answer": 0, "accuracy_answered": None
    }  # fmt: skip


def test_who_gives_no_answer_comes_last_on_the_curve() -> None:
    items = tuple(Item(str(i), "calm") for i in range(4))
    logits = np.array([[4.0, 0], [3, 0], [9, 0], [2, 0]])
    truth = np.array([0, 0, 1, 0])
    heard = np.array([True, True, False, True])
    scored = score(
        Answers(items, ("calm", "cross"), logits, truth, answered=heard), Options(draws=5)
    )
    assert scored.curve.risk.tolist() == [0, 0, 0, 0.25]


def test_a_split_finds_the_temperature_on_other_people() -> None:
    some = answers(4000, temperature=1.0)
    figures = score(some, Options(split_seed=4, draws=5)).figures
    split = figures["split"]
    assert len(split["subjects_calibration"]) == len(split["subjects_test"]) == 5
    assert figures["temperature"] == pytest.approx(3.0, rel=0.1)
    assert figures["ece"] < 0.04 < split["ece_shipped"]
    assert figures["n"] == 2000


@pytest.mark.parametrize(
    ("subjects", "code"),
    [(["", "a"], "split_subjects_unknown"), (["a", "a"], "split_one_subject")],
)
def test_splits_that_cannot_be(subjects: list[str], code: str) -> None:
    items = tuple(Item(str(i), "calm", subjects[i % 2]) for i in range(10))
    logits, truth = np.zeros((10, 3)), np.arange(10) % 3
    with pytest.raises(BadInput) as caught:
        score(Answers(items, CLASSES, logits, truth), Options(split_seed=1))
    assert caught.value.code == code


def test_nothing_is_no_figure() -> None:
    with pytest.raises(BadInput, match="nothing"):
        score(answers()[np.zeros(300, bool)], Options())


def test_none_right_of_few_still_leaves_room() -> None:
    low, high = metrics.share_interval(np.array([0.0, 5.0, 24.0]), np.array([24.0, 10.0, 24.0]))
    assert low == pytest.approx([0.0, 0.2366, 0.8620], abs=1e-4)
    assert high == pytest.approx([0.1380, 0.7634, 1.0], abs=1e-4)


def test_the_maps_are_in_the_package() -> None:
    """What pyproject.toml ships is TOML inside of the package."""
    from tutor_emotion.evaluation import label_map

    assert (Path(label_map.__file__).parent / "labels" / "common.toml").is_file()


def test_words_have_no_probability_and_keep_every_class() -> None:
    """Three classes and a column for other words; one class is not in the data."""
    said = np.array([0, 3, 1, 2, 0])
    truth = np.array([0, 0, 1, 1, 1], dtype=np.intp)
    answers = Answers(
        tuple(Item(f"{i}.mp4", "x") for i in range(5)),
        ("a", "b", "c", "other"),
        np.eye(4)[said] * 50.0,
        truth,
        answered=said != 3,
        worded=True,
    )
    figures = score(answers, Options(draws=20)).figures
    assert figures["classes"] == ["a", "b", "c", "other"]
    assert figures["accuracy"] == pytest.approx(2 / 5)
    assert figures["uar"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert not figures["restricted"]
    assert figures["abstention"]["share"] == pytest.approx(1 / 5)
    for name in ("ece", "nll", "auc", "temperature"):
        assert figures[name] is None
    assert figures["risk_coverage"]["area"] is None
    assert figures["per_class"]["a"]["auc"] is None
