"""What each page and call asks of a site with a million signals, and how PostgreSQL finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.db import connection

from tests.growth.filling import BIG, SIGNALS
from tests.growth.pages import asked, undone
from tests.growth.plans import BIG_TABLES, PREFIX, ask, faults_of
from tutor_emotion.admin.large import MOST_LISTED, ToMost
from tutor_emotion.models import AffectSignalRecord, EventRecord

pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.timeout(900)]

# The most queries of each page and call. None has more for more rows; the frame of an admin page
# asks some sixty times by itself what its user may see.
MOST_QUERIES = {
    "page: a session": 100,
    "page: answers, a teacher's": 170,
    "page: signals, a teacher's": 170,
    "page: signals, a teacher's, of a course": 170,
    "page: adaptations, a teacher's": 170,
    "page: sessions, a teacher's": 170,
    "page: timeline": 30,
    "page: classroom": 10,
    "page: lessons to report": 10,
    "page: report of a week": 30,
    "page: report of a month": 30,
    "page: my data": 60,
    "page: who looked at me": 12,
    "page: session, my own": 30,
    "socket: a session begins": 4,
    "socket: enters": 8,
    "socket: forgets old events": 100,
    "socket: events": 20,
    "socket: an answer settles help": 2,
    "socket: leaves": 8,
    "socket: classroom": 20,
    "call: copy of a learner": 60,
    "call: erasure of a learner": 130,
    "call: results of an experiment": 6,
    "call: fairness of a course, 30 days": 15,
    "call: what worked, a week": 20,
    "call: the night, nothing to do": 130,
}
OF_AN_ADMIN_PAGE = 90


def test_no_page_reads_or_sorts_a_whole_table(large: float) -> None:
    faults, many, names = [], [], set()
    for name, deed in asked():
        with undone():
            found = ask(name, deed)
        names.add(name)
        assert found.queries, name
        faults += [f"{name}: {fault}" for fault in found.faults()]
        most = MOST_QUERIES.get(name, OF_AN_ADMIN_PAGE)
        if len(found.queries) > most:
            many.append(f"{name}: {len(found.queries)} queries, of {most} at most")
    assert faults == []
    assert many == []
    assert names >= set(MOST_QUERIES), "a bound of a page that is no more"


def test_a_list_counts_to_its_end_and_no_further(large: float) -> None:
    rows = AffectSignalRecord.objects.order_by("-created_at", "-id")
    assert ToMost(rows, 100).count == MOST_LISTED
    assert ToMost(rows.filter(session__learner=1), 100).count < MOST_LISTED
    assert Paginator(rows, 100).count == SIGNALS


# --- its edges: the judge of plans ----------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        lambda: AffectSignalRecord.objects.filter(skill="skill-1"),
        lambda: AffectSignalRecord.objects.order_by("skill")[:100],
        lambda: AffectSignalRecord.objects.order_by("at_s"),
        lambda: EventRecord.objects.filter(took_s__gt=1_000)[:10],
    ],
)
def test_a_query_that_reads_everything_is_a_fault(large: float, query: Callable[[], Any]) -> None:
    assert list(faults_of(_sql(query())))


def test_one_that_stops_early_or_goes_by_an_index_is_none(large: float) -> None:
    for query in (
        AffectSignalRecord.objects.order_by()[:100],
        AffectSignalRecord.objects.order_by("-created_at", "-id")[:100],
        AffectSignalRecord.objects.filter(session__learner=1),
    ):
        assert list(faults_of(_sql(query))) == []


def _sql(query: Any) -> str:
    with connection.cursor() as cursor:
        text, values = query.query.sql_with_params()
        return str(cursor.mogrify(text, values))


# --- indexes --------------------------------------------------------------------------------------


def test_no_index_is_the_beginning_of_another(large: float) -> None:
    """It would cost every write, and find nothing that the other does not."""
    found = _indexes()
    twice = [
        f"{name} is the beginning of {other}"
        for name, (table, columns, unique) in found.items()
        for other, (its, more, _) in found.items()
        if name != other and table == its and not unique and more[: len(columns)] == columns
    ]
    assert twice == []


def test_what_hangs_on_a_row_is_found_by_an_index(large: float) -> None:
    """Or to delete one learner reads every table."""
    first = {(table, columns[0]) for table, columns, _ in _indexes().values()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f'"
        )
        keys = {(t, c) for t, c in cursor.fetchall() if t in BIG_TABLES}
    assert len(keys) > len(BIG)
    assert keys - first == set()


def _indexes() -> dict[str, tuple[str, tuple[str, ...], bool]]:
    """Whole indexes of the big tables: the table, the columns in their order, and whether it keeps
    a rule, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.relname, t.relname, x.indisunique,"
            " array(SELECT pg_get_indexdef(i.oid, n, true)"
            "       FROM generate_series(1, x.indnkeyatts) n)"
            " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
            " JOIN pg_class t ON t.oid = x.indrelid"
            " WHERE t.relname = ANY(%s) AND x.indpred IS NULL",
            [[f"{PREFIX}{name}" for name in BIG]],
        )
        return {name: (t, tuple(cols), unique) for name, t, unique, cols in cursor.fetchall()}
