"""Drawing examples: every class as often, and what can share a batch."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from tutor_emotion.errors import BadInput
from tutor_emotion.training.examples import Example, balanced, layouts


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_rare_class_is_drawn_as_often_as_any_other():
    labels = ["happy"] * 90 + ["fear"] * 3 + ["sad"] * 7
    chosen = balanced(labels, 300, _generator(0))
    assert Counter(labels[i] for i in chosen) == {"happy": 100, "fear": 100, "sad": 100}
    every = Counter(chosen)
    assert {every[i] for i in range(90)} == {1, 2}  # none twice before each came once
    assert {every[i] for i in range(90, 93)} == {33, 34}


def test_a_few_are_of_different_classes_and_a_seed_repeats_them():
    labels = ["a", "a", "b", "b", "c", "c"]
    chosen = balanced(labels, 2, _generator(5))
    assert len({labels[i] for i in chosen}) == 2
    assert balanced(labels, 2, _generator(5)) == chosen
    assert balanced(labels, 6, _generator(5)) != balanced(labels, 6, _generator(6))


def test_nothing_can_be_drawn_of_nothing():
    with pytest.raises(BadInput) as caught:
        balanced([], 1, _generator(0))
    assert caught.value.code == "data_empty"


def test_clips_with_the_same_media_share_a_batch():
    frames, mel = torch.zeros(2, 3, 8, 8), torch.zeros(4, 10)
    clips = [
        Example(frames, mel, "sad", {}),
        Example(None, mel, "sad", {}),
        Example(frames, mel, "happy", {}),
        Example(frames[:1], mel, "happy", {}),
    ]
    assert list(layouts(clips)) == [[0, 2], [1], [3]]
