"""The shapes of what the lesson's JSON doors answer, for ``docs/openapi.json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tutor_emotion.lessons.choosing import Item, Reason
from tutor_emotion.lessons.marking.base import Verdict

Sibling = Literal["easier_item", "similar_item", "harder_item", "prerequisite_item"]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChoiceReply(_Reply):
    """``label`` is the same as ``html`` in bare words."""

    key: str
    html: str
    label: str


class ItemReply(_Reply):
    """A question, never its answer. ``variant`` is null for the step's own."""

    variant: int | None
    version: str
    html: str
    kind: str
    form: str
    choices: list[ChoiceReply]
    difficulty: float
    expected_s: float | None
    help: str


class StepReply(_Reply):
    slug: str
    title: str
    skill: str
    skill_name: str
    strategy: str
    item: ItemReply
    segments: list[str]
    hints: list[str]
    worked: str
    examples: list[str]
    siblings: dict[Sibling, ItemReply]


class Content(_Reply):
    """A whole lesson; its HTML is safe."""

    lesson: str
    title: str
    language: str
    direction: Literal["ltr", "rtl"]
    steps: list[StepReply]


class NextItem(_Reply):
    """``step`` is null where nothing is left; ``why`` is ``reason`` in words."""

    step: str | None
    item: Item
    reason: Reason
    skill: str
    examples: int
    may_skip: bool
    why: str


class AnswerReply(_Reply):
    """``normalised`` is the answer in one canonical form; ``solved`` are steps of the lesson."""

    correct: bool
    verdict: Verdict
    counted: bool
    normalised: str
    expected_p: float | None
    feedback: str
    solved: list[str]
    next: NextItem
