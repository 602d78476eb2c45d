"""The fractions course: every answer right, every mistake wrong, every sum computed anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import pytest

from tutor_emotion.lessons.content import COURSES, read_course
from tutor_emotion.lessons.content.asking import asked
from tutor_emotion.lessons.content.spec import Question, Step
from tutor_emotion.lessons.marking import mark
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.lessons.numbers import parse_number
from tutor_emotion.lessons.presenting import lesson_content

COURSE = read_course(COURSES / "fractions")
STEPS = [step for lesson in COURSE.lessons for step in lesson.steps]


def _items() -> Iterator[tuple[str, Question]]:
    for key, skill in COURSE.skills.items():
        assert skill.item
        yield f"{key}.prerequisite", skill.item
    for step in STEPS:
        yield step.slug, step
        for name in ("easier", "similar", "harder"):
            yield f"{step.slug}.{name}", getattr(step, name)


ITEMS = list(_items())


def test_it_is_a_whole_course() -> None:
    assert len(STEPS) >= 12
    assert {step.skill for step in STEPS} == set(COURSE.skills)
    assert len(COURSE.skills) == 3
    assert all(len(step.hints) >= 2 and step.mistakes for step in STEPS)
    assert all(step.segmented and step.segmented.count("\n---\n") >= 1 for step in STEPS)
    assert all(step.extra_example for step in STEPS)


@pytest.mark.parametrize(("place", "item"), ITEMS, ids=[place for place, _ in ITEMS])
def test_own_answer_right_and_typical_mistakes_wrong(place: str, item: Question) -> None:
    assert mark(asked(item), str(item.answer.value)).verdict == "right"
    assert item.mistakes, f"{place} knows no typical mistake"
    for mistake in item.mistakes:
        marked = mark(asked(item), str(mistake.answer))
        assert (marked.verdict, marked.says) == ("wrong", mistake.says)


@pytest.mark.parametrize(("place", "item"), ITEMS, ids=[place for place, _ in ITEMS])
def test_equal_fractions_count_unless_lowest_terms_are_asked(place: str, item: Question) -> None:
    if item.answer.kind != "fraction" or item.answer.form == "mixed":
        return
    value = parse_number(str(item.answer.value)).value
    doubled = mark(asked(item), f"{2 * value.numerator}/{2 * value.denominator}")
    assert doubled.verdict == ("not_lowest" if item.answer.form == "lowest" else "right")


SUM = re.compile(r"^\$([^$=?]+) = \?\$", re.MULTILINE)


def _value(expression: str) -> Fraction:
    """The sum of signed terms such as ``2 1/4 - 5/6``: computed apart from the lesson's code."""
    total, sign = Fraction(0), 1
    for term in re.split(r"( [+-] )", expression):
        if term.strip() in "+-":
            sign = -1 if term.strip() == "-" else 1
        else:
            total += sign * sum(Fraction(part) for part in term.split())
    return total


SUMS = [(place, item) for place, item in ITEMS if SUM.search(item.prompt)]


@pytest.mark.parametrize(("place", "item"), SUMS, ids=[place for place, _ in SUMS])
def test_sums_are_computed_rightly(place: str, item: Question) -> None:
    found = SUM.search(item.prompt)
    assert found
    assert parse_number(str(item.answer.value)).value == _value(found[1])


def test_there_are_sums_to_compute() -> None:
    assert len(SUMS) >= 14


EQUATION = re.compile(r"\$([0-9]+/[0-9]+) = ([0-9]+/[0-9]+)\$")


def test_every_equation_in_every_text_holds() -> None:
    texts = [
        text or "" for step in STEPS for text in (step.worked_step, step.extra_example, *step.hints)
    ]
    texts += [item.help for _, item in ITEMS if not isinstance(item, Step)]
    found = [pair for text in texts for pair in EQUATION.findall(text)]
    assert len(found) >= 20
    assert [pair for pair in found if Fraction(pair[0]) != Fraction(pair[1])] == []


def test_harder_is_harder_and_easier_is_easier() -> None:
    for step in STEPS:
        assert step.easier
        assert step.harder
        assert step.easier.difficulty < step.difficulty < step.harder.difficulty


def test_the_page_gets_no_answer(lesson: Lesson) -> None:
    content = lesson_content(lesson)
    keys = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            keys.update(node)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(content)
    assert len(content["steps"]) == 12
    assert keys.isdisjoint({"answer", "accept", "mistakes", "tolerance"})
