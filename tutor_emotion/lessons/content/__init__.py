"""Lessons as files: read, checked to the last answer, before anything is written."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.lessons.marking import MAX_ANSWER_CHARS, AnswerKind, Form, as_text, check_item
from tutor_emotion.lessons.richtext import parts, render, render_inline

FRACTIONS = Path(__file__).parent / "fractions.toml"
MAX_FILE_BYTES = 2_000_000

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Keys = (
    Annotated[str, StringConstraints(min_length=1, max_length=MAX_ANSWER_CHARS)]
    | Annotated[list[Slug], Field(min_length=1, max_length=12)]
)


class Choice(_Part):
    key: Slug
    text: Line


class Mistake(_Part):
    """A typical wrong answer, and what the learner is told about it."""

    answer: Keys
    says: Line


class Answer(_Part):
    kind: AnswerKind
    value: Keys
    accept: list[Line] = []
    tolerance: str = ""
    form: Form = "any"
    bottom: int | None = None
    variables: list[str] = []
    choices: list[Choice] = []


class Sibling(_Part):
    """An item beside a step, with its own question."""

    prompt: Text
    answer: Answer
    mistakes: list[Mistake] = []
    help: Line
    difficulty: Share | None = None


class Skill(_Part):
    name: Line
    prerequisite_item: Sibling


class StepSpec(_Part):
    slug: Slug
    title: Line
    skill: Slug
    difficulty: Share
    expected_s: Annotated[float, Field(gt=0, le=3600)]
    strategy: Line
    prompt: Text
    answer: Answer
    mistakes: list[Mistake]
    hints: Annotated[list[Line], Field(min_length=1, max_length=6)]
    segmented: Text
    worked_step: Text
    extra_example: Text
    easier_item: Sibling
    similar_item: Sibling
    harder_item: Sibling


class LessonSpec(_Part):
    slug: Slug
    course: Slug
    title: Line
    summary: Line
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z-]{2,20}$")]
    order: int = 0
    skills: dict[Slug, Skill]
    steps: Annotated[list[StepSpec], Field(min_length=1, max_length=200)]


class _Asked(_Part):
    """The fields that marking looks at, of a step or of a sibling."""

    answer_kind: AnswerKind
    answer: str
    accept: list[str]
    tolerance: str
    form: Form
    bottom: int | None
    variables: list[str]
    choices: list[dict[str, str]]
    mistakes: list[dict[str, str]]


def asked(item: StepSpec | Sibling) -> dict[str, object]:
    """The item's question as fields of ``Question`` (and as what ``mark`` reads)."""
    return {
        "prompt": item.prompt.strip(),
        "answer_kind": item.answer.kind,
        "answer": as_text(item.answer.value),
        "accept": list(item.answer.accept),
        "tolerance": item.answer.tolerance,
        "form": item.answer.form,
        "bottom": item.answer.bottom,
        "variables": list(item.answer.variables),
        "choices": [choice.model_dump() for choice in item.answer.choices],
        "mistakes": [
            {"answer": as_text(mistake.answer), "says": mistake.says} for mistake in item.mistakes
        ],
    }


def read_lesson(path: Path) -> tuple[LessonSpec, str]:
    """A lesson file, checked: shapes, pictures, and every answer marked. With its sha256.

    Raises:
        BadInput: ``bad_lesson``, naming file and place.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadInput("bad_lesson", f"{path.name}: larger than 2 MB.")
    raw = path.read_bytes()
    try:
        spec = LessonSpec.model_validate(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("bad_lesson", f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput("bad_lesson", f"{path.name}: {where}: {first['msg']}") from None
    _check(spec, path.name)
    return spec, hashlib.sha256(raw).hexdigest()


def items(spec: LessonSpec) -> Iterator[tuple[str, StepSpec | Sibling]]:
    """Every question of a lesson with its place: the steps and all siblings."""
    for name, skill in spec.skills.items():
        yield f"skills.{name}.prerequisite_item", skill.prerequisite_item
    for step in spec.steps:
        yield step.slug, step
        yield f"{step.slug}.easier_item", step.easier_item
        yield f"{step.slug}.similar_item", step.similar_item
        yield f"{step.slug}.harder_item", step.harder_item


def _check(spec: LessonSpec, file: str) -> None:
    slugs = [step.slug for step in spec.steps]
    if len(set(slugs)) != len(slugs):
        raise BadInput("bad_lesson", f"{file}: two steps have the same slug.")
    for step in spec.steps:
        if step.skill not in spec.skills:
            raise BadInput("bad_lesson", f"{file}: {step.slug}: unknown skill {step.skill!r}.")
    for where, item in items(spec):
        try:
            _check_item(item)
        except TutorEmotionError as error:
            raise BadInput("bad_lesson", f"{file}: {where}: {error.message}") from None


def _check_item(item: StepSpec | Sibling) -> None:
    question = _Asked.model_validate({k: v for k, v in asked(item).items() if k != "prompt"})
    check_item(question)
    for mistake in item.mistakes:
        render_inline(mistake.says)
    render(item.prompt)
    if isinstance(item, StepSpec):
        for text in (item.worked_step, item.extra_example, *item.hints):
            render(text)
        parts(item.segmented)


Kind = Literal["easier_item", "similar_item", "harder_item"]
SIBLINGS: tuple[Kind, ...] = ("easier_item", "similar_item", "harder_item")
