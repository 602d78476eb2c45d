"""The shipped course files: whole, marked rightly, and shown as they are meant."""

from __future__ import annotations

import re

import pytest

from tests.lessons.course_files import (
    COURSES,
    KEYS,
    MATH,
    PICTURE,
    QUESTIONS,
    SIBLINGS,
    TEXTS,
    File,
    Question,
    lessons,
    read,
    skills,
    steps,
)
from tutor_emotion.lessons.marking import check_item, mark
from tutor_emotion.lessons.mathml import to_mathml
from tutor_emotion.lessons.richtext import parts, render, render_inline

STEPS = [step for key in KEYS for step in steps(key)]
SECTIONS = ["", *["Hint"] * 2, "Segmented", "Worked step", "Extra example"]
SECTIONS += [name.capitalize() for name in SIBLINGS]

each_step = pytest.mark.parametrize("step", STEPS, ids=[step.place for step in STEPS])
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))


# --- whole ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_a_course_has_twelve_steps_and_its_skills_in_order(key: str) -> None:
    course = read(COURSES / key / "course.md").front
    assert course["key"] == key
    assert {"title", "summary", "language"} <= course.keys()
    assert len(steps(key)) >= 12
    assert 3 <= len(skills(key)) <= 4
    assert {step.front["skill"] for step in steps(key)} == set(skills(key))
    seen: set[str] = set()
    for name, skill in skills(key).items():
        assert set(skill["prerequisite"]) <= seen, f"{name} comes before what it needs"
        seen.add(name)
    assert [lesson.front["order"] for lesson in lessons(key)] == [1, 2]


def test_every_kind_of_answer_is_asked_for() -> None:
    assert {question.answer_kind for question in QUESTIONS.values()} == {
        "number", "fraction", "expression", "choice", "several", "order", "text",
    }  # fmt: skip
    assert any(question.tolerance for question in QUESTIONS.values())


@each_step
def test_a_step_has_all_its_variants(step: File) -> None:
    assert [name for name, _ in step.sections] == SECTIONS
    assert all(text for _, text in step.sections)
    assert {"title", "strategy", "expected_s"} <= step.front.keys()
    assert len(parts(step.only("Segmented"))) >= 2
    levels = [step.front[name].get("difficulty") for name in ("easier", "harder")]
    assert levels[0] < step.front["difficulty"] < levels[1]
    assert "difficulty" not in step.front["similar"], "a similar one is as hard as the step"


@each_step
def test_a_question_broken_in_parts_ends_with_the_question(step: File) -> None:
    asked = step.only("").split("\n\n")[-1].replace("**", "")
    assert asked.split()[-1] == step.only("Segmented").replace("**", "").split()[-1]


# --- marked ---------------------------------------------------------------------------------------


@each_question
def test_own_answer_right_and_typical_mistakes_wrong(question: Question) -> None:
    check_item(question)
    assert question.mistakes
    for mistake in question.mistakes:
        marked = mark(question, mistake["answer"])
        assert (marked.verdict, marked.says) == ("wrong", mistake["says"])


@each_question
def test_what_a_learner_is_told_is_about_the_step(question: Question) -> None:
    for mistake in question.mistakes:
        said = mistake["says"].casefold()
        assert not re.search(r"\b(you are|your|wrong|sorry|good|great|well done|careful)\b", said)
        assert len(said) <= 300


def test_choices_are_not_listed_in_the_right_order() -> None:
    for question in QUESTIONS.values():
        if question.answer_kind == "order":
            assert question.answer.split() != [choice["key"] for choice in question.choices]


# --- shown ----------------------------------------------------------------------------------------


def test_every_text_is_shown_as_it_was_meant() -> None:
    for place, text in TEXTS:
        html = render(text) + (render_inline(text) if "\n" not in text else "")
        assert "$" not in html, f"{place}: mathematics that is not drawn"
        assert "```" not in html, f"{place}: a picture that is not drawn"
        assert "<a " not in html, f"{place}: a link"
        for source in MATH.findall(text):
            assert to_mathml(source), f"{place}: {source}"


def test_pictures_stand_where_a_teacher_would_draw() -> None:
    for key in KEYS:
        drawn = [step for step in steps(key) if any(PICTURE.search(t) for _, t in step.sections)]
        assert len(drawn) >= 7
    kinds = {line.split()[0] for _, text in TEXTS for block in PICTURE.findall(text)
             for line in block.splitlines() if not line.startswith(" ")}  # fmt: skip
    assert kinds == {"area", "balance", "chart", "graph", "line", "pictogram"}
