"""A number as a learner writes it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.numbers import MAX_CHARS, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", Fraction(3)),
        ("3/4", Fraction(3, 4)),
        (" 3 / 4 ", Fraction(3, 4)),
        ("6/8", Fraction(3, 4)),
        ("1 3/4", Fraction(7, 4)),
        ("1\u00a03/4", Fraction(7, 4)),
        ("-1 3/4", Fraction(-7, 4)),
        ("½", Fraction(1, 2)),
        ("1½", Fraction(3, 2)),
        ("1 ½", Fraction(3, 2)),
        ("3⁄4", Fraction(3, 4)),
        ("−3/4", Fraction(-3, 4)),
        ("- 3/4", Fraction(-3, 4)),
        ("+2", Fraction(2)),
        ("0.75", Fraction(3, 4)),
        ("0,75", Fraction(3, 4)),
        (".5", Fraction(1, 2)),
        ("٣/٤", Fraction(3, 4)),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_it_reads_what_people_write(text: str, value: Fraction) -> None:
    assert parse_number(text).value == value


@given(st.fractions(min_value=-999, max_value=999, max_denominator=999))
def test_it_reads_back_every_fraction(value: Fraction) -> None:
    assert parse_number(str(value)).value == value


@given(st.integers(0, 99), st.integers(1, 98), st.integers(2, 99))
def test_it_reads_mixed_numbers(whole: int, top: int, bottom: int) -> None:
    number = parse_number(f"{whole} {top}/{bottom}")
    assert number.value == whole + Fraction(top, bottom)
    assert (number.form, number.bottom) == ("mixed", bottom)


@pytest.mark.parametrize(
    ("text", "lowest"), [("3/4", True), ("6/8", False), ("1 2/4", False), ("1 5/4", False)]
)
def test_it_sees_lowest_terms(text: str, lowest: bool) -> None:
    assert parse_number(text).lowest is lowest


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "three",
        "3/",
        "/4",
        "3/4/5",
        "1/-2",
        "--3",
        "3 4",
        "1 2 3/4",
        "1.5/2",
        "1.000.000",
        "1e5",
        "0x10",
        "__import__('os')",
        "9**9",
        "(1)",
        "nan",
        "∞",
        "²",
        "9" * 13,
    ],
)
def test_it_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_number(text)
    assert error.value.code == "answer_unreadable"


def test_it_refuses_a_bottom_of_nought() -> None:
    with pytest.raises(BadInput) as error:
        parse_number("3/0")
    assert error.value.code == "answer_zero_bottom"


def test_it_refuses_a_million_digits_before_reading_them() -> None:
    with pytest.raises(BadInput) as error:
        parse_number("1" * 1_000_000)
    assert error.value.code == "answer_too_long"
    assert MAX_CHARS < 100


@given(st.text(max_size=60))
def test_it_never_does_anything_but_read_or_refuse(text: str) -> None:
    try:
        number = parse_number(text)
    except BadInput:
        return
    assert isinstance(number.value, Fraction)
