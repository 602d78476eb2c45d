"""Right, wrong, and nearly."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.marking import Marked, as_text, check_item, mark


@dataclass
class Item:
    answer_kind: str = "fraction"
    answer: str = "1/2"
    accept: list[str] = field(default_factory=list)
    tolerance: str = ""
    form: str = "any"
    bottom: int | None = None
    variables: list[str] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    mistakes: list[dict[str, str]] = field(default_factory=list)


ABCD = [{"key": key, "text": key.upper()} for key in "abcd"]
CHOICE = Item("choice", "b", choices=ABCD)
SEVERAL = Item("several", "a c", choices=ABCD)
ORDER = Item("order", "b a d c", choices=ABCD)
TEXT = Item("text", "denominator", accept=["bottom number", "Nenner", "المقام"])
LINE = Item("expression", "2x + 6")
SOLVED = Item("expression", "x = 4", form="simplest")


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
        (CHOICE, "e", "unreadable"),
        (CHOICE, "a b", "unreadable"),
        (SEVERAL, "a c", "right"),
        (SEVERAL, "c, a", "right"),
        (SEVERAL, "a", "incomplete"),
        (SEVERAL, "a b", "wrong"),
        (SEVERAL, "a b c", "wrong"),
        (SEVERAL, "a a c", "unreadable"),
        (SEVERAL, "a e", "unreadable"),
        (ORDER, "b a d c", "right"),
        (ORDER, "a b c d", "wrong"),
        (ORDER, "b a d", "unreadable"),
        (ORDER, "b a d d", "unreadable"),
        (Item("number", "4"), "x = 4", "right"),
        (Item("number", "4"), "x = y = 4", "unreadable"),
        (LINE, "2(x+3)", "right"),
        (LINE, "2X + 6", "right"),
        (LINE, "2x - 6", "wrong"),
        (LINE, "y = 2x + 6", "not_expression"),
        (LINE, "2y + 6", "other_letters"),
        (LINE, "2x + + 6)", "unreadable"),
        (LINE, "(2x^2 + 6x)/x", "right"),
        (Item("expression", "3", variables=["x"]), "x + 3 - x", "right"),
        (Item("expression", "2x + 6", form="expanded"), "2(x + 3)", "not_expanded"),
        (Item("expression", "2(x + 3)", form="factored"), "2x + 6", "not_factored"),
        (Item("expression", "2(x + 3)", form="factored"), "(x + 3) * 2", "right"),
        (Item("expression", "5x", form="simplest"), "2x + 3x", "not_simplest"),
        (SOLVED, "x = 4", "right"),
        (SOLVED, "4 = x", "right"),
        (SOLVED, "2x = 8", "not_simplest"),
        (SOLVED, "x = 8/2", "not_simplest"),
        (SOLVED, "x = 5", "wrong"),
        (SOLVED, "4", "not_equation"),
        (Item("expression", "2x + 3 = 11"), "11 = 3 + 2x", "right"),
        (Item("expression", "2x + 3 = 11"), "x = 4", "right"),
        (Item("expression", "2x + 3 = 11"), "2x = 14", "wrong"),
        (TEXT, "  Bottom   NUMBER. ", "right"),
        (TEXT, "Nénner", "right"),
        (TEXT, "اَلمَقام؟", "right"),
        (TEXT, "numerator", "wrong"),
        (TEXT, "...", "unreadable"),
    ],
)
def test_each_kind_of_answer(item: Item, answer: str, verdict: str) -> None:
    assert mark(item, answer).verdict == verdict


def test_a_known_mistake_is_answered_however_it_is_written() -> None:
    item = Item(answer="3/4", mistakes=[{"answer": "1/3", "says": "Tops were added."}])
    assert mark(item, "2/6").says == "Tops were added."
    assert mark(item, "2/5").says == ""


def test_a_known_mistake_is_known_in_every_kind() -> None:
    for item, mistake, written in [
        (LINE, "2x + 3", "3 + x + x"),
        (SOLVED, "x = 14", "2x - 28 = 0"),
        (SEVERAL, "a b", "b a"),
        (SEVERAL, "a", "a"),
        (ORDER, "a b c d", "a, b, c, d"),
        (TEXT, "numerator", " Numerator!"),
    ]:
        known = Item(**{**vars(item), "mistakes": [{"answer": mistake, "says": "Look."}]})
        assert mark(known, written) == Marked("wrong", "Look.", mark(item, written).normal)


@pytest.mark.parametrize(
    ("item", "answer", "verdict"),
    [
        (Item(), "", "unreadable"),
        (Item(), "  ", "unreadable"),
        (Item(), "half", "unreadable"),
        (Item(), "1/0", "zero_bottom"),
        (Item(), "1" * 41, "too_long"),
        (Item(), "x" * 1_000_000, "too_long"),
        (TEXT, "x" * 201, "too_long"),
        (TEXT, "a\x00", "unreadable"),
        (ORDER, "a " * 1_000_000, "too_long"),
        (LINE, "9^9^9^9", "bad_exponent"),
        (LINE, "(" * 100 + "x" + ")" * 100, "too_long"),
        (LINE, "(" * 99 + "x" + ")" * 99, "too_big"),
        (LINE, "1/(x - x)", "zero_bottom"),
        (LINE, "√x", "inexact_root"),
    ],
)
def test_what_cannot_be_marked_is_no_attempt_and_has_its_word(
    item: Item, answer: str, verdict: str
) -> None:
    marked = mark(item, answer)
    assert (marked.verdict, marked.counted, marked.correct) == (verdict, False, False)
    assert marked.normal == ""


@pytest.mark.parametrize(
    "item", [Item(), Item("number", "4"), CHOICE, SEVERAL, ORDER, TEXT, LINE, SOLVED]
)
@given(answer=st.text(max_size=300) | st.text("ab cd,xX2(+)=^/ ", max_size=40))
def test_nothing_that_is_written_breaks_it(item: Item, answer: str) -> None:
    assert len(mark(item, answer).normal) <= 200


def test_the_same_wrong_answer_is_seen_as_the_same() -> None:
    for item, *same in [
        (Item(), "2/6", " 1/3"),
        (TEXT, "Top ", "top"),
        (SEVERAL, "a b", "b a"),
        (LINE, "3(x+1)", "3 + 3x", "3x + 3"),
    ]:
        normals = {mark(item, answer).normal for answer in same}
        assert len(normals) == 1
        assert normals != {""}


def test_two_choices_are_never_one_slip_of_the_keyboard_apart() -> None:
    choices = [{"key": f"option-{name}", "text": name} for name in "abc"]
    item = Item("choice", "option-a", choices=choices)
    b, c = (mark(item, f"option-{name}").normal for name in "bc")
    assert sum(x != y for x, y in zip(b, c, strict=True)) > 1


# --- what an author may ask -----------------------------------------------------------------------


@pytest.mark.parametrize("item", [Item(), CHOICE, SEVERAL, ORDER, TEXT, LINE, SOLVED])
def test_a_question_that_can_be_answered(item: Item) -> None:
    check_item(item)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"answer": "half"}, "its own answer is marked unreadable"),
        ({"answer": "2/4", "form": "lowest"}, "not_lowest"),
        ({"form": "expanded"}, "a fraction has no form"),
        ({"form": "over"}, "belong together"),
        ({"tolerance": "a bit"}, "the tolerance 'a bit'"),
        ({"tolerance": "-1"}, "negative"),
        ({"mistakes": [{"answer": "0.5", "says": "?"}]}, "mistake '0.5' is marked right"),
        (
            {"mistakes": [{"answer": "1/3", "says": "a"}, {"answer": "2/6", "says": "b"}]},
            "equals an earlier one",
        ),
        ({"answer_kind": "essay"}, "unknown kind"),
        ({**vars(CHOICE), "choices": ABCD[:1]}, "2 to 12 choices"),
        ({**vars(CHOICE), "choices": ABCD * 2}, "the same key"),
        ({**vars(CHOICE), "choices": [{"key": "a b"}, {"key": "b"}]}, "cannot be a key"),
        ({**vars(CHOICE), "answer": "e"}, "unreadable"),
        ({**vars(ORDER), "answer": "a b"}, "unreadable"),
        ({**vars(TEXT), "accept": ["!"]}, "cannot be an answer"),
        ({**vars(LINE), "answer": "2x +"}, "cannot be read"),
        ({**vars(LINE), "answer": "√2"}, "roots"),
        ({**vars(LINE), "form": "lowest"}, "no form"),
        ({**vars(LINE), "form": "factored"}, "a product"),
        ({**vars(LINE), "variables": ["y"]}, "not among its variables"),
        ({**vars(LINE), "variables": ["xy"]}, "single letters"),
        ({**vars(SOLVED), "answer": "2x = 8"}, "not_simplest"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(change: dict[str, object], word: str) -> None:
    with pytest.raises(BadInput, match=word) as error:
        check_item(Item(**{**vars(Item()), **change}))  # type: ignore[arg-type]
    assert error.value.code == "bad_answer"


def test_keys_are_one_text() -> None:
    assert as_text(["b", "a"]) == "b a"
    assert as_text("b") == "b"
