"""The book finds what is lost and what is there twice; otherwise no trial could fail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.book import Book

A, B = "a" * 32, "b" * 32
DONE = [(B, "Answer", 1), (B, "Outcome", 2)]


class Tables:
    """Rows by the table that a query names."""

    def __init__(self, **rows: list[tuple[Any, ...]]) -> None:
        self.by_table = rows

    def __call__(self, query: str) -> list[tuple[Any, ...]]:
        name = query.split("FROM tutor_emotion_")[1].split()[0]
        rows = self.by_table.get(name, [])
        return [row[:1] for row in rows] if "client_id FROM" in query else rows


def whole() -> Book:
    return Book(
        acknowledged={A: True},
        shown=[(B, 1)],
        outcomes={(B, 1): ("taken", 2)},
        sessions=[B],
        reported={1: "Answer", 2: "Outcome", 3: "Answer"},
        kept=2,
        consents={"face": True, "voice": False},
    )


def tables(**other: list[tuple[Any, ...]]) -> Tables:
    rows: dict[str, list[tuple[Any, ...]]] = {
        "lessons_attempt": [(A, True)],
        "adaptationrecord": [(B, 1, "taken")],
        "eventrecord": [(B, "Answer", 1), (B, "Outcome", 2), (A, "Answer", 1)],
        "consent": [("face",)],
    }
    return Tables(**(rows | other))


def test_what_is_stored_as_it_was_acknowledged_is_no_fault() -> None:
    assert whole().faults(tables(), "ada") == []


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("lessons_attempt", [], "is lost"),
        ("lessons_attempt", [(A, True), (A, True)], "is there 2 times"),
        ("lessons_attempt", [(A, False)], "was marked otherwise"),
        ("adaptationrecord", [], "was shown and is not stored"),
        ("adaptationrecord", [(B, 1, "ignored")], "is 'ignored' and was 'taken'"),
        ("affectsignalrecord", [(A,), (A,)], "signal"),
        ("eventrecord", [(B, "Answer", 1)], "event 2 (Outcome) was kept and is not stored"),
        ("eventrecord", [*DONE, (B, "Answer", 1)], "2 times"),
        ("lessons_lessonadaptation", [(B, 1), (B, 1)], "reached the lesson 2 times"),
        ("consent", [], "consent to face is False and was True"),
        ("consent", [("face",), ("voice",)], "consent to voice is True and was False"),
        ("consent", [("face",), ("face",)], "is there 2 times"),
    ],
)
def test_each_loss_and_each_double_is_found(
    table: str, rows: list[tuple[Any, ...]], said: str
) -> None:
    faults = whole().faults(tables(**{table: rows}), "ada")
    assert len(faults) == 1, faults
    assert said in faults[0]


def test_an_adaptation_that_was_shown_twice_is_found() -> None:
    book = whole()
    book.shown.append((B, 1))
    assert any("was shown twice" in fault for fault in book.faults(tables(), "ada"))
