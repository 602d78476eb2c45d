"""Two shipped courses as their loader reads them, and arithmetic apart from the code they test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fractions import Fraction

from tutor_emotion.lessons.content import COURSES, Course, read_course
from tutor_emotion.lessons.content.asking import Asked, asked
from tutor_emotion.lessons.content.spec import Question, Step

KEYS = ("linear-equations", "reading-graphs")
SIBLINGS = ("easier", "similar", "harder")
PICTURE = re.compile(r"^```picture\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
MATH = re.compile(r"\$([^$\n]+)\$")
LOADED = {key: read_course(COURSES / key) for key in KEYS}
STEPS = {
    f"{lesson.slug}/{step.slug}": step
    for course in LOADED.values()
    for lesson in course.lessons
    for step in lesson.steps
}


def _items(course: Course) -> Iterator[tuple[str, Question]]:
    for key, skill in course.skills.items():
        assert skill.item
        yield f"before {key}", skill.item
    for lesson in course.lessons:
        for step in lesson.steps:
            place = f"{lesson.slug}/{step.slug}"
            yield place, step
            for name in SIBLINGS:
                yield f"{place}:{name}", getattr(step, name)


ITEMS = {place: item for course in LOADED.values() for place, item in _items(course)}
QUESTIONS = {place: asked(item) for place, item in ITEMS.items()}


def _texts() -> Iterator[tuple[str, str]]:
    for place, item in ITEMS.items():
        yield place, item.prompt
        yield from ((place, choice.text) for choice in item.answer.choices)
        yield from ((place, mistake.says) for mistake in item.mistakes)
        if isinstance(item, Step):
            for text in (item.segmented, item.worked_step, item.extra_example, item.strategy):
                assert text, f"{place} has not all its variants"
                yield place, text
            yield from ((place, hint) for hint in item.hints)
        else:
            yield place, item.help


# Every text that a learner can read, with its place.
TEXTS = list(_texts())


def chosen(question: Asked) -> str:
    """What the right choice says."""
    return next(c["text"] for c in question.choices if c["key"] == question.answer)


# --- arithmetic -----------------------------------------------------------------------------------


def value_of(expression: str, **letters: Fraction) -> Fraction:
    """``2x + 3`` or ``12 ÷ (1 + 2)``, exactly."""
    plain = expression.translate(str.maketrans("−–×÷·", "--*/*")).replace(" ", "")
    plain = re.sub(r"(?<=[0-9a-z)])(?=[a-z(])", "*", plain)
    return _value(ast.parse(plain, mode="eval").body, letters)


def _value(node: ast.expr, letters: dict[str, Fraction]) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.Name(id=name):
            return letters[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, letters)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, letters), _value(right, letters)
            if isinstance(op, ast.Add):
                return a + b
            if isinstance(op, ast.Sub):
                return a - b
            if isinstance(op, ast.Mult):
                return a * b
            if isinstance(op, ast.Div):
                return a / b
    raise ValueError(ast.dump(node))


def holds(equation: str, **letters: Fraction) -> bool:
    left, right = equation.split("=")
    return value_of(left, **letters) == value_of(right, **letters)
