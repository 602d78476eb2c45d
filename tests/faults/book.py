"""What was acknowledged, against what is stored: nothing lost, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from tutor_emotion.protocol import SessionSummary

Noted: TypeAlias = tuple[str, str, float, str]  # a signal: session, edge, when, skill
Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass
class Book:
    """One learner's own record. Keys are those of the wire: attempts, sessions, numbers."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, bool] = field(default_factory=dict)  # attempt: correct
    sessions: list[str] = field(default_factory=list)
    shown: list[tuple[str, int]] = field(default_factory=list)
    # What was done with an offer, and the number under which it was reported.
    outcomes: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    reported: dict[int, str] = field(default_factory=dict)  # number: kind
    kept: int = 0  # up to which number the server said so
    # Signals and Adaptations that the learner's own record told.
    noted: Counter[Noted] = field(default_factory=Counter)
    told: set[tuple[str, int]] = field(default_factory=set)
    # What the record had told before and does not tell any more.
    forgotten: list[str] = field(default_factory=list)
    agreed: dict[str, bool] = field(default_factory=dict)  # as the trial began
    choices: list[tuple[str, bool]] = field(default_factory=list)  # answered 2xx since then
    given_up: set[str] = field(default_factory=set)  # asked for, and never answered
    ledger_from: int = 0  # entries up to this number are of other trials

    @property
    def consents(self) -> dict[str, bool]:
        """As it has to be after the last choice."""
        return self.agreed | dict(self.choices)

    def begin(self, rows: Rows) -> None:
        """From now on the ledger's entries are of this trial."""
        self.ledger_from = max((int(n) for _, _, n, *_ in rows(_LEDGER)), default=0)

    def read(self, record: SessionSummary) -> None:
        """What a learner has once read of their session is as good as promised."""
        session = _key(record.session)
        signals = Counter(
            (session, str(s["edge"]), round(float(s["at_s"]), 6), str(s["skill"]))
            for s in record.signals
        )
        told = {(session, int(a["id"])) for a in record.adaptations}
        before = {key for key in self.noted if key[0] == session}
        self.forgotten += [f"the record tells signal {s} no more" for s in before - set(signals)]
        self.forgotten += [
            f"the record tells adaptation {a} no more" for a in self.told - told if a[0] == session
        ]
        self.noted |= signals
        self.told |= told

    def faults(self, rows: Rows, learner: str) -> list[str]:
        """What is not as it was acknowledged, in words; empty: all is well."""
        return [
            *self._answers(rows),
            *self._adaptations(rows),
            *self._signals(rows),
            *self._events(rows),
            *self._consents(rows, learner),
        ]

    def _answers(self, rows: Rows) -> list[str]:
        stored = Counter(
            _key(row[0]) for row in rows("SELECT client_id FROM tutor_emotion_lessons_attempt")
        )
        correct = {
            _key(k): bool(v)
            for k, v in rows("SELECT client_id, correct FROM tutor_emotion_lessons_attempt")
        }
        said = {
            key: marked for key, marked in self.acknowledged.items() if correct.get(key) != marked
        }
        return [
            *(f"answer {key} is lost" for key in self.acknowledged if not stored[key]),
            *(f"answer {key} is there {n} times" for key, n in stored.items() if n > 1),
            *(f"answer {key} was marked otherwise" for key in said if stored[key]),
        ]

    def _adaptations(self, rows: Rows) -> list[str]:
        query = "SELECT session_id, number, outcome FROM tutor_emotion_adaptationrecord"
        found = [((_key(s), int(n)), outcome) for s, n, outcome in rows(query)]
        stored, times = dict(found), Counter(key for key, _ in found)
        query = "SELECT session, number FROM tutor_emotion_lessons_lessonadaptation"
        heard = Counter((_key(s), int(n)) for s, n in rows(query))
        shown = Counter(self.shown)
        return [
            *self.forgotten,
            *(f"adaptation {key} was shown and is not stored" for key in shown
              if key not in stored),
            *(f"adaptation {key} was in the record and is not stored"
              for key in self.told - set(shown) if key not in stored),
            *(f"adaptation {key} is there {n} times" for key, n in times.items() if n > 1),
            *(f"adaptation {key} was shown {n} times" for key, n in shown.items() if n > 1),
            *(f"adaptation {key} never reached the lesson" for key in shown
              if key in stored and not heard[key]),
            *(f"adaptation {key} reached the lesson {n} times"
              for key, n in heard.items() if n > 1),
            *(f"outcome of {key} is {stored.get(key)!r} and was {outcome!r}"
              for key, (outcome, number) in self.outcomes.items()
              if number <= self.kept and stored.get(key, outcome) != outcome),
        ]  # fmt: skip

    def _events(self, rows: Rows) -> list[str]:
        query = "SELECT session_id, kind, number FROM tutor_emotion_eventrecord"
        mine = {session.replace("-", "") for session in self.sessions}
        stored = Counter(
            (int(n), kind) for s, kind, n in rows(query) if n is not None and _key(s) in mine
        )
        return [
            *(f"event {number} ({kind}) was kept and is not stored"
              for number, kind in self.reported.items()
              if number <= self.kept and not stored[number, kind]),
            *(f"event {key} is there {n} times" for key, n in stored.items() if n > 1),
        ]  # fmt: skip

    def _signals(self, rows: Rows) -> list[str]:
        query = """SELECT key, session_id, edge, at_s, skill FROM tutor_emotion_affectsignalrecord
            WHERE key IS NOT NULL"""
        found = rows(query)
        keys = Counter(_key(row[0]) for row in found)
        stored = Counter((_key(s), e, round(float(at), 6), skill) for _, s, e, at, skill in found)
        return [
            *(f"signal {key} is there {n} times" for key, n in keys.items() if n > 1),
            *(f"signal {s} was in the record {n} times and is stored {stored[s]} times"
              for s, n in self.noted.items() if stored[s] != n),
        ]  # fmt: skip

    def _consents(self, rows: Rows, learner: str) -> list[str]:
        query = f"""SELECT c.modality FROM tutor_emotion_consent c
            JOIN auth_user u ON u.id = c.learner_id
            WHERE u.username = '{learner}' AND c.revoked_at IS NULL"""
        live = Counter(str(row[0]) for row in rows(query))
        return [
            *(f"consent to {m} is {live[m] > 0} and was {yes}"
              for m, yes in self.consents.items() if (live[m] > 0) != yes),
            *(f"consent to {m} is there {n} times" for m, n in live.items() if n > 1),
            *self._ledger(rows, learner),
        ]  # fmt: skip

    def _ledger(self, rows: Rows, learner: str) -> list[str]:
        """Each choice that changed something is one entry, in the order of the answers."""
        entries = [
            (str(what), bool(given))
            for who, what, number, given in rows(_LEDGER)
            if who == learner and int(number) > self.ledger_from
        ]
        faults = []
        for m in self.agreed:
            written = [given for what, given in entries if what == m]
            chosen = [yes for what, yes in self.choices if what == m]
            was = self.agreed[m]
            changes = [yes for before, yes in pairwise([was, *chosen]) if yes != before]
            if any(a == b for a, b in pairwise([was, *written])):
                faults.append(f"the ledger has a choice of {m} twice: {written}")
            elif not _in_order(changes, written):
                faults.append(f"choices of {m} {changes} are not in the ledger: {written}")
            elif m not in self.given_up and len(written) > len(changes):
                faults.append(f"the ledger has choices of {m} that nobody made: {written}")
        return faults


_LEDGER = """SELECT u.username, l.what, l.number, l.given FROM tutor_emotion_ledgerentry l
    JOIN tutor_emotion_learnerrecord r ON r.pseudonym = l.subject
    JOIN auth_user u ON u.id = r.learner_id ORDER BY l.number"""


def _in_order(wanted: list[bool], found: list[bool]) -> bool:
    """Whether all that is wanted is found, in its order, among others perhaps."""
    rest = iter(found)
    return all(any(one == other for other in rest) for one in wanted)


def _key(value: object) -> str:
    """A UUID as both databases' drivers give it."""
    return str(value).replace("-", "")
