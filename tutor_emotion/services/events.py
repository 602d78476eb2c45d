"""What a learner did in a lesson, kept for timelines, reports and trying out another policy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import Any, TypeAlias

from django.contrib.auth import get_user_model
from django.db import transaction

from tutor_emotion.core.types import (
    Activity,
    Answer,
    Event,
    HintRequest,
    Idle,
    Modality,
    Outcome,
    SelfReport,
    StepShown,
    Visibility,
)
from tutor_emotion.models import Consent, Course, EventRecord, LearnerId, Session

EVENTS_A_SESSION = 5_000  # an hour of one event a second is 3,600; a page that floods stops here
# Typed text is not among them: no message is kept, and no word of it.
Kept: TypeAlias = (
    StepShown | Answer | HintRequest | Idle | Activity | Visibility | SelfReport | Outcome
)
KEPT: dict[str, type[Kept]] = {
    kind.__name__: kind
    for kind in (StepShown, Answer, HintRequest, Idle, Activity, Visibility, SelfReport, Outcome)
}
_COLUMNS = ("at_s", "step", "skill", "correct", "took_s")


def is_kept(event: Event) -> bool:
    """Whether this event may be written down at all."""
    return type(event).__name__ in KEPT


@transaction.atomic
def record_events(
    session_id: str,
    events: Sequence[Event],
    numbers: Sequence[int | None] = (),
    *,
    unsure: bool = False,
) -> int:
    """Keep these events of a session, in their order; how many were kept.

    ``numbers``: the page's own number of each, None where it has none. However often it is given,
    there is one event of a number. ``unsure``: some may have been written before, though nobody
    said so; then there is one of a kind and time, too.

    Consent is asked here, in turn with whoever takes it back: what was on its way when a learner
    said no is not kept, wherever it waited.
    """
    session = Session.objects.filter(pk=session_id).first()
    if session is None:
        return 0
    get_user_model().objects.select_for_update().get(pk=session.learner_id)
    agreed = set(
        Consent.objects.filter(
            course_id=session.course_id, learner_id=session.learner_id, revoked_at=None
        ).values_list("modality", flat=True)
    )
    room = EVENTS_A_SESSION - EventRecord.objects.filter(session=session).count()
    kept = [
        _row(session_id, event, number)
        for event, number in zip_longest(events, numbers)
        if is_kept(event) and _modality(event) in agreed
    ]
    rows = _not_there_yet(session_id, kept, unsure)[: max(0, room)]
    return len(EventRecord.objects.bulk_create(rows))


def _not_there_yet(session_id: str, rows: Sequence[EventRecord], unsure: bool) -> list[EventRecord]:
    """The first of each number that is not stored; of those without one all, or where it is not
    sure those whose kind and time no stored one has. (A session's clock may begin anew, so a time
    alone is no name.) Writers of one learner take turns, so nobody stores it meanwhile.
    """
    mine = EventRecord.objects.filter(session_id=session_id)
    numbers = {row.number for row in rows if row.number is not None}
    there = set(mine.filter(number__in=numbers).values_list("number", flat=True))
    times = {row.at_s for row in rows if row.number is None} if unsure else set()
    nameless = mine.filter(number=None, at_s__in=times)
    seen = set(nameless.values_list("kind", "at_s"))
    new = []
    for row in rows:
        if row.number is None and (row.kind, row.at_s) not in seen:
            new.append(row)
        elif row.number is not None and row.number not in there:
            new.append(row)
            there.add(row.number)
    return new


def events_of(rows: Iterable[EventRecord]) -> list[Kept]:
    """The events again, as the engine takes them, but for kinds that are gone and erased rows."""
    return [_event(row) for row in rows if row.kind in KEPT and not row.is_erased]


def forget_events(course: Course, learner_id: LearnerId, modality: Modality) -> None:
    """A modality that is taken back takes what was kept of it along."""
    sessions = Session.objects.filter(course=course, learner=learner_id)
    mine = EventRecord.objects.filter(session__in=sessions)  # not joined: see services.erasure
    if modality == "self_report":
        mine.filter(kind=SelfReport.__name__).delete()
    elif modality == "interaction":
        mine.exclude(kind=SelfReport.__name__).delete()


def _modality(event: Event) -> Modality:
    """Whose consent keeping it needs; that an offer was waved away is told of the work, too."""
    return "self_report" if isinstance(event, SelfReport) else "interaction"


def _row(session_id: str, event: Event, number: int | None) -> EventRecord:
    data = {f.name: getattr(event, f.name) for f in fields(event)}
    columns = {name: data.pop(name) for name in _COLUMNS if name in data}
    if data.get("answer"):
        # Only to see the same answer again: a name for it that means nothing outside this session.
        named = hashlib.blake2b(data["answer"].encode(), key=session_id.encode(), digest_size=6)
        data["answer"] = named.hexdigest()
    kind = type(event).__name__
    row = EventRecord(session_id=session_id, kind=kind, number=number, **columns)
    return row.holding(data=data)


def _event(row: EventRecord) -> Kept:
    kind = KEPT[row.kind]
    known = {f.name for f in fields(kind)}
    columns: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS if name in known}
    return kind(**columns, **{k: v for k, v in row.data.items() if k in known})
