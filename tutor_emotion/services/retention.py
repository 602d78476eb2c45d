"""What is over its time goes: a few rows at once, so that nobody waits for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import redis
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tutor_emotion import shared
from tutor_emotion.conf import get_settings
from tutor_emotion.models import Consent, Course, EventRecord, Policy, Session
from tutor_emotion.services.batches import CHUNK, delete_in_batches, delete_page
from tutor_emotion.services.kept import Kept, kept, line_of
from tutor_emotion.telemetry import marks, metrics

_NEVER_ENDED = timedelta(days=1)  # a session whose server died is over by then
_OUT_OF_ORDER = timedelta(hours=1)
_LATELY = timedelta(days=30)
_PRUNE_EVERY_S = 3600
# A course's policy may keep these for a shorter time: its field, and what leads to the course.
_BY_POLICY = {
    "tutor_emotion.EventRecord": ("keep_events_days", "session__course"),
    "tutor_emotion.LabelledMoment": ("keep_labels_days", "course"),
}

# With it a guardian takes back what they gave, so it lasts as long as that.
_IN_USE = Exists(
    Consent.objects.filter(
        learner=OuterRef("learner"), course=OuterRef("course"), revoked_at=None
    ).exclude(by="learner")
)


def prune(*, dry_run: bool = False, now: datetime | None = None) -> dict[str, int]:
    """Delete what is over its period, in every table. How many rows of which.

    A few rows at once: where it is broken off, the next run goes on (`batches`). With ``dry_run``
    nothing goes, and what would go along with its session is not counted.
    """
    now, gone = now or timezone.now(), Counter[str]()
    for line in kept():
        if line.days:
            rows = over(line, now)
            gone.update({line.model: rows.count()} if dry_run else _delete(line, rows, now))
    if not dry_run:
        for model, n in gone.items():
            metrics.PRUNED_ROWS.labels(table=model).inc(n)
        marks.done("prune")
    return {model: n for model, n in sorted(gone.items()) if n}


def over(line: Kept, now: datetime, courses: QuerySet[Course] | None = None) -> QuerySet[Any]:
    """The rows of a table with a period that are over it; of these courses alone, where given."""
    rows: QuerySet[Any] = line.table._base_manager.all()
    if line.model in _BY_POLICY:
        return rows.filter(_over_policy(line, now, courses or Course.objects.all()))
    oldest = now - timedelta(days=getattr(get_settings(), line.days))
    field = line.table._meta.get_field(line.since) if "__" not in line.since else None
    day_alone = field is not None and not isinstance(field, DateTimeField)
    found = rows.filter(**{f"{line.since}__lt": oldest.date() if day_alone else oldest})
    return found.exclude(_IN_USE) if line.model == "tutor_emotion.GuardianLink" else found


def prune_is_due(course_id: int) -> bool:
    """Whether nobody began to prune this course's events within the hour; marks it. No query.

    Where Valkey is away it is the night's.
    """
    try:
        return shared.first(f"pruned:{course_id}", _PRUNE_EVERY_S)
    except redis.RedisError:
        return False


def prune_ended(session_id: str, course_id: int) -> int:
    """Delete a session's events where its course keeps them no longer than that; how many."""
    policy = Policy.objects.filter(course=course_id).first() or Policy()
    if days_kept(policy):
        return 0
    rows = EventRecord.objects.filter(session_id=session_id, session__ended_at__isnull=False)
    return sum(delete_in_batches(rows).values())


def prune_events(course_id: int) -> int:
    """Delete what a course keeps no longer: events of sessions that ended too long ago.

    Of those that became too old within _LATELY, so that it costs a learner who begins nothing; what
    is older is the night's.
    """
    policy = Policy.objects.filter(course=course_id).first() or Policy()
    cut = timezone.now() - timedelta(days=days_kept(policy))
    mine = Session.objects.filter(course=course_id).order_by().values_list("pk", flat=True)
    over_now = mine.filter(ended_at__lte=cut, ended_at__gte=cut - _LATELY)
    lost = mine.filter(ended_at=None, started_at__lte=cut - _NEVER_ENDED)
    # By their keys: joined, the database would rather read every session that there is.
    found, gone = [*over_now, *lost], 0
    for first in range(0, len(found), CHUNK):
        rows = EventRecord.objects.filter(session__in=found[first : first + CHUNK])
        gone += sum(delete_in_batches(rows).values())
    return gone


def prune_moments(course_id: int) -> int:
    """Delete the labelled moments of a course that are older than its policy keeps; how many."""
    mine = Course.objects.filter(pk=course_id)
    rows = over(line_of("tutor_emotion.LabelledMoment"), timezone.now(), mine)
    return sum(delete_in_batches(rows).values())


def days_kept(policy: Policy) -> int:
    """Of events of a course's sessions."""
    return min(policy.keep_events_days, get_settings().KEEP_EVENTS_DAYS)


def _delete(line: Kept, rows: QuerySet[Any], now: datetime) -> Counter[str]:
    if line.since == "session__ended_at":
        return _delete_in_their_order(line, rows, now)
    return delete_in_batches(rows, line.since)


def _delete_in_their_order(line: Kept, rows: QuerySet[Any], now: datetime) -> Counter[str]:
    """Rows whose age is their session's, from the oldest on, until they are too new for any policy.

    Each is looked at once, with its session beside it: to ask for those that are over, a batch at a
    time, would join both tables anew for each.
    """
    gone, last = Counter[str](), 0
    newest = now - timedelta(days=_fewest_days(line))
    whole = line.table._base_manager.order_by("pk")
    columns = ("pk", "session__started_at", line.since)
    while page := list(whole.filter(pk__gt=last).values_list(*columns)[:CHUNK]):
        # Keys follow time but for seconds, and a session ends after what was done in it.
        if min(at for row in page for at in row[1:] if at) > newest + _OUT_OF_ORDER:
            break
        gone += delete_page(rows.filter(pk__gt=last, pk__lte=page[-1][0]))
        last = page[-1][0]
    return gone


def _fewest_days(line: Kept) -> int:
    column, _ = _BY_POLICY[line.model]
    chosen = (days for days, _ in _by_days(column, Course.objects.all()))
    most: int = getattr(get_settings(), line.days)
    return min((most, *chosen))


def _over_policy(line: Kept, now: datetime, courses: QuerySet[Course]) -> Q:
    column, course = _BY_POLICY[line.model]
    most, found = getattr(get_settings(), line.days), Q(pk__in=[])
    for chosen, of_courses in _by_days(column, courses):
        cut = now - timedelta(days=min(chosen, most))
        old = Q(**{f"{line.since}__lte": cut})
        if line.since == "session__ended_at":
            old |= Q(session__ended_at=None, session__started_at__lte=cut - _NEVER_ENDED)
        found |= Q(**{f"{course}__in": of_courses}) & old
    return found


def _by_days(column: str, courses: QuerySet[Course]) -> Iterator[tuple[int, list[int]]]:
    """The courses of each number of days; one without a policy has that of a new policy."""
    usual = getattr(Policy(), column)
    found: dict[int, list[int]] = defaultdict(list)
    for pk, days in courses.values_list("pk", f"policy__{column}"):
        found[usual if days is None else days].append(pk)
    yield from found.items()
