"""Everything that is kept of one learner, as tables: for a page, a file, a parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.text import capfirst

from tutor_emotion import signals
from tutor_emotion.conf import get_settings
from tutor_emotion.models import LearnerId, Session
from tutor_emotion.models.sealed import SealedModel
from tutor_emotion.services.erasure import rows_of
from tutor_emotion.services.kept import Kept, Words, kept

SECRET = frozenset({"sealed", "salt"})  # opened, or of no meaning outside


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the export. ``rows`` are by the names of ``columns`` (name → its words).

    ``days``: how long it is kept; None: see ``until``.
    """

    name: str
    title: Words
    about: Words
    columns: Mapping[str, Words]
    rows: tuple[Mapping[str, Any], ...]
    days: int | None = None
    until: Words = ""


@dataclass(frozen=True, slots=True)
class Export:
    """``tables`` with rows come first; a table that is empty says that nothing is kept there."""

    learner: str
    at: datetime
    tables: tuple[Table, ...]

    def as_data(self) -> dict[str, Any]:
        """For JSON: rows by table, under the names of the database."""
        tables = {t.name: [dict(row) for row in t.rows] for t in self.tables}
        return {"learner": self.learner, "at": self.at.isoformat(), "tables": tables}


def export_learner(user: Any) -> Export:
    """What is kept of ``user``: every table that has a line, and what other apps add."""
    tables = [_table(line, user.pk) for line in kept() if line.whose or line.pseudonym]
    tables += _of_others(user.pk)
    tables.sort(key=lambda table: not table.rows)
    return Export(str(user.get_username()), timezone.now(), tuple(tables))


def _table(line: Kept, learner_id: LearnerId) -> Table:
    model = line.table
    fields = [f for f in model._meta.fields if f.name not in {*SECRET, *line.whose}]
    inside = model.INSIDE if issubclass(model, SealedModel) else ()
    columns: dict[str, Words] = {f.name: capfirst(f.verbose_name) for f in fields}
    columns |= {name: capfirst(name.replace("_", " ")) for name in inside}
    found = rows_of(line, learner_id).select_related(*_named_by(fields))
    order = [line.since] if line.since and "__" not in line.since else []
    found = found.order_by(*order, "pk")
    rows = tuple(dict(_values(row, fields, inside)) for row in found.iterator())
    days = getattr(get_settings(), line.days) if line.days else None
    title = line.title or capfirst(model._meta.verbose_name_plural)
    return Table(model._meta.label, title, line.about, columns, rows, days, line.until)


def _values(
    row: Any, fields: list[Field[Any, Any]], inside: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    for field in fields:
        try:
            yield field.name, plain(getattr(row, field.name))
        except ObjectDoesNotExist:  # a history goes on when what it tells of is gone
            yield field.name, plain(getattr(row, field.attname))
    for name in inside:
        yield name, getattr(row, name)


def plain(value: Any) -> Any:
    """As JSON can carry it; another row by its own words."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (UUID, Model)):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return f"{len(value)} bytes"
    return value


def _named_by(fields: list[Field[Any, Any]]) -> list[str]:
    return [f.name for f in fields if f.is_relation]


def _of_others(learner_id: LearnerId) -> Iterator[Table]:
    answers: Any = signals.learner_exported.send(Session, learner_id=learner_id)
    for _receiver, told in answers:
        for title, rows in (told or {}).items():
            columns = {name: name for row in rows for name in row}
            yield Table(title, title, "", columns, tuple(rows))
