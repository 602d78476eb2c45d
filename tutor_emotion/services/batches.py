"""Many rows that go, a few at once: who writes meanwhile waits for one batch at most.

A batch is a transaction of its own. On PostgreSQL it takes rows that nobody else has locked, and
leaves the others to the next night; on SQLite, where one writes at a time, it lets others in
between.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Model, QuerySet

CHUNK = 500
PAUSE_S = 0.005  # SQLite's writers look for their turn some milliseconds apart


def delete_in_batches(rows: QuerySet[Any], order: str = "pk") -> Counter[str]:
    """Delete these rows and what hangs on them; how many of which table.

    ``order`` is a field with an index from which the first rows are found at once.
    """
    gone = Counter[str]()
    while True:
        some, ids = _delete_some(rows.order_by(order))
        gone.update(some)
        if not ids:
            return gone
        time.sleep(PAUSE_S)


def delete_page(rows: QuerySet[Any]) -> Counter[str]:
    """Delete rows that are few already, as one batch."""
    return _delete_some(rows)[0]


def _delete_some(rows: QuerySet[Any]) -> tuple[Counter[str], list[Any]]:
    """One batch; without ids there was nothing to do."""
    whole, gone = rows.model._base_manager.using(rows.db), Counter[str]()
    if not connections[rows.db].features.has_select_for_update_skip_locked:
        ids = _ids(rows)
        gone += _delete_below(rows.model, ids)
        with transaction.atomic(using=rows.db):
            gone.update(whole.filter(pk__in=ids).delete()[1])
        return gone, ids
    gone += _delete_below(rows.model, _ids(rows))
    with transaction.atomic(using=rows.db):
        ids = _ids(rows.select_for_update(skip_locked=True, of=("self",)))
        gone.update(whole.filter(pk__in=ids).delete()[1])
    return gone, ids


def _ids(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.values_list("pk", flat=True)[:CHUNK])


def _delete_below(model: type[Model], ids: list[Any]) -> Counter[str]:
    """What would go with these rows goes before them: a session may have thousands of events."""
    gone = Counter[str]()
    for child, field in _below(model) if ids else ():
        gone += delete_in_batches(child._base_manager.filter(**{f"{field}__in": ids}))
    return gone


def _below(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    for relation in model._meta.related_objects:
        if relation.on_delete is models.CASCADE:
            yield relation.related_model, relation.field.name
