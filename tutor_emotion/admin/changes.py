"""The rows of django-simple-history as sentences: who, what, before and after.

What a list enrolled at once is one entry, not hundreds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tutor_emotion.admin.scope import name_of
from tutor_emotion.admin.values import MISSING, Difference, differences
from tutor_emotion.models import ClassRole, Enrolment, SchoolClass

MOST_ROWS = 2_000  # of each kind, newest first
MOST_NAMES = 5
KINDS = {"+": gettext_lazy("added"), "~": gettext_lazy("changed"), "-": gettext_lazy("removed")}
GONE = gettext_lazy("somebody whose account is gone")
_OWN = {"id", "updated_at", "salt"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. ``who`` is empty where no person was signed in: a command, or the host's code."""

    at: datetime
    who: str
    what: str
    sign: str  # +, ~ or -, as django-simple-history writes it
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @property
    def kind(self) -> str:
        return str(KINDS[self.sign])


def entries_of(rows: QuerySet[Any]) -> list[Entry]:
    """These historical rows, newest first, as entries; a row that changed nothing is none."""
    found = list(rows.select_related("history_user").order_by("-history_date", "-pk")[:MOST_ROWS])
    names = _Names(found)
    if found and isinstance(found[0].instance, Enrolment):
        return list(_together(found, names))
    before = _previous(found)
    made = (_entry(row, before.get(row.pk), names) for row in found)
    return [entry for entry in made if entry.sign != "~" or entry.differences]


def _previous(rows: Sequence[Any]) -> dict[Any, Any]:
    """By key of a row that changed something: the row before it."""
    older: dict[Any, Any] = {}
    next_of: dict[Any, Any] = {}
    for row in rows:  # newest first: the next one met of the same object is the one before
        if row.id in next_of:
            older[next_of[row.id].pk] = row
        next_of[row.id] = row
    for row in next_of.values():
        if row.history_type == "~" and row.pk not in older:
            older[row.pk] = row.prev_record
    return {key: row for key, row in older.items() if row is not None}


def _entry(row: Any, before: Any, names: _Names) -> Entry:
    changed: tuple[Difference, ...] = ()
    if row.history_type == "~" and before is not None:
        model = type(row.instance)
        changed = tuple(differences(model, names.values(before), names.values(row)))
    return Entry(
        at=row.history_date,
        who=name_of(row.history_user) if row.history_user else "",
        what=names.title(row),
        sign=row.history_type,
        differences=changed,
        reason=row.history_change_reason or "",
    )


def _together(rows: Sequence[Any], names: _Names) -> Iterator[Entry]:
    """Enrolments that came or went at once, in one class and by one hand, as one entry."""

    def hand(row: Any) -> tuple[Any, ...]:
        minute = row.history_date.replace(second=0, microsecond=0)
        return (
            minute, row.history_type, row.school_class_id, row.history_user_id,
            row.history_change_reason,
        )  # fmt: skip

    for _key, same in groupby(sorted(rows, key=lambda r: str(hand(r))), key=hand):
        group = list(same)
        people = [names.person(row.learner_id) for row in group]
        shown, more = people[:MOST_NAMES], len(people) - MOST_NAMES
        if more > 0:
            shown.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
        count = len(group)
        label = ngettext(
            "%(n)d learner in %(class)s: %(who)s", "%(n)d learners in %(class)s: %(who)s", count
        )
        where = names.school_class(group[0].school_class_id)
        what = label % {"n": count, "class": where, "who": ", ".join(shown)}
        yield Entry(
            at=group[0].history_date,
            who=name_of(group[0].history_user) if group[0].history_user else "",
            what=what,
            sign=group[0].history_type,
            reason=group[0].history_change_reason or "",
        )


class _Names:
    """Names of the people and classes in some historical rows, looked up once."""

    def __init__(self, rows: Sequence[Any]) -> None:
        named = (getattr(row, key, None) for row in rows for key in ("learner_id", "user_id"))
        users = get_user_model()._default_manager.filter(pk__in={pk for pk in named if pk})
        self.people = {user.pk: name_of(user) for user in users}
        classes = {getattr(row, "school_class_id", None) for row in rows} - {None}
        past = SchoolClass.history.filter(id__in=classes).order_by("history_date")
        self.lists = _lists(rows)
        self.classes = {row.id: row.name for row in past}

    def person(self, pk: Any) -> str:
        return self.people.get(pk) or str(GONE)

    def school_class(self, pk: Any) -> str:
        return self.classes.get(pk) or _("a class that is gone")

    def title(self, row: Any) -> str:
        """What a row is about, in words that outlive what it points to."""
        kind = str(row.instance._meta.verbose_name)
        kind = kind[:1].upper() + kind[1:]
        if isinstance(row.instance, ClassRole):
            where = self.school_class(row.school_class_id)
            whom = {"who": self.person(row.user_id), "class": where}
            return _("Role of %(who)s in %(class)s") % whom
        name = getattr(row, "name", None) or getattr(row, "title", None) or getattr(row, "key", "")
        return f"{kind}: {name}" if name else kind

    def values(self, row: Any) -> dict[str, Any]:
        """Field by field; what points to something is a ``_Link``, named only where it is shown."""
        values: dict[str, Any] = {}
        for field in row.instance._meta.concrete_fields:
            if field.name not in _OWN:
                value = getattr(row, field.attname)
                values[field.name] = (
                    _Link(field.related_model, value) if field.is_relation else value
                )
        for field in row.instance._meta.many_to_many:
            links = self.lists.get((row.pk, field.name), [])
            values[field.name] = sorted((_Link(field.related_model, pk) for pk in links), key=repr)
        return values


def _lists(rows: Sequence[Any]) -> dict[tuple[Any, str], list[Any]]:
    """By historical row and field: the keys that a many-to-many field held then."""
    held: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    if not rows:
        return held
    for field in rows[0].instance._meta.many_to_many:
        kept = getattr(type(rows[0]), field.name).model
        column = field.m2m_reverse_field_name() + "_id"
        pairs = kept.objects.filter(history__in=[row.pk for row in rows])
        for key, pk in pairs.values_list("history_id", column):
            held[key, field.name].append(pk)
    return held


@dataclass(frozen=True, slots=True)
class _Link:
    """What a field pointed to: the same where it is the same row, and named when it is read."""

    model: type[Model]
    pk: Any

    def __str__(self) -> str:
        if self.pk is None:
            return MISSING
        found = self.model._default_manager.filter(pk=self.pk).first()
        people = get_user_model()
        if found is None:
            return str(GONE) if self.model is people else f"#{self.pk}"
        return name_of(found) if isinstance(found, people) else str(found)
