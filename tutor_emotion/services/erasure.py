"""Everything of one learner goes, their key last; what stays tells of nobody.

Live sessions and caches are told by ``live.erasing``, which the edges call.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import ManyToManyField, Model, Q, QuerySet

from tutor_emotion import signals
from tutor_emotion.models import (
    Enrolment,
    ErasureRecord,
    ErasureRequest,
    LearnerId,
    LearnerRecord,
    Session,
)
from tutor_emotion.services.access import schools_of
from tutor_emotion.services.ages import age_band_of
from tutor_emotion.services.kept import Kept, kept
from tutor_emotion.services.keys import destroy_key


@dataclass(frozen=True, slots=True)
class Erased:
    """``counts``: rows by table. ``sessions``: which there were, for those that are live."""

    counts: dict[str, int]
    sessions: tuple[str, ...]


@transaction.atomic
def erase_learner(user: Any, *, delete_user: bool = False) -> Erased:
    """Erase what is kept of ``user``, as a learner and as one who teaches or decides.

    All or nothing: where anything fails, everything is there again, but for the key, which goes
    last. Again for somebody of whom nothing is kept: nothing happens, and nothing is written down.
    """
    users = get_user_model()._default_manager
    # In turn with what is being written of them, which locks the same row.
    users.select_for_update().filter(pk=user.pk).first()
    names = LearnerRecord.objects.filter(learner=user.pk)
    pseudonym = names.values_list("pseudonym", flat=True).first()
    mine = Session.objects.filter(learner=user.pk).values_list("pk", flat=True)
    sessions = tuple(map(str, mine))
    gone = Counter[str]()
    for line in kept():
        if line.whose and line.erased:
            gone[line.model] += _delete(rows_of(line, user.pk))
        for field in line.named:
            gone[line.model] += _unname(line.table, field, user.pk)
    signals.learner_erased.send(sender=Session, learner_id=user.pk)
    if delete_user:
        gone[users.model._meta.label] += users.filter(pk=user.pk).delete()[0]
    if pseudonym is not None:
        destroy_key(pseudonym)
        gone["tutor_emotion.LearnerKey"] += 1
    counts = {table: n for table, n in sorted(gone.items()) if n}
    if counts:
        subject = hashlib.sha256(pseudonym.bytes).hexdigest() if pseudonym else ""
        ErasureRecord.objects.create(subject=subject, counts=counts, account=delete_user)
    return Erased(counts, sessions)


def rows_of(line: Kept, learner_id: LearnerId) -> QuerySet[Any]:
    """The rows of one table that are this learner's own."""
    rows: QuerySet[Any] = line.table._base_manager.all()
    if line.pseudonym:
        names = LearnerRecord.objects.filter(learner=learner_id).values("pseudonym")
        return rows.filter(**{f"{line.pseudonym}__in": names})
    mine = Q(pk__in=[])
    for lookup in line.whose:
        mine |= _owned(line.table, lookup, learner_id)
    return rows.filter(mine)


def may_erase_at_once(learner_id: LearnerId) -> bool:
    """An adult decides alone; for anybody else, and who has said no age, the school does."""
    return age_band_of(learner_id) == "adult"


def ask_for_erasure(learner_id: LearnerId) -> ErasureRequest:
    """Note that a learner wants to be erased; asked twice, it is noted once."""
    return ErasureRequest.objects.get_or_create(learner_id=learner_id)[0]


def asked_for_erasure(learner_id: LearnerId) -> bool:
    return ErasureRequest.objects.filter(learner_id=learner_id).exists()


def answers_for(user: Any, learner_id: LearnerId) -> bool:
    """Whether ``user`` may copy and erase what is kept of a learner: superusers, and the admins of
    a school that the learner is in. A teacher may not."""
    if not user.is_active or user.is_superuser:
        return bool(user.is_active)
    mine = Enrolment.objects.filter(school_class__school__in=schools_of(user))
    return mine.filter(learner=learner_id).exists()


def requests_for(user: Any) -> QuerySet[ErasureRequest]:
    """The requests of those learners for whom ``user`` answers."""
    if user.is_superuser:
        return ErasureRequest.objects.all()
    mine = Enrolment.objects.filter(school_class__school__in=schools_of(user))
    return ErasureRequest.objects.filter(learner__in=mine.values("learner"))


def _owned(model: Any, lookup: str, learner_id: LearnerId) -> Q:
    """``lookup`` by keys and not joined: Django deletes from a join by joining the table with
    itself, which takes the square of its rows where the database's statistics are out of date."""
    field, _, rest = lookup.partition("__")
    if not rest:
        return Q(**{field: learner_id})
    owner = model._meta.get_field(field).related_model
    keys = owner._base_manager.filter(_owned(owner, rest, learner_id)).values("pk")
    return Q(**{f"{field}__in": keys})


def _delete(rows: QuerySet[Any]) -> int:
    _forget_admin_log(rows)
    return rows.delete()[1].get(rows.model._meta.label, 0)


def _unname(model: type[Model], field: str, user_id: LearnerId) -> int:
    column: Any = model._meta.get_field(field)
    if isinstance(column, ManyToManyField):
        rows: Any = column.remote_field.through._base_manager  # type: ignore[union-attr]
        return int(rows.filter(**{column.m2m_reverse_field_name(): user_id}).delete()[0])
    return model._base_manager.filter(**{field: user_id}).update(**{field: None})


def _forget_admin_log(rows: QuerySet[Any]) -> None:
    """Django's own log of the admin calls rows by their text, in which a name may be."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(rows.model))
    logged = set(log.values_list("object_id", flat=True).distinct())
    if logged:
        theirs = logged & {str(pk) for pk in rows.values_list("pk", flat=True)}
        log.filter(object_id__in=theirs).delete()
