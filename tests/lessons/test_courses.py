"""Two shipped courses: whole, marked rightly, and shown as they are meant."""

from __future__ import annotations

import re

import pytest

from tests.lessons.course_files import KEYS, LOADED, MATH, PICTURE, QUESTIONS, STEPS, TEXTS
from tutor_emotion.lessons.content.asking import Asked
from tutor_emotion.lessons.content.spec import Step
from tutor_emotion.lessons.marking import check_item, mark
from tutor_emotion.lessons.mathml import to_mathml
from tutor_emotion.lessons.richtext import parts, render, render_inline

each_step = pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))


# --- whole ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_a_course_has_twelve_steps_and_its_skills_in_order(key: str) -> None:
    course = LOADED[key]
    steps = [step for lesson in course.lessons for step in lesson.steps]
    assert (course.key, len(course.lessons)) == (key, 2)
    assert course.summary
    assert course.description
    assert len(steps) >= 12
    assert 3 <= len(course.skills) <= 4
    assert {step.skill for step in steps} == set(course.skills)
    seen: set[str] = set()
    for name, skill in course.skills.items():
        assert set(skill.prerequisite) <= seen, f"{name} comes before what it needs"
        seen.add(name)


def test_every_kind_of_answer_is_asked_for() -> None:
    assert {question.answer_kind for question in QUESTIONS.values()} == {
        "number", "fraction", "expression", "choice", "several", "order", "text",
    }  # fmt: skip
    assert any(question.tolerance for question in QUESTIONS.values())


@each_step
def test_a_step_has_all_its_variants(step: Step) -> None:
    assert len(step.hints) >= 2
    assert step.segmented
    assert len(parts(step.segmented)) >= 2
    assert step.extra_example
    assert step.easier
    assert step.similar
    assert step.harder
    assert step.easier.difficulty < step.difficulty < step.harder.difficulty
    assert step.similar.difficulty == step.difficulty


@each_step
def test_a_question_in_parts_ends_with_the_question(step: Step) -> None:
    asked, last = step.prompt.replace("**", ""), (step.segmented or "").replace("**", "")
    assert asked.split()[-2:] == last.split()[-2:]


# --- marked ---------------------------------------------------------------------------------------


@each_question
def test_own_answer_right_and_typical_mistakes_wrong(question: Asked) -> None:
    check_item(question)
    assert question.mistakes
    for mistake in question.mistakes:
        marked = mark(question, mistake["answer"])
        assert (marked.verdict, marked.says) == ("wrong", mistake["says"])


@each_question
def test_what_a_learner_is_told_is_about_the_step(question: Asked) -> None:
    for mistake in question.mistakes:
        said = mistake["says"].casefold()
        assert not re.search(r"\b(you are|your|wrong|sorry|good|great|well done|careful)\b", said)


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
    drawn = {place.partition(":")[0] for place, text in TEXTS if PICTURE.search(text)}
    assert len([place for place in drawn if place.startswith("equations")]) >= 7
    assert len([place for place in drawn if place.startswith("graphs")]) == 14
    lines = [
        line for _, text in TEXTS for block in PICTURE.findall(text) for line in block.split("\n")
    ]
    assert {line.split()[0] for line in lines if not line.startswith(" ")} == {
        "area", "balance", "chart", "graph", "line", "pictogram",
    }  # fmt: skip
