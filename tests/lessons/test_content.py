"""The lesson file: every answer right, every mistake wrong, and nothing unsafe comes through."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from tutor_emotion.errors import BadInput
from tutor_emotion.lessons.content import FRACTIONS, Sibling, StepSpec, asked, items, read_lesson
from tutor_emotion.lessons.marking import mark
from tutor_emotion.lessons.models import VARIANT_KINDS, Attempt, Lesson, Step, Variant
from tutor_emotion.lessons.numbers import parse_number
from tutor_emotion.lessons.presenting import lesson_content
from tutor_emotion.lessons.services import load_lesson

SPEC, _ = read_lesson(FRACTIONS)
ITEMS = list(items(SPEC))


class Row:
    """An item's question as its row has it."""

    def __init__(self, item: StepSpec | Sibling) -> None:
        self.__dict__.update(asked(item))


def test_it_is_a_whole_course() -> None:
    assert len(SPEC.steps) >= 12
    assert len({step.skill for step in SPEC.steps}) == 3
    assert all(len(step.hints) >= 2 and step.mistakes for step in SPEC.steps)
    assert all(step.segmented.count("\n---\n") >= 1 for step in SPEC.steps)


@pytest.mark.parametrize(("place", "item"), ITEMS, ids=[place for place, _ in ITEMS])
def test_own_answer_right_and_typical_mistakes_wrong(place: str, item: StepSpec | Sibling) -> None:
    assert mark(Row(item), item.answer.value).verdict == "right"  # type: ignore[arg-type]
    assert item.mistakes, f"{place} knows no typical mistake"
    for mistake in item.mistakes:
        marked = mark(Row(item), mistake.answer)  # type: ignore[arg-type]
        assert (marked.verdict, marked.says) == ("wrong", mistake.says)


@pytest.mark.parametrize(("place", "item"), ITEMS, ids=[place for place, _ in ITEMS])
def test_equal_fractions_count_unless_lowest_terms_are_asked(
    place: str, item: StepSpec | Sibling
) -> None:
    if item.answer.kind != "fraction" or item.answer.form == "mixed":
        return
    value = parse_number(item.answer.value).value
    doubled = mark(Row(item), f"{2 * value.numerator}/{2 * value.denominator}")  # type: ignore[arg-type]
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
def test_sums_are_computed_rightly(place: str, item: StepSpec | Sibling) -> None:
    found = SUM.search(item.prompt)
    assert found
    assert parse_number(item.answer.value).value == _value(found[1])


def test_there_are_sums_to_compute() -> None:
    assert len(SUMS) >= 14


EQUATION = re.compile(r"\$([0-9]+/[0-9]+) = ([0-9]+/[0-9]+)\$")


def test_every_equation_in_every_text_holds() -> None:
    texts = [
        text for step in SPEC.steps for text in (step.worked_step, step.extra_example, *step.hints)
    ]
    texts += [item.help for _, item in ITEMS if isinstance(item, Sibling)]
    found = [pair for text in texts for pair in EQUATION.findall(text)]
    assert len(found) >= 20
    assert [pair for pair in found if Fraction(pair[0]) != Fraction(pair[1])] == []


def test_harder_is_harder_and_easier_is_easier() -> None:
    for step in SPEC.steps:
        assert step.easier_item.difficulty is not None
        assert step.harder_item.difficulty is not None
        assert step.easier_item.difficulty < step.difficulty < step.harder_item.difficulty


# --- loading --------------------------------------------------------------------------------------


def test_it_loads_once_and_again_without_change(lesson: Lesson) -> None:
    assert lesson.steps.count() == len(SPEC.steps)
    for step in lesson.steps.all():
        assert {v.kind for v in step.variants.all()} == set(VARIANT_KINDS)
    before = set(Variant.objects.values_list("pk", flat=True))
    assert load_lesson(FRACTIONS) == (lesson, False)
    Lesson.objects.update(digest="")
    assert load_lesson(FRACTIONS) == (lesson, True)
    assert set(Variant.objects.values_list("pk", flat=True)) == before


def test_a_changed_file_keeps_what_learners_did(
    lesson: Lesson, ada: object, tmp_path: Path
) -> None:
    step = Step.objects.get(slug="shaded-part")
    Attempt.objects.create(learner=ada, step=step, answer="3/8", correct=True, verdict="right")
    changed = tmp_path / "fractions.toml"
    changed.write_text(FRACTIONS.read_text().replace("Name the shaded part", "What is shaded?"))
    assert load_lesson(changed)[1]
    step.refresh_from_db()
    assert step.title == "What is shaded?"
    assert step.attempts.count() == 1


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


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('slug = "shaded-part"', 'slug = "../etc"', "steps.0.slug"),
        ('slug = "other-pieces"', 'slug = "shaded-part"', "same slug"),
        ('value = "3/8" }', 'value = "three" }', "marked unreadable"),
        ('answer = "3/5", says', 'answer = "6/16", says', "is marked right"),
        ('answer = "5/8", says', 'answer = "6/10", says', "equals an earlier one"),
        ("bar 3/8 blank", "bar 9/8 blank", "no more shaded"),
        ("bar 3/8 blank", "bar 3/999999 blank", "parts"),
        ("bar 3/8 blank", "<svg/onload=x>", "not understood"),
        ('skill = "equivalence"', 'skill = "magic"', "unknown skill"),
        ('title = "Name the shaded part"', 'colour = "red"', "steps.0"),
        ("difficulty = 0.15", "difficulty = 7", "steps.0.difficulty"),
        ("[[steps]]", "[[steps", "fractions.toml"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    text = FRACTIONS.read_text()
    assert old in text
    bad = tmp_path / "fractions.toml"
    bad.write_text(text.replace(old, new, 1))
    with pytest.raises(BadInput) as error:
        read_lesson(bad)
    assert error.value.code == "bad_lesson"
    assert says in error.value.message
