"""What an expression says: read as people write it, exactly, the same text for equal ones."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.algebra import read
from tutor_emotion.lessons.algebra.parser import parse
from tutor_emotion.lessons.algebra.polynomials import Polynomial
from tutor_emotion.lessons.algebra.quotients import value_of
from tutor_emotion.lessons.algebra.tree import Equation, Letter, Node, Number, children


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2x+3", "2*x+3"),
        (" 3 + 2 x ", "2*x+3"),
        ("3(x + 1)", "3*x+3"),
        ("(x+1)(x−1)", "x^2-1"),
        ("xy", "x*y"),
        ("2xy·3x", "6*x^2*y"),
        ("2 × x ÷ 4", "1/2*x"),
        ("6 : 4", "3/2"),
        ("1/2x", "1/2*x"),
        ("1/(2x)", "(1/2)/(x)"),
        ("x²", "x^2"),
        ("x**2", "x^2"),
        ("x⁻¹", "(1)/(x)"),
        ("2x^2y", "2*x^2*y"),
        ("x^1+1", "x+1"),
        ("2^3^2", "512"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "x^2"),
        ("x - -2", "x+2"),
        ("3·-2", "-6"),
        ("2,5x", "5/2*x"),
        (".5x", "1/2*x"),
        ("1 3/4", "7/4"),
        ("1 3/4 x", "7/4*x"),
        ("1¾", "7/4"),
        ("½x", "1/2*x"),
        ("√16", "4"),
        ("sqrt(9/4)x", "3/2*x"),
        ("2√9", "6"),
        ("2πr", "2*r*π"),
        ("2 pi r", "2*r*π"),
        ("[2(x+1)]{3}", "6*x+6"),
        ("٣س + ٢", "3*س+2"),
        ("２ｘ＋３", "2*x+3"),
        ("2𝑥", "2*x"),
        ("\u200e2x\u200f", "2*x"),
        ("0x", "0"),
        ("(x^2-1)/(x-1)", "x+1"),
        ("x/(x+1) + 1/(x+1)", "1"),
        ("(x+y)(x-y)/(x^2+2xy+y^2)", "(x-y)/(x+y)"),
        ("(6x+4)/(3x+2)", "2"),
    ],
)
def test_it_reads_what_people_write(text: str, canonical: str) -> None:
    assert read(text).canonical == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("x = 4", "x-4=0"),
        ("4 = x", "x-4=0"),
        ("2x + 3 = 11", "x-4=0"),
        ("-2x = -8", "x-4=0"),
        ("y = 2x + 1", "x-1/2*y+1/2=0"),
        ("0 = 0", "0=0"),
        ("x = x", "0=0"),
        ("3 = 5", "1=0"),
    ],
)
def test_an_equation_is_the_same_up_to_a_factor(text: str, canonical: str) -> None:
    assert read(text).canonical == canonical


def test_equations_with_other_solutions_differ() -> None:
    canonicals = {read(text).canonical for text in ("x=4", "x=-4", "x^2=16", "x^2=4x", "y=4")}
    assert len(canonicals) == 5


def test_a_capital_is_its_small_letter_only_where_that_is_meant() -> None:
    assert read("2X", known="x").canonical == "2*x"
    assert read("2v", known="V").canonical == "2*V"
    assert read("X + x", known="xX").canonical == "X+x"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "answer_unreadable"),
        ("2x +", "answer_unreadable"),
        ("* 2", "answer_unreadable"),
        ("(x", "answer_unreadable"),
        ("x)", "answer_unreadable"),
        ("()", "answer_unreadable"),
        ("x2", "answer_unreadable"),
        ("(x+1)2", "answer_unreadable"),
        ("2 3", "answer_unreadable"),
        ("2 0.5", "answer_unreadable"),
        ("1.2.3", "answer_unreadable"),
        ("x = 2 = y", "answer_unreadable"),
        ("(x = 2)", "answer_unreadable"),
        ("= 2", "answer_unreadable"),
        ("x_1", "answer_unreadable"),
        ("x₁", "answer_unreadable"),
        ("x²⁻", "answer_unreadable"),
        ("|x|", "answer_unreadable"),
        ("x!", "answer_unreadable"),
        ("x < 3", "answer_unreadable"),
        ("__import__('os')", "answer_unreadable"),
        ("x.real", "answer_unreadable"),
        ("lambda x, y", "answer_unreadable"),
        ("x\x00", "answer_unreadable"),
        ("1/0", "answer_zero_bottom"),
        ("1 1/0", "answer_zero_bottom"),
        ("0^-1", "answer_zero_bottom"),
        ("x/(y-y)", "answer_zero_bottom"),
        ("x = 1/(x-x)", "answer_zero_bottom"),
        ("√2", "answer_inexact_root"),
        ("√(-4)", "answer_inexact_root"),
        ("√(x^2)", "answer_inexact_root"),
        ("x^y", "answer_bad_exponent"),
        ("x^(1/2)", "answer_bad_exponent"),
        ("x^21", "answer_bad_exponent"),
        ("x^-21", "answer_bad_exponent"),
        ("abcdefg", "answer_too_big"),
    ],
)
def test_everything_else_is_refused_with_its_word(text: str, code: str) -> None:
    with pytest.raises(BadInput) as error:
        read(text)
    assert error.value.code == code


# --- against another system -----------------------------------------------------------------------
# Both sides are built from one recipe; nothing is parsed by the other system.

X, Y = sympy.symbols("x y")
Recipe = tuple[str, Any]


def _both(text: str, expression: Any) -> Recipe:
    return text, expression


_LEAVES = st.one_of(
    st.integers(0, 12).map(lambda n: _both(str(n), sympy.Integer(n))),
    st.sampled_from([_both("x", X), _both("y", Y)]),
)


def _grow(parts: st.SearchStrategy[Recipe]) -> st.SearchStrategy[Recipe]:
    pair = st.tuples(parts, parts)
    return st.one_of(
        pair.map(lambda p: _both(f"({p[0][0]})+({p[1][0]})", p[0][1] + p[1][1])),
        pair.map(lambda p: _both(f"({p[0][0]})-({p[1][0]})", p[0][1] - p[1][1])),
        pair.map(lambda p: _both(f"({p[0][0]})({p[1][0]})", p[0][1] * p[1][1])),
        pair.map(lambda p: _both(f"({p[0][0]})/({p[1][0]})", p[0][1] / p[1][1])),
        st.tuples(parts, st.integers(0, 3)).map(
            lambda p: _both(f"({p[0][0]})^{p[1]}", p[0][1] ** p[1])
        ),
    )


@given(st.recursive(_LEAVES, _grow, max_leaves=6), st.fractions(-3, 3, max_denominator=9))
def test_it_agrees_with_sympy_at_exact_points(recipe: Recipe, at: Fraction) -> None:
    text, expression = recipe
    try:
        found = read(text)
    except BadInput as error:
        assert error.code in {"answer_zero_bottom", "answer_too_long", "answer_too_big"}  # noqa: PT017
        return
    value = value_of(found.written, found.ring)  # type: ignore[arg-type]
    places = {"x": at, "y": at * at + Fraction(7, 5)}
    top, bottom = (_at(side, found.ring.letters, places) for side in (value.top, value.bottom))
    theirs = expression.subs({X: sympy.Rational(at), Y: sympy.Rational(places["y"])})
    if bottom and theirs.is_Rational:
        assert Fraction(int(theirs.p), int(theirs.q)) == top / bottom


def _at(a: Polynomial, letters: tuple[str, ...], places: dict[str, Fraction]) -> Fraction:
    total = Fraction(0)
    for exponents, number in a.items():
        for letter, n in zip(letters, exponents, strict=True):
            number *= places[letter] ** n
        total += number
    return total


@given(
    st.recursive(_LEAVES, _grow, max_leaves=4),
    st.recursive(_LEAVES, _grow, max_leaves=3),
)
def test_equal_ones_have_one_text_and_different_ones_have_two(a: Recipe, b: Recipe) -> None:
    try:
        one = read(a[0]).canonical
        same = read(f"(({a[0]})(x+2)-y({a[0]}))/(x-y+2)").canonical
        other = read(b[0]).canonical
    except BadInput:
        return
    assert one == same
    assert (one == other) == (sympy.cancel(a[1] - b[1]) == 0)


# --- the page reads alike -------------------------------------------------------------------------

CASES = json.loads((Path(__file__).parent / "expressions.json").read_text())


@pytest.mark.parametrize(("text", "tree"), CASES.items())
def test_the_page_and_the_server_read_alike(text: str, tree: str | None) -> None:
    """The same cases are read in ``frontend/src/lesson/expression.test.ts``."""
    try:
        assert _spelled(parse(text)) == tree
    except BadInput:
        assert tree is None


def _spelled(node: Node | Equation) -> str:
    match node:
        case Number(value):
            return str(value)
        case Letter(name):
            return name
        case Equation(left, right):
            return f"(= {_spelled(left)} {_spelled(right)})"
    sign = {"Negative": "-", "Sum": "+", "Product": "*", "Quotient": "/", "Power": "^", "Root": "√"}
    parts = " ".join(map(_spelled, children(node)))
    return f"({sign[type(node).__name__]} {parts})"
