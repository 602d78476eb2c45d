"""Right, wrong, and nearly."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.lessons.marking import mark, normalised


@dataclass
class Item:
    answer_kind: str = "fraction"
    answer: str = "1/2"
    accept: list[str] = field(default_factory=list)
    tolerance: str = ""
    form: str = "any"
    bottom: int | None = None
    choices: list[dict[str, str]] = field(default_factory=list)
    mistakes: list[dict[str, str]] = field(default_factory=list)


CHOICE = Item("choice", "b", choices=[{"key": "a", "text": "1"}, {"key": "b", "text": "2"}])
TEXT = Item("text", "denominator", accept=["bottom number"])


@pytest.mark.parametrize("answer", ["1/2", "2/4", "½", "0.5", "0,5", " 50/100 "])
def test_equal_fractions_are_right(answer: str) -> None:
    assert mark(Item(), answer).verdict == "right"


@pytest.mark.parametrize(
    ("item", "answer", "verdict"),
    [
        (Item(form="lowest"), "1/2", "right"),
        (Item(form="lowest"), "2/4", "not_lowest"),
        (Item(form="lowest"), "0.5", "not_lowest"),
        (Item(form="lowest"), "2/3", "wrong"),
        (Item(answer="7/4", form="mixed"), "1 3/4", "right"),
        (Item(answer="7/4", form="mixed"), "7/4", "not_mixed"),
        (Item(answer="7/4", form="mixed"), "1 6/8", "not_lowest"),
        (Item(answer="2", form="mixed"), "2", "right"),
        (Item(form="over", bottom=8), "4/8", "right"),
        (Item(form="over", bottom=8), "1/2", "wrong_bottom"),
        (Item("number", "3.14", tolerance="1/100"), "3.15", "right"),
        (Item("number", "3.14", tolerance="1/100"), "3.16", "wrong"),
        (Item("number", "1/3"), "0.3333", "wrong"),
        (CHOICE, "b", "right"),
        (CHOICE, "a", "wrong"),
        (CHOICE, "c", "unreadable"),
        (TEXT, "  Bottom   NUMBER. ", "right"),
        (TEXT, "numerator", "wrong"),
    ],
)
def test_each_kind_of_answer(item: Item, answer: str, verdict: str) -> None:
    assert mark(item, answer).verdict == verdict


def test_a_known_mistake_is_answered_however_it_is_written() -> None:
    item = Item(answer="3/4", mistakes=[{"answer": "1/3", "says": "Tops were added."}])
    assert mark(item, "2/6").says == "Tops were added."
    assert mark(item, "2/5").says == ""


@pytest.mark.parametrize("answer", ["", "  ", "half", "1/0", "x" * 201])
def test_what_cannot_be_read_is_no_attempt(answer: str) -> None:
    marked = mark(Item(), answer)
    assert (marked.verdict, marked.counted, marked.correct) == ("unreadable", False, False)


@pytest.mark.parametrize("item", [Item(), Item("number", "4"), CHOICE, TEXT])
@given(answer=st.text(max_size=300))
def test_nothing_that_is_written_breaks_it(item: Item, answer: str) -> None:
    mark(item, answer)
    assert len(normalised(item, answer)) <= 400


def test_the_same_wrong_answer_is_seen_as_the_same() -> None:
    assert normalised(Item(), "2/6") == normalised(Item(), " 1/3") == "1/3"
    assert normalised(TEXT, "Top ") == normalised(TEXT, "top")
