"""What was acknowledged, against what is stored: nothing lost, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
    consents: dict[str, bool] = field(default_factory=dict)

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
        stored = {(_key(s), int(n)): outcome for s, n, outcome in rows(query)}
        doubled = [key for key, n in Counter(self.shown).items() if n > 1]
        return [
            *(f"adaptation {key} was shown and is not stored" for key in self.shown
              if key not in stored),
            *(f"adaptation {key} was shown twice" for key in doubled),
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
        query = "SELECT key FROM tutor_emotion_affectsignalrecord WHERE key IS NOT NULL"
        stored = Counter(_key(key) for (key,) in rows(query))
        told = "SELECT session, number FROM tutor_emotion_lessons_lessonadaptation"
        heard = Counter((_key(s), n) for s, n in rows(told))
        return [
            *(f"signal {key} is there {n} times" for key, n in stored.items() if n > 1),
            *(
                f"adaptation {key} reached the lesson {n} times"
                for key, n in heard.items()
                if n > 1
            ),
        ]

    def _consents(self, rows: Rows, learner: str) -> list[str]:
        query = f"""SELECT c.modality FROM tutor_emotion_consent c
            JOIN auth_user u ON u.id = c.learner_id
            WHERE u.username = '{learner}' AND c.revoked_at IS NULL"""
        live = Counter(str(row[0]) for row in rows(query))
        return [
            *(f"consent to {m} is {live[m] > 0} and was {yes}"
              for m, yes in self.consents.items() if (live[m] > 0) != yes),
            *(f"consent to {m} is there {n} times" for m, n in live.items() if n > 1),
        ]  # fmt: skip


def _key(value: object) -> str:
    """A UUID as both databases' drivers give it."""
    return str(value).replace("-", "")
