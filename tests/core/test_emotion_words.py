"""Which label a word means."""

from __future__ import annotations

import pytest

from tutor_emotion.core.emotion_words import meant, words_for

DFEW = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")
FERPLUS = ("happiness", "sadness", "anger", "fear")


@pytest.mark.parametrize("word", ["happy", "happiness", "joy", " Joyful.", "HAPPY", "**happy**"])
def test_words_for_the_same_feeling_mean_the_label_of_the_set(word):
    assert meant(word, DFEW) == "happy"
    assert meant(word, FERPLUS) == "happiness"


@pytest.mark.parametrize("word", ["", " ", "joyless", "happy, sad", "happy or joyful", "anxious"])
def test_a_word_outside_the_set_and_several_words_mean_none_of_it(word):
    assert meant(word, DFEW) is None


def test_what_one_set_tells_apart_is_not_thrown_together_in_another():
    assert meant("anxious", ("fear", "anxious")) == "anxious"
    assert meant("calm", ("neutral",)) is None
    assert meant("frustrated", ("angry",)) is None


def test_a_label_of_ones_own_means_itself():
    assert meant("Wistful", ("wistful", "sad")) == "wistful"
    assert words_for(["wistful"]) == {"wistful": frozenset({"wistful"})}


def test_no_word_means_two_labels():
    words = words_for((*DFEW, "contemptuous", "disappointed", "helpless", "anxious", "calm",
                       "bored", "confused", "frustrated", "engaged"))  # fmt: skip
    every = [word for group in words.values() for word in group]
    assert len(every) == len(set(every))
