"""The shapes of a course: what its files say, what its rows hold, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, get_args

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from tutor_emotion.lessons.content.sections import trimmed
from tutor_emotion.lessons.marking import AnswerKind, Form

MAX_STEPS = 200
MAX_LESSONS = 50
MAX_HINTS = 6

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
CourseKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Text = Annotated[
    str, StringConstraints(pattern=r"\S", min_length=1, max_length=8_000), AfterValidator(trimmed)
]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*\S[^\r\n]*$", max_length=300)]
Short = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*\S[^\r\n]*$", max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _text_or_keys(value: Any) -> Any:
    if isinstance(value, list) or (isinstance(value, str) and value.strip()):
        return value
    raise ValueError(_("Put it in quotes: “7”, not 7."))


Given: TypeAlias = Annotated[
    Short | Annotated[list[Slug], Field(min_length=1, max_length=12)],
    BeforeValidator(_text_or_keys),
]

KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
LIST_KINDS = ("several", "order")
CHOICE_KINDS = ("choice", *LIST_KINDS)
FIELDS_OF_KIND = {
    "number": {"tolerance"},
    "fraction": {"form", "bottom"},
    "expression": {"form", "variables"},
    "text": {"accept"},
} | {kind: {"choices"} for kind in CHOICE_KINDS}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Choice(_Part):
    key: Slug
    text: Line


class Mistake(_Part):
    """A typical wrong answer, and what the learner is told about it."""

    answer: Given
    says: Line


class Answer(_Part):
    kind: AnswerKind
    value: Given
    accept: list[Line] = []
    tolerance: Annotated[str, StringConstraints(max_length=20)] = ""
    form: Form = "any"
    bottom: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    variables: Annotated[list[Line], Field(max_length=12)] = []
    choices: Annotated[list[Choice], Field(max_length=12)] = []

    @model_validator(mode="before")
    @classmethod
    def _only_what_the_kind_has(cls, data: Any) -> Any:
        """A field of another kind is a slip, said before it is silently left unused."""
        if not isinstance(data, dict) or data.get("kind") not in FIELDS_OF_KIND:
            return data
        kind = data["kind"]
        known = FIELDS_OF_KIND[kind] | {"kind", "value"}
        for name in data:
            if name not in known:
                raise ValueError(_("An answer of kind %s has no “%s”.") % (kind, name))
        return data

    @model_validator(mode="after")
    def _is_one_text_or_keys(self) -> Answer:
        if isinstance(self.value, list) != (self.kind in LIST_KINDS):
            raise ValueError(_("“value” is a list of keys for several and order, else one text."))
        return self


class Question(_Part):
    prompt: Text
    answer: Answer
    mistakes: Annotated[list[Mistake], Field(max_length=20)] = []
    difficulty: Share


class Sibling(Question):
    """An item beside a step, with its own question. ``help`` is its one hint."""

    help: Line


class Step(Question):
    """A question with the ladder and the siblings that stand beside it."""

    slug: Slug
    title: Annotated[Line, StringConstraints(max_length=120)]
    skill: Slug
    expected_s: Seconds
    strategy: Line
    hints: Annotated[list[Text], Field(min_length=1, max_length=MAX_HINTS)]
    segmented: Text | None = None
    worked_step: Text
    extra_example: Text | None = None
    easier: Sibling | None = None
    similar: Sibling | None = None
    harder: Sibling | None = None


class Skill(_Part):
    """``prerequisite``: keys of the skills before it; ``item`` asks for what must be known."""

    name: Line
    prerequisite: Annotated[list[Slug], Field(max_length=20)] = []
    item: Sibling | None = None


class Lesson(_Part):
    """``language`` is None where it is the course's."""

    slug: Slug
    title: Annotated[Line, StringConstraints(max_length=200)]
    summary: Line
    order: Annotated[int, Field(ge=0, le=10_000)] = 0
    language: Language | None = None
    introduction: Annotated[str, StringConstraints(max_length=8_000), AfterValidator(trimmed)] = ""
    steps: Annotated[list[Step], Field(max_length=MAX_STEPS)]


class Course(_Part):
    """Skills belong to the course; a step of any lesson may practise any of them."""

    key: CourseKey
    title: Annotated[Line, StringConstraints(max_length=200)]
    summary: Annotated[str, StringConstraints(pattern=r"^[^\r\n]*$", max_length=300)] = ""
    language: Language = "en"
    description: Annotated[str, StringConstraints(max_length=8_000), AfterValidator(trimmed)] = ""
    skills: dict[Slug, Skill]
    lessons: Annotated[list[Lesson], Field(max_length=MAX_LESSONS)]
