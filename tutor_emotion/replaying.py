"""A course's recorded sessions through the engine again: under its policy, and under another one.

Nothing is written. Rows are read here, on the caller's thread; the engine runs on one thread of its
own, in portions of a few seconds, so that a question about the past does not hold up a lesson.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeAlias

from django.db.models import Count, QuerySet

from tutor_emotion import privacy, services
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.replay import TAIL_S
from tutor_emotion.core.tally import Tally, is_alarm, tally
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, AdaptationKind, Event, Modality
from tutor_emotion.errors import Unavailable
from tutor_emotion.live.states import states_in_use
from tutor_emotion.live.translate import engine_config, needs
from tutor_emotion.models import Course, Policy, Session

WINDOW_DAYS = 7
MOST_SESSIONS = 300  # newest first
LONGEST_S = 2 * 3600.0  # of one session
PORTION_S = 3.0  # of computing, for one answer; a session that was begun is finished
WAIT_S = 30.0  # for the thread, which others may be using
BATCH = 20  # sessions whose rows are read at once
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="te-replay")
Kinds: TypeAlias = "Counter[str]"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one session left: its events in runs (its clock may have begun anew), and what came."""

    learner: str
    runs: tuple[tuple[Event, ...], ...]
    offered: Mapping[int, AdaptationKind]
    alarms: Mapping[str, int]
    offers: Mapping[str, int]

    @property
    def seconds(self) -> float:
        """How much of it is replayed."""
        return sum(min(run[-1].at_s, LONGEST_S) + TAIL_S for run in self.runs)


@dataclass(slots=True)
class Side:
    """Counts under one policy, or as they were really recorded."""

    alarms: Kinds = field(default_factory=Counter)
    offers: Kinds = field(default_factory=Counter)
    learners: set[str] = field(default_factory=set)  # who would have been spoken to at least once

    def add(self, learner: str, alarms: Mapping[Any, int], offers: Mapping[Any, int]) -> None:
        self.alarms.update(alarms)
        self.offers.update(offers)
        if sum(offers.values()):
            self.learners.add(learner)


@dataclass(slots=True)
class Comparison:
    """The last days of a course under two policies, as far as it has been replayed.

    ``done`` sessions of ``of`` left ``seconds`` of events of ``learners``; ``recorded`` is what was
    written down in those sessions at the time, ``before`` and ``after`` what the replays give.
    """

    of: int
    done: int = 0
    seconds: float = 0.0
    learners: set[str] = field(default_factory=set)
    recorded: Side = field(default_factory=Side)
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)

    @property
    def finished(self) -> bool:
        return self.done >= self.of

    def an_hour(self, count: int) -> float:
        """``count`` over the hours that were replayed."""
        return count * 3600 / self.seconds if self.seconds else 0.0

    def rates(self, counts: Callable[[Side], Mapping[str, int]]) -> tuple[float, float]:
        """An hour, before and after."""
        one, other = (sum(counts(side).values()) for side in (self.before, self.after))
        return self.an_hour(one), self.an_hour(other)

    def add(self, recording: Recording, before: Tally, after: Tally) -> None:
        self.done += 1
        self.seconds += recording.seconds
        self.learners.add(recording.learner)
        for side, alarms, offers in (
            (self.recorded, recording.alarms, recording.offers),
            (self.before, before.alarms, before.offers),
            (self.after, after.alarms, after.offers),
        ):
            side.add(recording.learner, alarms, offers)


def recorded_sessions(course: Course, user: Any, since: datetime, until: datetime) -> list[str]:
    """Keys of the sessions that began in that time, that ``user`` may see, and that left events."""
    rows: QuerySet[Session] = services.sessions_of(user)
    rows = rows.filter(course=course, started_at__gte=since, started_at__lt=until)
    rows = rows.annotate(n=Count("events")).filter(n__gt=0).order_by("-started_at", "pk")
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:MOST_SESSIONS]]


def go_on(
    comparison: Comparison, sessions: Sequence[str], before: Policy, after: Policy
) -> Comparison:
    """Replay the next sessions, for PORTION_S or to the end; changes and returns ``comparison``.

    Raises:
        Unavailable: ``busy``, where others' replays take the thread for too long.
    """
    configs = _config(before), _config(after)
    end_s = time.monotonic() + PORTION_S
    while not comparison.finished and time.monotonic() < end_s:
        batch = list(_read(sessions[comparison.done : comparison.done + BATCH]))
        comparison.done += len(sessions[comparison.done : comparison.done + BATCH]) - len(batch)
        work = _thread.submit(_replay, batch, *configs)
        try:
            for recording, one, other in work.result(timeout=WAIT_S):
                comparison.add(recording, one, other)
        except Late:
            work.cancel()
            hint = "Wait a minute, then ask again."
            raise Unavailable("busy", "Other replays are running.", hint=hint) from None
    return comparison


def _replay(
    batch: Iterable[Recording], before: EngineConfig, after: EngineConfig
) -> list[tuple[Recording, Tally, Tally]]:
    end_s, done = time.monotonic() + PORTION_S, []
    for recording in batch:
        done.append((recording, _tally(recording, before), _tally(recording, after)))
        if time.monotonic() >= end_s:
            break
    return done


def _tally(recording: Recording, config: EngineConfig) -> Tally:
    alarms, offers = Counter[Any](), Counter[Any]()
    for run in recording.runs:
        # Where a policy does not use what was tapped or done, the live session never hears of it.
        heard = [e for e in run if (m := needs(e)) is None or m in config.modalities]
        one = tally(heard, config, offered=recording.offered, longest_s=LONGEST_S)
        alarms.update(one.alarms)
        offers.update(one.offers)
    return Tally(alarms, offers)


def _config(policy: Policy) -> EngineConfig:
    """The policy's engine for what a recording holds: what was tapped and done, never a sensor."""
    used: frozenset[Modality] = frozenset(
        m
        for m in MODALITIES
        if m not in BIOMETRIC and privacy.permitted(m)[0] and getattr(policy, f"use_{m}")
    )
    return engine_config(policy, used, services.lexicon(), states_in_use())


def _read(keys: Sequence[str]) -> Iterator[Recording]:
    rows = Session.objects.filter(pk__in=keys)
    rows = rows.prefetch_related("events", "signals", "adaptations")
    found = {str(row.pk): row for row in rows}
    for session in (found[key] for key in keys if key in found):
        raised = (s.kind for s in session.signals.all() if is_alarm(s.kind, s.edge))
        adaptations = session.adaptations.all()
        yield Recording(
            learner=str(session.learner_id),
            runs=tuple(_runs(services.events_of(sorted(session.events.all(), key=_order)))),
            offered={a.number: a.kind for a in adaptations},  # type: ignore[misc]
            alarms=Counter(raised),
            offers=Counter(a.kind for a in adaptations if a.mode == "offer"),
        )


def _order(row: Any) -> int:
    return int(row.pk)


def _runs(events: Sequence[Event]) -> Iterator[tuple[Event, ...]]:
    """Cut where the session's clock began anew: its process was another one."""
    cuts = [n for n, (a, b) in enumerate(pairwise(events), start=1) if b.at_s < a.at_s]
    for start, end in pairwise((0, *cuts, len(events))):
        if start < end:
            yield tuple(events[start:end])
