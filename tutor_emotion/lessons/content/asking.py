"""A question between a file and a row: ``asked`` gives the fields of a row, ``answer_of`` reads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tutor_emotion.lessons.content.spec import (
    CHOICE_KINDS,
    LIST_KINDS,
    Question,
)
from tutor_emotion.lessons.marking import as_text


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of a ``Question`` row, which are also what ``mark`` reads."""

    prompt: str
    difficulty: float
    answer_kind: str
    answer: str
    accept: list[str]
    tolerance: str
    form: str
    bottom: int | None
    variables: list[str]
    choices: list[dict[str, str]]
    mistakes: list[dict[str, str]]

    def row(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def asked(item: Question) -> Asked:
    """The question of a step or of a sibling as a row has it."""
    answer = item.answer
    return Asked(
        prompt=item.prompt,
        difficulty=item.difficulty,
        answer_kind=answer.kind,
        answer=as_text(answer.value),
        accept=list(answer.accept),
        tolerance=answer.tolerance,
        form=answer.form,
        bottom=answer.bottom,
        variables=list(answer.variables),
        choices=[choice.model_dump() for choice in answer.choices],
        mistakes=[{"answer": as_text(m.answer), "says": m.says} for m in item.mistakes],
    )


def _given(kind: str, text: str) -> str | list[str]:
    return text.split() if kind in LIST_KINDS else text


def answer_of(row: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """``answer`` and ``mistakes`` of a row, as a file has them; what is not said is left out."""
    kind = row.answer_kind
    answer: dict[str, Any] = {"kind": kind, "value": _given(kind, row.answer)}
    if kind in CHOICE_KINDS:
        answer["choices"] = [dict(choice) for choice in row.choices]
    if kind == "text" and row.accept:
        answer["accept"] = list(row.accept)
    if kind == "number" and row.tolerance:
        answer["tolerance"] = row.tolerance
    if kind in ("fraction", "expression") and row.form != "any":
        answer["form"] = row.form
    if kind == "fraction" and row.form == "over":
        answer["bottom"] = row.bottom
    if kind == "expression" and row.variables:
        answer["variables"] = list(row.variables)
    mistakes = [
        {"answer": _given(kind, mistake["answer"]), "says": mistake["says"]}
        for mistake in row.mistakes
    ]
    return answer, mistakes
