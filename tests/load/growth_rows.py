"""``python -m tests.load.growth_rows``: a year of a school of 1,000 in rows and bytes.

Some learners of ``simulate_class`` live through one lesson each with the real engine; what it says
is written into a real PostgreSQL by the same models, sealed, ``COPIES`` sessions of each. From the
rows of a session and the bytes of a row (table, indexes and TOAST, by pg_total_relation_size) it
follows what is kept by the default periods. The same seed gives the same table.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.growth.server import postgres

LEARNERS, WEEKS, LESSONS_A_WEEK, LESSON_MINUTES = 1_000, 40, 4, 40
SIMULATED, COPIES, SEED = 12, 100, 1
LOOKS_A_LEARNER_AND_WEEK = 2
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Row:
    """One table: rows that a session (or a learner) makes, and what one of them weighs, bytes."""

    table: str
    each: float
    of: str  # session | learner
    days: int | None
    heap: float
    indexes: float

    @property
    def at_most(self) -> int:
        """Rows when the school has gone on for years."""
        if self.of == "learner":
            return round(self.each * LEARNERS)
        return round(self.each * LEARNERS * LESSONS_A_WEEK * self.weeks)

    @property
    def weeks(self) -> float:
        """Weeks of lessons within the period: holidays are a fifth of a year."""
        return WEEKS if self.days is None else self.days / 365 * WEEKS

    @property
    def mib(self) -> float:
        return self.at_most * (self.heap + self.indexes) / MIB


def main() -> int:
    logging.disable(logging.WARNING)
    with postgres():
        rows = measured()
    say = sys.stdout.write
    say("| table | rows | days | bytes a row | of them indexes | rows kept | MiB |\n")
    say("|---|---|---|---|---|---|---|\n")
    for row in rows:
        days = row.days if row.days is not None else "–"
        say(
            f"| `{row.table}` | {row.each:.1f} a {row.of} | {days} | {row.heap + row.indexes:.0f} "
            f"| {row.indexes:.0f} | {row.at_most:,} | {row.mib:.0f} |\n"
        )
    say(f"| together | | | | | {sum(r.at_most for r in rows):,} |")
    say(f" {sum(r.mib for r in rows):.0f} |\n")
    return 0


def measured() -> list[Row]:
    from tutor_emotion.conf import get_settings
    from tutor_emotion.models import (
        AdaptationRecord,
        AffectSignalRecord,
        Consent,
        EventRecord,
        LedgerEntry,
        Look,
        Policy,
        Session,
    )

    settings, sessions = get_settings(), SIMULATED * COPIES
    _write()
    of_session = (
        (EventRecord, Policy().keep_events_days),
        (AffectSignalRecord, settings.KEEP_SIGNALS_DAYS),
        (AdaptationRecord, settings.KEEP_SIGNALS_DAYS),
        (Session, settings.KEEP_SESSIONS_DAYS),
        (Look, settings.KEEP_LOOKS_DAYS),
    )
    found = [_row(model, "session", sessions, days) for model, days in of_session]
    found += [_row(model, "learner", SIMULATED, None) for model in (Consent, LedgerEntry)]
    return found


def _write() -> None:
    """Sessions as the product writes them, of learners who agreed to everything; then copies."""
    from django.utils import timezone

    from tests.people import consent, course, person
    from tutor_emotion.models import Look, Session

    row, teacher = course(), person("teacher")
    looks = round(COPIES * LOOKS_A_LEARNER_AND_WEEK / LESSONS_A_WEEK)
    for number in range(SIMULATED):
        learner, now = person(f"learner-{number}"), timezone.now()
        consent(row, learner)
        session = Session.objects.create(
            learner=learner,
            course=row,
            lesson="fractions-1",
            ended_at=now,
            windows={"face:ok": 1500, "voice:ok": 300, "belief:known": 2000},
        )
        _write_session(str(session.pk), *_lived(number))
        Look.objects.bulk_create(
            Look(
                by=teacher, role="teacher", page="timeline", learner=learner, course=row,
                first_at=now - timedelta(days=n), last_at=now - timedelta(days=n),
            )
            for n in range(looks)
        )  # fmt: skip
    _copy()


def _copy() -> None:
    """Each session COPIES times, with everything in it: what is sealed keeps its length."""
    from django.db import connection

    from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, EventRecord, Session

    with connection.cursor() as cursor:
        for model in (Session, EventRecord, AffectSignalRecord, AdaptationRecord):
            key = "id" if model is Session else "session_id"
            columns = [
                f.column
                for f in model._meta.concrete_fields
                if model is Session or not f.primary_key
            ]
            values = [f"md5({key}::text || k)::uuid" if c == key else f'"{c}"' for c in columns]
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(values)}"
                f" FROM {model._meta.db_table}, generate_series(2, {COPIES}) k"
            )


def _write_session(session: str, events: list[Any], signals: Any, adaptations: Any) -> None:
    from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, EventRecord
    from tutor_emotion.services.events import _row as event_row
    from tutor_emotion.services.records import evidence_as_data

    EventRecord.objects.bulk_create(event_row(session, event, None) for event in events)
    AffectSignalRecord.objects.bulk_create(
        AffectSignalRecord(
            session_id=session, edge=s.edge, at_s=s.at_s, skill=s.skill
        ).holding(
            kind=s.kind, confidence=s.confidence, coverage=s.coverage, level=s.level,
            evidence=evidence_as_data(s.evidence), models_used=list(s.models),
        )
        for s in signals
    )  # fmt: skip
    AdaptationRecord.objects.bulk_create(
        AdaptationRecord(
            session_id=session, number=a.id, kind=a.kind, mode=a.mode, step=a.step,
            skill=a.skill, at_s=a.at_s,
        ).holding(
            signal=a.signal or "", message=a.message, evidence=evidence_as_data(a.evidence)
        )
        for a in adaptations
    )  # fmt: skip


def _lived(number: int) -> tuple[list[Any], Any, Any]:
    """What one simulated learner did, and what the engine said, in one lesson."""
    from tutor_emotion.services.events import is_kept
    from tutor_emotion.simulate.school import session as school
    from tutor_emotion.simulate.school.configurations import CONFIGURATIONS
    from tutor_emotion.simulate.school.figures import SHIPPED

    done: list[Any] = []

    class Noting(school.Watch):
        def second(self, now_s: int, state: int, said: Any) -> Any:
            done.extend(event for event in said if is_kept(event))
            return super().second(now_s, state, said)

    watch, school.Watch = school.Watch, Noting  # type: ignore[misc]
    try:
        seconds = LESSON_MINUTES * 60
        lived = school.live(SEED, number, CONFIGURATIONS["all"], seconds, SHIPPED)
    finally:
        school.Watch = watch  # type: ignore[misc]
    return done, lived.signals, lived.adaptations


def _row(model: Any, of: str, of_them: int, days: int | None) -> Row:
    from django.db import connection

    table, count = model._meta.db_table, model.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute(
            "SELECT pg_total_relation_size(%s) - pg_indexes_size(%s), pg_indexes_size(%s)",
            [table] * 3,
        )
        heap, indexes = cursor.fetchone() or (0, 0)
    return Row(model.__name__, count / of_them, of, days, heap / count, indexes / count)


if __name__ == "__main__":
    sys.exit(main())
