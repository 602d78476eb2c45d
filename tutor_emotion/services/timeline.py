"""What happened in one session, for its teacher: the work, what was noticed and what was offered.

As restrained as a row of the classroom: no sensor, no probability, no typed word, no feeling that
was tapped, and not whether the page was in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from django.db.models import QuerySet
from django.utils import timezone

from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, EventRecord, Session
from tutor_emotion.services.policy import policy_of
from tutor_emotion.services.retention import days_kept

MOST = 1_000  # the newest of a session; an hour of steady work is some two hundred
EARLIER = 20
_RUNS_AT_MOST = timedelta(hours=24)  # a session that nobody ended, as its server died
_NEW_CLOCK_S = 90.0
Lane: TypeAlias = Literal["signal", "answer", "hint", "told", "offer", "step"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, ``at_s`` seconds after the session began.

    ``kind`` is the signal's or adaptation's, or what came of an answer: ``right``, ``miss``,
    ``shown`` (after its answer was shown). ``until_s`` ends a signal; None: it lasts. ``value`` is
    seconds of an answer or the level of a hint. ``outcome`` and ``helped`` are an offer's.
    ``evidence`` is of the work alone; ``said`` is whether a tap or a message told it, too.
    """

    lane: Lane
    kind: str
    at_s: float
    step: str = ""
    value: float | None = None
    until_s: float | None = None
    outcome: str = ""
    helped: bool | None = None
    asked: bool = True
    evidence: Sequence[dict[str, Any]] = field(default=())
    said: tuple[str, ...] = ()


def is_running(session: Session) -> bool:
    """Whether the learner is still at it, as far as is known."""
    return session.ended_at is None and session.started_at > timezone.now() - _RUNS_AT_MOST


def may_look_back(session: Session) -> bool:
    """Whether the course's policy keeps what happened in this session."""
    return _is_kept(session, timedelta(days=days_kept(policy_of(session.course))))


def _is_kept(session: Session, kept: timedelta) -> bool:
    return is_running(session) or (session.ended_at or session.started_at) > timezone.now() - kept


def earlier_sessions(session: Session) -> list[Session]:
    """Other sessions of this learner in this course that are kept, newest first."""
    others = Session.objects.filter(course=session.course_id, learner=session.learner_id)
    others = others.exclude(pk=session.pk).order_by("-started_at")[: EARLIER * 2]
    kept = timedelta(days=days_kept(policy_of(session.course)))
    return [other for other in others if _is_kept(other, kept)][:EARLIER]


def timeline(session: Session) -> list[Moment]:
    """The session's moments in their order."""
    events = list(_newest(session.events.all()))
    signals = [row for row in _newest(session.signals.all()) if not row.is_erased]
    offers = list(_newest(session.adaptations.all()))
    clock = _Clock(session.started_at, [*events, *signals, *offers])
    titles = step_titles(e for e in events if e.kind == "StepShown")
    moments = [
        *(m for e in events if (m := _done(e, clock, titles)) is not None),
        *_noticed(signals, clock),
        *(_offered(a, clock, titles) for a in offers),
    ]
    return sorted(moments, key=lambda moment: moment.at_s)[-MOST:]


def step_titles(shown: Iterable[EventRecord]) -> dict[str, str]:
    """Step → the title that the lesson last gave it."""
    return {e.step: str(e.data["title"]) for e in shown if e.data.get("title")}


def _newest(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("-id")[:MOST])[::-1]


class _Clock:
    """Seconds since the session began, of rows whose own clock began anew after a long absence.

    A row's ``created_at`` less its ``at_s`` is when its clock began, or a little later.
    """

    def __init__(self, started_at: datetime, rows: Sequence[Any]) -> None:
        self.started_at = started_at
        self.begins: list[float] = []
        for begin_s in sorted(map(self._began_s, rows)):
            if not self.begins or begin_s - self.begins[-1] > _NEW_CLOCK_S:
                self.begins.append(begin_s)

    def _began_s(self, row: Any) -> float:
        return float((row.created_at - self.started_at).total_seconds() - row.at_s)

    def at_s(self, row: Any) -> float:
        began_s = self._began_s(row)
        begin_s = max(b for b in self.begins if b <= began_s)
        # The first clock is the session's own.
        return float(row.at_s) + (0.0 if begin_s == self.begins[0] else max(0.0, begin_s))


def _done(event: EventRecord, clock: _Clock, titles: dict[str, str]) -> Moment | None:
    at_s, step = clock.at_s(event), titles.get(event.step, event.step)
    match event.kind:
        case "StepShown":
            return Moment("step", "step", at_s, step)
        case "Answer":
            kind = "right" if event.correct else "miss"
            kind = "shown" if event.data.get("revealed") else kind
            return Moment("answer", kind, at_s, step, value=event.took_s)
        case "HintRequest":
            kind = "answer" if event.data.get("bottom_out") else "hint"
            return Moment("hint", kind, at_s, step, value=float(event.data.get("level", 1)))
        case "SelfReport":
            return Moment("told", "told", at_s)
    return None


def _noticed(rows: Sequence[AffectSignalRecord], clock: _Clock) -> list[Moment]:
    """Raised signals, each with the moment at which it was over."""
    out: list[Moment] = []
    open_at: dict[tuple[str, str], int] = {}
    for row in rows:
        key, at_s = (row.kind, row.skill), clock.at_s(row)
        if row.edge == "cleared" or key in open_at:
            index = open_at.pop(key, None)
            if index is not None:
                out[index] = replace(out[index], until_s=at_s)
        if row.edge == "raised":
            open_at[key] = len(out)
            out.append(_raised(row, at_s))
    return out


def _raised(row: AffectSignalRecord, at_s: float) -> Moment:
    work = [e for e in row.evidence if e["modality"] == "interaction"]
    said = {e["modality"] for e in row.evidence if e["nats"] > 0} & {"self_report", "text"}
    return Moment("signal", row.kind, at_s, evidence=work, said=tuple(sorted(said)))


def _offered(row: AdaptationRecord, clock: _Clock, titles: dict[str, str]) -> Moment:
    return Moment(
        "offer",
        row.kind,
        clock.at_s(row),
        titles.get(row.step, row.step),
        outcome=row.outcome,
        helped=row.helped,
        asked=row.mode == "offer",
    )
