"""The book finds what is lost and what is there twice; otherwise no trial could fail."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from tests.faults.book import Book
from tutor_emotion.protocol import SessionSummary

A, B, C = "a" * 32, "b" * 32, "c" * 32
SIGNAL = (C, B, "raised", 4.5, "equivalence")
YES = ("ada", "face", 3, True)  # of a trial before
NO = ("ada", "voice", 4, False)
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
        noted=Counter({SIGNAL[1:]: 1}),
        told={(B, 1)},
        agreed={"face": True, "voice": True},
        choices=[("voice", False), ("voice", False)],
        ledger_from=3,
    )


def record(**other: list[dict[str, Any]]) -> SessionSummary:
    signals = [{"kind": "stuck", "edge": "raised", "at_s": 4.5, "skill": "equivalence"}]
    told: dict[str, Any] = {"signals": signals, "adaptations": [{"id": 1}]} | other
    nothing: dict[str, Any] = {"windows": {}, "moments": [], "events": [], "looks": []}
    return SessionSummary(
        session=str(UUID(B)), course="fractions", lesson="fractions-1", estimates=1,
        **(nothing | told),
    )  # fmt: skip


def tables(**other: list[tuple[Any, ...]]) -> Tables:
    rows: dict[str, list[tuple[Any, ...]]] = {
        "lessons_attempt": [(A, True)],
        "adaptationrecord": [(B, 1, "taken")],
        "lessons_lessonadaptation": [(B, 1)],
        "affectsignalrecord": [SIGNAL],
        "eventrecord": [(B, "Answer", 1), (B, "Outcome", 2), (A, "Answer", 1)],
        "consent": [("face",)],
        "ledgerentry": [YES, NO],
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
        ("adaptationrecord", [(B, 1, "taken"), (B, 1, "taken")], "is there 2 times"),
        ("affectsignalrecord", [], "was in the record 1 times and is stored 0 times"),
        ("affectsignalrecord", [(C, B, "raised", 4.6, "equivalence")], "stored 0 times"),
        ("affectsignalrecord", [SIGNAL, (A, *SIGNAL[1:])], "is stored 2 times"),
        (
            "affectsignalrecord",
            [SIGNAL, (A, B, "raised", 9.0, ""), (A, B, "cleared", 9.0, "")],
            "is there 2 times",
        ),
        ("eventrecord", [(B, "Answer", 1)], "event 2 (Outcome) was kept and is not stored"),
        ("eventrecord", [*DONE, (B, "Answer", 1)], "2 times"),
        ("lessons_lessonadaptation", [(B, 1), (B, 1)], "reached the lesson 2 times"),
        ("lessons_lessonadaptation", [], "never reached the lesson"),
        ("consent", [], "consent to face is False and was True"),
        ("consent", [("face",), ("voice",)], "consent to voice is True and was False"),
        ("consent", [("face",), ("face",)], "is there 2 times"),
        ("ledgerentry", [YES], "choices of voice [False] are not in the ledger: []"),
        ("ledgerentry", [YES, NO, ("ada", "voice", 5, False)], "a choice of voice twice"),
        ("ledgerentry", [YES, NO, ("ada", "voice", 5, True)], "that nobody made"),
        ("ledgerentry", [YES, NO, ("ada", "face", 5, False)], "that nobody made"),
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
    assert any("was shown 2 times" in fault for fault in book.faults(tables(), "ada"))


def test_what_the_record_tells_must_be_stored() -> None:
    book = Book()
    book.read(record())
    assert (
        book.faults(Tables(affectsignalrecord=[SIGNAL], adaptationrecord=[(B, 1, "")]), "a") == []
    )
    adaptation, signal = book.faults(Tables(), "a")
    assert adaptation.endswith("was in the record and is not stored")
    assert signal.endswith("was in the record 1 times and is stored 0 times")


def test_what_the_record_told_once_it_must_tell_again() -> None:
    book = Book()
    book.read(record())
    book.read(record())
    assert book.forgotten == []
    book.read(record(signals=[], adaptations=[]))
    assert len(book.forgotten) == 2
    assert all(fault in book.faults(tables(), "ada") for fault in book.forgotten)


def test_a_yes_that_nobody_waited_for_may_be_there_before_the_no_and_never_after_it() -> None:
    book = whole()
    book.given_up.add("voice")
    yes, no = ("ada", "voice", 5, True), ("ada", "voice", 6, False)
    assert book.faults(tables(ledgerentry=[YES, NO, yes, no]), "ada") == []
    late = tables(ledgerentry=[YES, NO, yes], consent=[("face",), ("voice",)])
    assert any("consent to voice is True" in fault for fault in book.faults(late, "ada"))


def test_entries_of_trials_before_are_not_of_this_one() -> None:
    book = Book()
    book.begin(tables())
    assert book.ledger_from == 4
