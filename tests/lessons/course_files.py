"""The shipped courses as plain data, and arithmetic apart from the code that they test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

import tutor_emotion.lessons
from tutor_emotion.lessons.marking import as_text

COURSES = Path(tutor_emotion.lessons.__file__).parent / "courses"
KEYS = ("linear-equations", "reading-graphs")
PICTURE = re.compile(r"^```picture\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
MATH = re.compile(r"\$([^$\n]+)\$")
SIBLINGS = ("easier", "similar", "harder")


@dataclass
class File:
    """One Markdown file: its front matter, and its texts by the heading over them."""

    place: str
    front: dict[str, Any]
    sections: list[tuple[str, str]]

    def all_of(self, name: str) -> list[str]:
        return [text for heading, text in self.sections if heading == name]

    def only(self, name: str) -> str:
        (text,) = self.all_of(name)
        return text


@dataclass
class Question:
    """A question with its answer, as ``mark`` reads it."""

    place: str
    prompt: str
    front: dict[str, Any]
    accept: list[str] = field(init=False)

    def __post_init__(self) -> None:
        answer = self.front["answer"]
        self.answer_kind = answer["kind"]
        self.answer = as_text(answer["value"])
        self.accept = answer.get("accept", [])
        self.tolerance = answer.get("tolerance", "")
        self.form = answer.get("form", "any")
        self.bottom = answer.get("bottom")
        self.variables = answer.get("variables", [])
        self.choices = answer.get("choices", [])
        self.mistakes = [
            {"answer": as_text(m["answer"]), "says": m["says"]} for m in self.front["mistakes"]
        ]


def read(path: Path) -> File:
    _, front, body = re.split(r"^---$", path.read_text("utf-8"), maxsplit=2, flags=re.MULTILINE)
    pieces = re.split(r"^# (.+)$", body, flags=re.MULTILINE)
    sections = [("", pieces[0].strip())]
    sections += [
        (name.strip(), text.strip()) for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]
    return File(str(path.relative_to(COURSES)), yaml.safe_load(front), sections)


def lessons(course: str) -> list[File]:
    found = [read(path) for path in (COURSES / course).glob("*/lesson.md")]
    return sorted(found, key=lambda lesson: lesson.front["order"])


def steps(course: str) -> list[File]:
    return [read(path) for path in sorted((COURSES / course).glob("*/[0-9]*.md"))]


def skills(course: str) -> dict[str, dict[str, Any]]:
    return {
        key: skill for lesson in lessons(course) for key, skill in lesson.front["skills"].items()
    }


def questions(course: str) -> Iterator[Question]:
    for lesson in lessons(course):
        for key, skill in lesson.front["skills"].items():
            name = f"Prerequisite: {key}"
            yield Question(f"{lesson.place}:{key}", lesson.only(name), skill["item"])
    for step in steps(course):
        yield Question(step.place, step.only(""), step.front)
        for name in SIBLINGS:
            text = step.only(name.capitalize())
            yield Question(f"{step.place}:{name}", text, step.front[name])


def texts(course: str) -> Iterator[tuple[str, str]]:
    """Every text that a learner can read, with its place."""
    for file in [*lessons(course), *steps(course)]:
        for name, text in file.sections:
            yield f"{file.place}:{name}", text
        yield from ((file.place, line) for line in _lines(file.front))


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("says", "help", "strategy", "text") and isinstance(value, str):
                yield value
            else:
                yield from _lines(value)
    elif isinstance(node, list):
        for value in node:
            yield from _lines(value)


QUESTIONS = {question.place: question for key in KEYS for question in questions(key)}
TEXTS = [entry for key in KEYS for entry in texts(key)]


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
