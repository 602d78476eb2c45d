"""The form that a question asks for: seen in what was written, not in what it is worth."""

from __future__ import annotations

import pytest

from tutor_emotion.lessons.algebra import Form, has_form, is_product, read


def test_equal_is_enough_where_no_form_is_asked_for() -> None:
    assert has_form(read("2x + 3x"), "equivalent", read("5x"))


@pytest.mark.parametrize(
    ("form", "like", "yes", "no"),
    [
        (
            "expanded",
            "x^2 + 5x + 6",
            ["x^2+5x+6", "6 + x^2 + 5x", "x² + x·5 + 6", "x^2 + (5x + 6)", "1/2x"],
            ["(x+2)(x+3)", "x^2 + 2x + 3x + 6", "x(x+5)+6", "x*x + 5x + 6", "(x+2)^2 + x + 2"],
        ),
        (
            "expanded",
            "-4x^2y + 1",
            ["1 - 4x^2y", "-4yx^2 + 1", "-(4x^2y - 1)"],
            ["1 - (2x)^2y", "1 - 2·2x^2y", "4x^2/x", "x - √4"],
        ),
        ("expanded", "2x + 6 = 8", ["2x + 6 = 8", "8 = 6 + 2x"], ["2(x+3) = 8", "x + x + 6 = 8"]),
        (
            "factored",
            "(x+2)(x+3)",
            ["(x+3)(x+2)", "(2+x)(3+x)", "(-x-2)(-x-3)", "-(x+2)(-x-3)"],
            ["x^2+5x+6", "x(x+5)+6", "(2x+4)(x+3)/2", "(x^2+5x+6)*1"],
        ),
        (
            "factored",
            "6x(x+1)^2",
            ["6x(x+1)(x+1)", "(x+1)^2 · 6x", "2·3x(x+1)^2"],
            ["x(6x+6)(x+1)", "6(x^2+x)(x+1)"],
        ),
        ("factored", "x(x-1)/2", ["1/2x(x-1)", "x(x-1)/2", "0.5(x-1)x"], ["x(x/2 - 1/2)"]),
        (
            "simplest",
            "5x",
            ["5x", "x*5", "-5x", "5·x", "x/2", "1/2 x", "3x/2", "3/2x", "x^2y", "2(x+1)", "7"],
            ["2x+3x", "2*3x", "6x/3", "2x/4", "x*x", "1x", "5x/1", "2/4x", "x+0", "--x + √4"],
        ),
        (
            "simplest",
            "(x+1)/x",
            ["(x+1)/x", "1 + 1/x", "1/x + 1/(x+1)", "3/(2x)", "(x+1)^2", "x^-1"],
            [
                "x^2/x",
                "(x+1)x/x^2",
                "x/(x+1) + 1/(x+1)",
                "1/x + 1/x^2",
                "(2x+2)/4",
                "2(x+1) + 3",
                "(x+1)/2 + 3",
                "1/(1/x)",
                "0.5x/2",
                "(x+1)(x+1)",
                "2^3",
                "(2x)^2",
                "x^1",
            ],
        ),
        (
            "simplest",
            "x = 4",
            ["x = 4", "4 = x", "x = 3/2", "x = 2y + 1", "x = 2(y + 1)"],
            ["2x = 8", "x = 8/2", "x - 4 = 0", "x = 2x - 4", "y = 4", "x = 2 + 2"],
        ),
    ],
)
def test_forms(form: Form, like: str, yes: list[str], no: list[str]) -> None:
    model = read(like)
    if form == "factored":
        assert is_product(model)
    assert {text: has_form(read(text), form, model) for text in yes} == dict.fromkeys(yes, True)
    assert {text: has_form(read(text), form, model) for text in no} == dict.fromkeys(no, False)


@pytest.mark.parametrize(("text", "product"), [("x^2+5x+6", False), ("x^2", True), ("2x", True),
    ("x", False), ("12", False), ("2(x+1)", True), ("x = 2", False)])  # fmt: skip
def test_a_product(text: str, product: bool) -> None:
    assert is_product(read(text)) == product


def test_an_equation_is_not_factored() -> None:
    assert not has_form(read("x(x-1) = 0"), "factored", read("x(x-1) = 0"))
    assert not has_form(read("x"), "factored", read("x = 0"))
