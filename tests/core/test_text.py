"""What learners type, in English and German, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import text

CONFIG = EngineConfig()


def found(message: str, last_correct_s: float | None = None) -> list[str]:
    given_ = text.estimate(message, 20.0, CONFIG, last_correct_s=last_correct_s)
    return [e.measure for e in given_.evidence]


@pytest.mark.parametrize(
    "message",
    [
        "I don't get it",
        "i didnt understand the last step",
        "I'm so lost",
        "This is confusing.",
        "I get it now, but I'm lost on step 3",
        "what does this even mean",
        "it doesn’t make sense",
        "still confused, sorry",
        "I was confused and I'm still confused",
        "Ich verstehe das nicht",
        "keine Ahnung wie das geht",
        "hä?",
        "jetzt verstehe ich gar nichts mehr",
        "habe es nicht verstanden",
    ],
)
def test_confusion(message: str) -> None:
    assert "says_confused" in found(message)


@pytest.mark.parametrize(
    "message", ["this is stupid", "ugh", "I give up!", "das nervt", "so ein blöder Mist"]
)
def test_annoyance(message: str) -> None:
    assert found(message) == ["says_annoyed"]


@pytest.mark.parametrize(
    "message", ["boring", "way too easy", "mir ist langweilig", "Das ist zu leicht"]
)
def test_boredom(message: str) -> None:
    assert found(message) == ["says_bored"]


@pytest.mark.parametrize(
    "message",
    [
        "I was confused, now I get it",
        "I didn't understand, but now it makes sense",
        "never mind, got it",
        "I'm not confused",
        "it's not that I don't get it",
        "This isn't boring",
        "not too easy for me",
        "my friend is bored",
        "He was annoyed at the dog",
        'The word "boring" has six letters',
        "ich war verwirrt, jetzt verstehe ich es",
        "das nervt nicht",
        "langweilig ist das nicht",
        "ach so, alles klar",
        "3/4 + 1/4 = 1",
        "Can I get the next one?",
        "",
    ],
)
def test_what_only_looks_like_it(message: str) -> None:
    assert found(message) == []


def test_a_hedge_counts_beside_a_correct_answer_only() -> None:
    assert found("maybe a half?") == []
    assert found("maybe a half?", last_correct_s=15.0) == ["hedge_on_correct"]
    assert found("maybe a half?", last_correct_s=2.0) == []


def test_shouting_and_question_marks_are_weak_signs() -> None:
    assert found("WHY IS THIS NOT RIGHT??") == ["all_capitals", "question_marks"]
    assert found("OK") == []


@pytest.mark.parametrize(
    "message",
    ["I want to kill myself", "i don't want to live anymore", "my dad hits me", "ich ritze mich",
     "ich will nicht mehr leben", "er schlägt mich"],
)  # fmt: skip
def test_danger_is_seen(message: str) -> None:
    assert text.is_alarming(message, CONFIG.lexicon)


@pytest.mark.parametrize(
    "message",
    [
        "this homework is killing me",
        "cut the cake in half",
        "the dragon dies",
        "I could kill for a cake",
    ],
)
def test_figures_of_speech_are_no_danger(message: str) -> None:
    assert not text.is_alarming(message, CONFIG.lexicon)


@given(st.text(max_size=3000))
def test_any_text_is_read_without_fault(message: str) -> None:
    found(message)
    text.is_alarming(message, CONFIG.lexicon)


def test_the_message_itself_does_not_go_further() -> None:
    given_ = text.estimate("I, Ada Example, don't get it", 20.0, CONFIG)
    assert "Ada" not in repr(given_)
