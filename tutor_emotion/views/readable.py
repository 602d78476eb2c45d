"""An export as a person reads it: words for values, and no columns that only a machine needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import words
from tutor_emotion.services import Export, Table
from tutor_emotion.services.kept import Words

# Of use to a program alone; the file has them.
MACHINES = frozenset(
    {"id", "client_id", "subject", "pseudonym", "session", "number", "sockets", "estimates"}
    | {"windows", "models_used", "quality", "card", "unit_key", "text_version", "history"}
    | {"history_id", "m2m_history_id", "history_change_reason", "history_type", "coverage"}
    | {"confidence", "expected_p", "previous", "hash", "message"}
)
MOST_CHARS = 300
_KINDS: Mapping[Any, Any] = {**words.SIGNAL_LABELS, **words.ADAPTATION_LABELS}
# What a key of this column is called.
_WORDS: Mapping[str, Mapping[Any, Any]] = {
    "kind": _KINDS,
    "signal": _KINDS,
    "choice": _KINDS,
    "outcome": words.OUTCOME_LABELS,
}
# Columns whose names are a programmer's.
_COLUMNS: Mapping[str, Words] = {
    "at": _("when"),
    "at_s": _("seconds into the lesson"),
    "created_at": _("when"),
    "granted_at": _("given"),
    "revoked_at": _("taken back"),
    "edge": _("began or ended"),
    "took_s": _("seconds it took"),
    "outcome_at_s": _("answered at, in seconds"),
    "helped": _("next answer was right"),
    "evidence": _("why"),
    "signal": _("because the learner"),
    "data": _("more"),
    "modality": _("of what"),
    "p_known": _("how sure that it is known, 0 to 1"),
    "due_at": _("due again"),
    "delay_s": _("seconds since it was learned"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One table as it is shown; ``more``: rows that only the file has."""

    title: Words
    about: Words
    days: int | None
    until: Words
    columns: Sequence[Words]
    rows: Sequence[Sequence[str]]
    more: int


@dataclass(frozen=True, slots=True)
class Page:
    """``empty``: titles of the tables in which there is nothing."""

    learner: str
    at: datetime
    sections: Sequence[Section]
    empty: Sequence[Words]


def readable(export: Export, most: int | None = None) -> Page:
    """``most``: rows of a table, the newest; None: all of them."""
    full = [table for table in export.tables if table.rows]
    empty = dict.fromkeys(str(t.title) for t in export.tables if not t.rows)
    sections = [_section(table, most) for table in full]
    return Page(export.learner, export.at, sections, list(empty))


def _section(table: Table, most: int | None) -> Section:
    rows = table.rows if most is None else table.rows[-most:]
    names = [name for name in table.columns if name not in MACHINES and _is_told(name, rows)]
    return Section(
        table.title,
        table.about,
        table.days,
        table.until,
        [capfirst(str(_COLUMNS.get(name, table.columns[name]))) for name in names],
        [[said(name, row.get(name)) for name in names] for row in rows],
        more=len(table.rows) - len(rows),
    )


def _is_told(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """A column in which nothing stands is left out."""
    return any(row.get(name) not in (None, "", [], {}) for row in rows)


def said(name: str, value: Any) -> str:
    """A value in words."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "evidence" and isinstance(value, list):
        return "; ".join(words.reasons(value, with_sensors=True)) or "–"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) >= 100 else f"{round(value, 2):g}"
    if isinstance(value, str):
        return str(_WORDS[name][value]) if value in _WORDS.get(name, ()) else _text(value)
    return Truncator(", ".join(_parts(value))).chars(MOST_CHARS)


def _text(value: str) -> str:
    when = parse_datetime(value) if value[:4].isdigit() and "T" in value else None
    if when is None:
        return Truncator(value).chars(MOST_CHARS)
    return date_format(localtime(when) if is_aware(when) else when, "SHORT_DATETIME_FORMAT")


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield f"{str(name).replace('_', ' ')}: {said(str(name), part)}"
    elif isinstance(value, list):
        yield from (said("", part) for part in value)
    else:
        yield str(value)
