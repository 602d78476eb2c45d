"""A lesson over some days: which step cost most. What helped is in ``worked``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from tutor_emotion.models import Course, EventRecord, Session

TOO_FEW = 5  # learners of a step; fewer say more about them than about it


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one learner did at one step in one session; ``seconds`` is the time of all answers."""

    session_id: str
    learner_id: Any
    step: str
    skill: str
    began_at: datetime
    answers: int
    misses: int
    hints: int
    seconds: float
    first_right: bool
    solved: bool


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step was like for those who answered it.

    ``first_right`` and ``solved`` are shares. ``lost_s``: the time that it cost beyond what was
    expected, all learners together: (median − expected) × learners, never below 0. ``expected_s``
    is the lesson's own figure, or the median of its steps where it gave none.
    """

    step: str
    title: str
    learners: int
    answers: int
    misses: int
    hints: int
    first_right: float
    solved: float
    median_s: float
    expected_s: float
    lost_s: float

    @property
    def few(self) -> bool:
        return self.learners < TOO_FEW

    @property
    def lost_minutes(self) -> int:
        return round(self.lost_s / 60)

    @property
    def first_right_percent(self) -> int:
        return round(100 * self.first_right)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, in the site's time zone."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))


def lessons_of(sessions: QuerySet[Session]) -> list[Any]:
    """The lessons that these sessions were of, the last used first, and how many learners each."""
    counted = sessions.order_by().values("lesson")
    counted = counted.annotate(learners=Count("learner", distinct=True), last=Max("started_at"))
    return list(counted.order_by("-last"))


def sessions_in(
    sessions: QuerySet[Session], course: Course, lesson: str, span: Span
) -> QuerySet[Session]:
    """Of these sessions, those of one lesson that began in ``span``."""
    return sessions.filter(
        course=course, lesson=lesson, started_at__gte=span.begin, started_at__lt=span.end
    )


def step_reports(sessions: QuerySet[Session]) -> list[StepReport]:
    """The steps that these sessions came to; what cost most first."""
    events = EventRecord.objects.filter(session__in=sessions)
    titles, expected = _told(events)
    by_step: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts(sessions):
        by_step[attempt.step].append(attempt)
    times = {step: median(a.seconds for a in tries) for step, tries in by_step.items()}
    usual = median(times.values()) if times else 0.0
    reports = [
        _report(step, titles.get(step, step), tries, times[step], expected.get(step) or usual)
        for step, tries in by_step.items()
    ]
    return sorted(reports, key=lambda r: (-r.lost_s, -r.misses, r.title))


def attempts(sessions: QuerySet[Session]) -> Iterator[Attempt]:
    """One for each step that a learner answered in a session, by learner."""
    rows = (
        EventRecord.objects.filter(session__in=sessions, kind__in=("Answer", "HintRequest"))
        .select_related("session")
        .order_by("session__learner", "session__started_at", "session", "at_s", "id")
    )
    for _, of_session in groupby(rows.iterator(chunk_size=2_000), key=_session_id):
        yield from _of_session(of_session)


def _session_id(row: EventRecord) -> UUID:
    return row.session_id


def _of_session(rows: Iterable[EventRecord]) -> Iterator[Attempt]:
    by_step: dict[str, list[EventRecord]] = defaultdict(list)
    for row in rows:
        by_step[row.step].append(row)
    for step, done in by_step.items():
        # An answer whose solution had been shown says nothing of what the learner can do.
        answers = [r for r in done if r.kind == "Answer" and not r.data.get("revealed")]
        if answers:
            session = done[0].session
            yield Attempt(
                str(session.pk),
                session.learner_id,
                step,
                answers[-1].skill,
                session.started_at,
                answers=len(answers),
                misses=sum(not r.correct for r in answers),
                hints=sum(r.kind == "HintRequest" for r in done),
                seconds=sum(r.took_s or 0.0 for r in done),
                first_right=bool(answers[0].correct),
                solved=any(r.correct for r in answers),
            )


def _told(events: QuerySet[EventRecord]) -> tuple[dict[str, str], dict[str, float]]:
    """What the lesson said of its steps: their titles, and the time that it expects."""
    titles: dict[str, str] = {}
    expected: dict[str, float] = {}
    for row in events.filter(kind="StepShown").order_by("id").iterator(chunk_size=2_000):
        titles[row.step] = row.data.get("title") or titles.get(row.step, row.step)
        if row.data.get("expected_s"):
            expected[row.step] = float(row.data["expected_s"])
    return titles, expected


def _report(
    step: str, title: str, tries: list[Attempt], median_s: float, expected_s: float
) -> StepReport:
    learners = len({a.learner_id for a in tries})
    return StepReport(
        step,
        title,
        learners,
        answers=sum(a.answers for a in tries),
        misses=sum(a.misses for a in tries),
        hints=sum(a.hints for a in tries),
        first_right=_share(a.first_right for a in tries),
        solved=_share(a.solved for a in tries),
        median_s=median_s,
        expected_s=expected_s,
        lost_s=max(0.0, median_s - expected_s) * learners,
    )


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found)
