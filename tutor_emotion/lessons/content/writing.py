"""``Course`` → the files that read back to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tutor_emotion.lessons.content.naming import (
    COURSE_FILE,
    LESSON_FILE,
    PREREQUISITE,
    PREREQUISITE_DIFFICULTY,
    SIBLING_SECTIONS,
    TEXT_SECTIONS,
)
from tutor_emotion.lessons.content.spec import Course, Lesson, Sibling, Skill, Step

WIDTH = 100


def write_files(course: Course) -> dict[str, bytes]:
    """The course's files by their path; ``read_files`` makes the same course of them."""
    head = {"key": course.key, "title": course.title, "summary": course.summary}
    files = {COURSE_FILE: _file({**head, "language": course.language}, course.description)}
    homes = _homes(course)
    for lesson in course.lessons:
        skills = {key: skill for key, skill in course.skills.items() if homes[key] == lesson.slug}
        files[f"{lesson.slug}/{LESSON_FILE}"] = _lesson(lesson, skills)
        for number, step in enumerate(lesson.steps, 1):
            files[f"{lesson.slug}/{number:02d}-{step.slug}.md"] = _step(step)
    return files


def _homes(course: Course) -> dict[str, str]:
    """Which lesson's file tells of a skill: the first that practises it, else the first."""
    homes: dict[str, str] = {}
    for lesson in course.lessons:
        for step in lesson.steps:
            homes.setdefault(step.skill, lesson.slug)
    first = course.lessons[0].slug if course.lessons else ""
    return {key: homes.get(key, first) for key in course.skills}


def _lesson(lesson: Lesson, skills: dict[str, Skill]) -> bytes:
    front: dict[str, Any] = {
        "title": lesson.title,
        "summary": lesson.summary,
        "order": lesson.order,
    }
    if lesson.language:
        front["language"] = lesson.language
    if skills:
        front["skills"] = {key: _skill(skill) for key, skill in skills.items()}
    items = [
        (f"{PREREQUISITE}{key}", skill.item.prompt) for key, skill in skills.items() if skill.item
    ]
    return _file(front, lesson.introduction, items)


def _skill(skill: Skill) -> dict[str, Any]:
    front: dict[str, Any] = {"name": skill.name}
    if skill.prerequisite:
        front["prerequisite"] = skill.prerequisite
    if skill.item:
        front["item"] = _question(skill.item, usual=PREREQUISITE_DIFFICULTY)
    return front


def _step(step: Step) -> bytes:
    front: dict[str, Any] = {
        "title": step.title,
        "skill": step.skill,
        "difficulty": step.difficulty,
        "expected_s": int(step.expected_s) if step.expected_s.is_integer() else step.expected_s,
        "strategy": step.strategy,
        **_answer(step),
    }
    for name in SIBLING_SECTIONS.values():
        if sibling := getattr(step, name):
            front[name] = _question(sibling, usual=step.difficulty)
    return _file(front, step.prompt, _sections(step))


def _sections(step: Step) -> Iterator[tuple[str, str]]:
    for hint in step.hints:
        yield "Hint", hint
    for heading, name in TEXT_SECTIONS.items():
        if text := getattr(step, name):
            yield heading, text
    for heading, name in SIBLING_SECTIONS.items():
        if sibling := getattr(step, name):
            yield heading, sibling.prompt


def _question(item: Sibling, usual: float) -> dict[str, Any]:
    front: dict[str, Any] = {} if item.difficulty == usual else {"difficulty": item.difficulty}
    return front | _answer(item) | {"help": item.help}


def _answer(item: Step | Sibling) -> dict[str, Any]:
    front: dict[str, Any] = {"answer": item.answer.model_dump(exclude_defaults=True)}
    if item.mistakes:
        front["mistakes"] = [mistake.model_dump() for mistake in item.mistakes]
    return front


def _file(front: dict[str, Any], text: str, sections: Any = ()) -> bytes:
    # None: lists and mappings without others inside stand on one line.
    head = yaml.dump(
        front,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=WIDTH,
    )
    parts = [f"---\n{head}---\n{text}".rstrip()]
    parts += [f"# {heading}\n{body}" for heading, body in sections]
    return ("\n\n".join(parts) + "\n").encode()


class _Dumper(yaml.SafeDumper):
    """One key a line at the top; lists under their key; the same list twice is written twice."""

    def represent(self, data: Any) -> None:
        node = self.represent_data(data)
        node.flow_style = False  # type: ignore[attr-defined]
        self.serialize(node)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)
