"""What PostgreSQL does for a query, and what it must not do to a table that grows for ever."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from tests.growth.filling import BIG

PREFIX = "tutor_emotion_"
BIG_TABLES = frozenset(f"{PREFIX}{name}" for name in BIG)
# Rows of a table that are read one after the other; fewer cost milliseconds. A list's count to
# 10,000 of what one row in five is reads 50,000, and a planner's estimate of that varies.
READ_MOST = 55_000
SORTED_MOST = 50_000  # what a report of a month sorts, not a table


@dataclass(frozen=True, slots=True)
class Asked:
    """What one page or call asked of the database. ``ms`` is the whole, with Django's own time."""

    name: str
    queries: tuple[str, ...]
    ms: float

    def faults(self) -> list[str]:
        """Queries whose plan reads or sorts a whole big table."""
        return [f"{fault}\n    {sql}" for sql in self.queries for fault in faults_of(sql)]


def ask(name: str, deed: Callable[[], Any]) -> Asked:
    reset_queries()  # the log has room for some thousands, and what is over it is not seen
    with CaptureQueriesContext(connection) as seen:
        began = time.perf_counter()
        deed()
        ms = 1_000 * (time.perf_counter() - began)
    return Asked(name, tuple(q["sql"] for q in seen.captured_queries), ms)


def faults_of(sql: str) -> Iterator[str]:
    """What is wrong with the plan of a query; nothing, where it touches no big table."""
    if not any(f'"{table}"' in sql for table in BIG_TABLES):
        return
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (plan,) = cursor.fetchone() or ("[]",)
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    yield from _walk(top, 1.0)


def _walk(node: dict[str, Any], share: float) -> Iterator[str]:
    """``share``: how much of what it could give is asked of this node, by the limits above it."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if kind == "Seq Scan" and table in BIG_TABLES and share * _rows_of(table) > READ_MOST:
        yield f"reads the whole of {table} ({node.get('Filter', 'no filter')})"
    below = node.get("Plans", [])
    if kind in ("Sort", "Unique") and below[0]["Plan Rows"] > SORTED_MOST:
        yield f"{kind.lower()}s {below[0]['Plan Rows']:,} rows ({node.get('Sort Key')})"
    if kind == "Limit":
        share *= min(1.0, node["Total Cost"] / max(below[0]["Total Cost"], 1.0))
    elif kind in ("Sort", "Hash", "Aggregate", "Materialize"):
        share = 1.0  # these read all before they give the first row
    for child in below:
        yield from _walk(child, share)


@cache
def _rows_of(table: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        (count,) = cursor.fetchone() or (0.0,)
    return float(count)
