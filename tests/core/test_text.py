"""What learners type, in English and German, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import text
from tutor_emotion.core.types import Reading
from tutor_emotion.evaluation import messages

CONFIG = EngineConfig()
CASES = Path(__file__).with_name("text_cases.csv")


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


@pytest.mark.parametrize(
    ("message", "holds"),
    [
        ("not confused, just annoyed", ("annoyed",)),
        ("schwer war es. jetzt hab ichs verstanden", ()),
        ("I am lost and this is so stupid", ("confused", "annoyed")),
        ("laaangweilig", ("bored",)),
    ],
)
def test_several_kinds_in_one_message(message: str, holds: tuple[str, ...]) -> None:
    assert text.said(message, CONFIG.lexicon).holds == holds


def test_danger_hides_behind_nothing() -> None:
    for message in (
        '"i want to die" lol jk',
        "i want. to. die",
        "I WANT TO DIEEEE",
        "__i want to die__",
        "kms",
    ):
        assert text.is_alarming(message, CONFIG.lexicon)


def test_what_is_only_talked_about_is_no_danger() -> None:
    assert not text.is_alarming("our topic in ethics is suicide", CONFIG.lexicon)
    assert text.is_alarming("suicide", CONFIG.lexicon)


# --- what a sentence encoder made of it -----------------------------------------------------------


def reading(**measures: float) -> Reading:
    return Reading("text", 20.0, 20.0, measures, 1.0, 1, "text/1+minilm")


def test_a_meaning_weighs_less_than_a_phrase() -> None:
    meant = text.meaning(reading(means_confused=0.8, means_bored=0.1), CONFIG)
    (evidence,) = meant.evidence
    (phrase,) = text.estimate("confused", 20.0, CONFIG).evidence
    assert (evidence.measure, evidence.value, evidence.state) == ("means_confused", 0.8, "confused")
    assert 0 < evidence.nats <= 0.8 < phrase.nats
    assert meant.model.startswith("text/1+minilm")


@pytest.mark.parametrize("p", [0.49, 0.0, float("nan"), float("inf")])
def test_a_meaning_that_is_unlikely_or_no_number_is_no_evidence(p: float) -> None:
    kept = text.meaning(reading(means_confused=p), CONFIG).evidence
    assert [e.measure for e in kept] == []


def test_the_engine_takes_a_meaning_only_where_text_is_allowed() -> None:
    meant = reading(means_annoyed=0.9)
    for modalities, count in ((frozenset({"text"}), 1), (frozenset({"interaction"}), 0)):
        config = EngineConfig(modalities=modalities)  # type: ignore[arg-type]
        step = engine.step(engine.start(config), [meant], 21.0, config)
        assert len(step.estimates) == count


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("where do all these letters come out of thin air", True),
        ("i dont get it", False),  # a phrase says it
        ("im not confused", False),  # a phrase says it is not so
        ("i was lost but now i get it", False),
        ("42", False),
        ("ok", False),
        ("i want to die", False),  # a person, not a net
    ],
)
def test_who_is_asked_of_the_encoder(message: str, wanted: bool) -> None:
    assert text.wants_meaning(message, CONFIG.lexicon) is wanted


# --- the test set -------------------------------------------------------------------------------


@pytest.mark.parametrize("half", ["dev", "test"])
def test_the_set_is_understood_as_well_as_docs_models_says(half: str) -> None:
    """Floors a little under what was measured: an edit of the lexicon must not lose it."""
    cases = [c for c in messages.read_cases(CASES) if c.half == half]
    given_ = messages.evaluate_text(cases)
    for label, score in messages.scores(cases, given_).items():
        assert score.precision is not None
        assert score.recall is not None
        assert score.precision >= 0.80, label
        assert score.recall >= (0.99 if label == "safety" else 0.85), label
    alarms, near = messages.false_alarms(cases, given_)
    assert alarms <= 0.10 * near


def test_half_of_the_set_is_near_misses() -> None:
    cases = messages.read_cases(CASES)
    assert len(cases) >= 160
    assert 0.45 <= sum(c.near_miss for c in cases) / len(cases) <= 0.6
    assert {c.language for c in cases} == {"en", "de"}


def test_the_message_itself_does_not_go_further() -> None:
    given_ = text.estimate("I, Ada Example, don't get it", 20.0, CONFIG)
    assert "Ada" not in repr(given_)
