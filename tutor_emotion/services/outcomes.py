"""What came of an Adaptation: the learner's reply, and whether the next answer was right.

*Helped* is the next answer that counts (the solution had not been shown) on the same step, or on
another of the same skill, within HELPED_WITHIN_S: right or not. For an offer that was taken it is
the next one after that. It says what followed, not what it was due to; see ``what_worked``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from tutor_emotion.core.shares import Share
from tutor_emotion.core.types import Answer, Outcome
from tutor_emotion.models import AdaptationRecord, Course, EventRecord, LearnerId, Session

HELPED_WITHIN_S = 600.0  # [D] five usual items; after that other things have happened
UNANSWERED_S = 600.0  # an offer lives a minute; one whose page is gone is not open for ever
MOST_EVENTS = 200_000  # of one report; a school year of one course is less


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of one kind of Adaptation, in one skill or (``skill`` empty) in all.

    ``offered`` is how often it was made. ``helped``: of those taken, or done quietly, after how
    many the next answer was right. ``left``: the same of those offered and not taken. ``choices``:
    ``helped`` by what was chosen.
    """

    kind: str
    mode: str
    skill: str = ""
    offered: int = 0
    taken: int = 0
    dismissed: int = 0
    ignored: int = 0
    wrong: int = 0
    helped: Share = field(default_factory=Share)
    left: Share = field(default_factory=Share)
    choices: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkedReport:
    """``unaided``: after a miss with which nothing was offered or done, how often the next answer
    on the same step or skill was right; None where the course keeps no events."""

    kinds: tuple[Worked, ...]
    skills: tuple[Worked, ...]
    unaided: Share | None


def record_outcome(session_id: str, outcome: Outcome) -> None:
    """Keep what the learner did with an offer; the first answer stands, and silence is none."""
    before = [""] if outcome.outcome == "ignored" else ["", "ignored"]
    mine = AdaptationRecord.objects.filter(session_id=session_id, number=outcome.adaptation)
    values: dict[str, Any] = {"outcome": outcome.outcome, "outcome_at_s": outcome.at_s}
    if outcome.outcome == "taken":
        values["helped"] = None  # an answer that came before it was taken does not tell
    mine.filter(outcome__in=before).update(choice=outcome.choice or "", **values)


def ignore_open_offers(session_id: str) -> int:
    """Its session is over: nobody will answer these any more. How many there were."""
    open_ = AdaptationRecord.objects.filter(session_id=session_id, mode="offer", outcome="")
    return open_.update(outcome="ignored")


def settle_helped(session_id: str, answer: Answer) -> int:
    """After an answer: whether what was last offered or done on it helped. How many were settled.

    Call it before the engine sees the answer, or what the engine makes of it is settled by it.
    """
    if answer.revealed:
        return 0
    about = Q(step=answer.step)
    if answer.skill:
        about |= Q(skill=answer.skill)
    since = timezone.now() - timedelta(seconds=HELPED_WITHIN_S)
    waiting = AdaptationRecord.objects.filter(
        about, session_id=session_id, helped=None, created_at__gte=since
    ).exclude(mode="teacher")
    return waiting.update(helped=answer.correct)


# --- what worked ----------------------------------------------------------------------------------


def what_worked(
    course: Course, since: datetime, learners: Iterable[LearnerId] | None = None
) -> WorkedReport:
    """What became of the Adaptations of a course, by kind, and by kind and skill.

    ``learners``: only theirs (`access.learners_seen`); None: everybody's. No comparison in it is
    fair: who takes a hint differs from who does not (``left``), and whom nothing was offered was
    judged to need it less (``unaided``). A fair one is an experiment (`services.experiments`).
    """
    made = AdaptationRecord.objects.filter(session__course=course, created_at__gte=since)
    events = EventRecord.objects.filter(session__course=course, created_at__gte=since)
    if learners is not None:
        theirs = {"session__learner_id__in": list(learners)}
        made, events = made.filter(**theirs), events.filter(**theirs)
    return _report(made, events)


def worked_in(sessions: QuerySet[Session]) -> WorkedReport:
    """As ``what_worked``, of these sessions: one lesson, some days, those whom a teacher sees."""
    return _report(
        AdaptationRecord.objects.filter(session__in=sessions),
        EventRecord.objects.filter(session__in=sessions),
    )


def _report(made: QuerySet[AdaptationRecord], events: QuerySet[EventRecord]) -> WorkedReport:
    rows = list(made.exclude(mode="teacher").order_by("created_at", "pk"))
    return WorkedReport(
        tuple(_worked(rows, by_skill=False)),
        tuple(_worked([r for r in rows if r.skill], by_skill=True)),
        _unaided(events, rows),
    )


def _worked(rows: list[AdaptationRecord], *, by_skill: bool) -> Iterator[Worked]:
    groups: dict[tuple[str, str, str], list[AdaptationRecord]] = defaultdict(list)
    for row in rows:
        groups[row.kind, row.mode, row.skill if by_skill else ""].append(row)
    for (kind, mode, skill), group in sorted(groups.items()):
        said = Counter(map(_said, group))
        used = [r for r in group if r.mode == "quiet" or r.outcome == "taken"]
        chosen = {r.choice for r in used if r.choice}
        yield Worked(
            kind,
            mode,
            skill,
            offered=len(group),
            taken=said["taken"],
            dismissed=said["dismissed"],
            ignored=said["ignored"],
            wrong=said["wrong"],
            helped=_judged(used),
            left=_judged([r for r in group if _said(r) in ("dismissed", "ignored")]),
            choices={c: _judged([r for r in used if r.choice == c]) for c in sorted(chosen)},
        )


def _said(row: AdaptationRecord) -> str:
    """The outcome; an offer of a page that went away was ignored."""
    if row.outcome or row.mode != "offer":
        return row.outcome
    old = timezone.now() - row.created_at > timedelta(seconds=UNANSWERED_S)
    return "ignored" if old else ""


def _judged(rows: list[AdaptationRecord]) -> Share:
    known = [row.helped for row in rows if row.helped is not None]
    return Share(sum(known), len(known))


def _unaided(
    events: QuerySet[EventRecord], adaptations: Iterable[AdaptationRecord]
) -> Share | None:
    helped_at: dict[Any, list[float]] = defaultdict(list)
    for row in adaptations:
        helped_at[row.session_id].append(row.at_s)
    answers = events.filter(kind=Answer.__name__).order_by("session_id", "pk")[:MOST_EVENTS]
    found, any_ = Share(), False
    for miss, then in pairwise(answers.iterator()):
        any_ = True
        if miss.session_id != then.session_id or miss.correct or then.data.get("revealed"):
            continue
        same = then.step == miss.step or (then.skill and then.skill == miss.skill)
        in_time = 0 <= then.at_s - miss.at_s <= HELPED_WITHIN_S
        aided = any(miss.at_s <= t < then.at_s for t in helped_at[miss.session_id])
        if same and in_time and not aided:
            found += Share(int(bool(then.correct)), 1)
    return found if any_ else None
