"""Sums, equations and formulas of the shipped courses, worked out once more."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from tests.lessons.course_files import (
    MATH,
    PICTURE,
    QUESTIONS,
    TEXTS,
    chosen,
    holds,
    value_of,
)
from tutor_emotion.lessons.content.asking import Asked

NUMBER = r"(?:−?\d+(?:\.\d+)?|\(−?\d+\))"
SUM = rf"{NUMBER}(?: [+−×÷] {NUMBER})+"
BEFORE, AFTER = r"(?<![\d.+−×÷=/-] )(?<![\w/.−(])", r"(?![\w/])(?! [+−×÷])"
CLAIM = re.compile(rf"{BEFORE}({SUM}) (?:=|is) ({NUMBER}|{SUM}){AFTER}")


def test_every_sum_in_every_text_is_right() -> None:
    claims = [(place, match) for place, text in TEXTS for match in CLAIM.finditer(text)]
    assert len(claims) >= 55
    for place, match in claims:
        assert value_of(match[1]) == value_of(match[2]), f"{place}: {match[0]}"


def test_a_balance_is_drawn_in_balance() -> None:
    """All balances of one text have the same solution."""
    found = 0
    for place, text in TEXTS:
        for block in PICTURE.findall(text):
            equations = re.findall(r"^balance (.+)$", block, re.MULTILINE)
            roots = {solution(equation) for equation in equations}
            assert len(roots) <= 1, place
            found += len(equations)
    assert found >= 30


def solution(equation: str) -> Fraction:
    """Of a linear equation in x, from its sides at x = 0 and x = 1."""
    left, right = equation.split("=")
    gap = [value_of(left, x=Fraction(x)) - value_of(right, x=Fraction(x)) for x in (0, 1)]
    return gap[0] / (gap[0] - gap[1])


EQUATION = re.compile(r"^\$([^$=]*x[^$=]*=[^$=?]+|[^$=]+=[^$=?]*x[^$=?]*)\$", re.MULTILINE)
SOLVED = {
    place: question
    for place, question in QUESTIONS.items()
    if (question.answer_kind in ("number", "fraction") or question.answer.startswith("x ="))
    and re.search(r"[Ww]hich number is \$x\$|Write the solution as", question.prompt)
    and EQUATION.search(question.prompt)
}


@pytest.mark.parametrize("place", SOLVED)
def test_equations_are_solved_rightly(place: str) -> None:
    question = SOLVED[place]
    found = EQUATION.search(question.prompt)
    assert found
    answer = value_of(question.answer.removeprefix("x ="))
    assert holds(found[1], x=answer)
    assert solution(found[1]) == answer


def test_there_are_equations_to_solve() -> None:
    assert len(SOLVED) >= 28


CHECKED = {p: q for p, q in QUESTIONS.items() if "have the solution" in q.prompt}


@pytest.mark.parametrize("question", CHECKED.values(), ids=list(CHECKED))
def test_solutions_are_checked_rightly(question: Asked) -> None:
    found = re.search(r"solution \$x = (-?\d+)\$", question.prompt)
    assert found
    true = [
        choice["key"]
        for choice in question.choices
        if holds(choice["text"].strip("$"), x=Fraction(int(found[1])))
    ]
    assert true == question.answer.split()


REWRITE = re.compile("as short as|shorter way|without brackets")
REWRITTEN = {
    p: q for p, q in QUESTIONS.items() if q.answer_kind == "expression" and REWRITE.search(q.prompt)
}


@pytest.mark.parametrize("question", REWRITTEN.values(), ids=list(REWRITTEN))
def test_expressions_are_rewritten_rightly(question: Asked) -> None:
    (given,) = MATH.findall(question.prompt)[-1:]
    assert given != question.answer
    for x in (Fraction(-3), Fraction(1, 2), Fraction(7)):
        assert value_of(given, x=x) == value_of(question.answer, x=x)


def test_there_is_something_to_rewrite_and_to_check() -> None:
    assert (len(REWRITTEN), len(CHECKED)) == (9, 4)


SLIPS = {p: q for p, q in QUESTIONS.items() if "Where is the **first** slip" in q.prompt}


@pytest.mark.parametrize("question", SLIPS.values(), ids=list(SLIPS))
def test_the_slip_is_in_the_line_where_the_solution_changes(question: Asked) -> None:
    roots = [
        solution(line) for line in re.findall(r"^\d\. \$(.+)\$$", question.prompt, re.MULTILINE)
    ]
    first = next(n for n, root in enumerate(roots, 1) if root != roots[0])
    assert chosen(question) == f"In line {first}"
    assert len(set(roots)) == 2, "there is one slip only"


WORDED = {
    "": lambda x: x * 4 - 3,
    ":easier": lambda x: x * 2,
    ":similar": lambda x: x * 3 + 7,
    ":harder": lambda x: (x - 2) * 5,
}


@pytest.mark.parametrize("sibling", WORDED)
def test_words_become_the_right_formula(sibling: str) -> None:
    answer = QUESTIONS[f"equations-1/write-a-formula{sibling}"].answer
    for x in (Fraction(0), Fraction(1), Fraction(-5, 2)):
        assert holds(answer, x=x, y=WORDED[sibling](x))


def first(test) -> int:  # type: ignore[no-untyped-def]
    return next(n for n in range(1000) if test(n))


# What stands in words or in a picture's places, worked out here once more.
COMPUTED = {
    "equations-2/two-prices": first(lambda x: 4 + 2 * x == 10 + x),
    "equations-2/two-prices:easier": first(lambda x: 3 + 2 * x == 15),
    "equations-2/two-prices:similar": first(lambda w: 8 + 3 * w == 18 + w),
    "equations-2/two-prices:harder": first(lambda x: 2 * (x + 3) + 2 * (2 * x) == 36),
    "graphs-1/pattern": 2 * 3 + 1,
    "graphs-1/pattern:easier": 3 + 1,
    "graphs-1/pattern:similar": 3 * 3 + 2,
    "graphs-1/pattern:harder": 2 * 10 + 1,
}


@pytest.mark.parametrize("place", COMPUTED)
def test_worded_questions_are_computed_rightly(place: str) -> None:
    assert value_of(QUESTIONS[place].answer) == COMPUTED[place]
