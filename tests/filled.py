"""A database in which every table of ours has a row of somebody, found by introspection.

A table that is added later is filled without a word here, and so is in the tests of export,
erasure and pruning.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import count
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Model
from django.utils import timezone

from tutor_emotion import privacy, services
from tutor_emotion.models import Course, ErasureRecord, LearnerKey, LedgerEntry, LedgerHead
from tutor_emotion.models.sealed import SealedModel

WORD = "written by {}"  # inside of what is sealed
# What introspection cannot know: one of two columns must be filled, and only one.
ALSO = {"MedicalDecision": ("course",), "Variant": ("step",)}
# By verbs of their own.
NOT_MADE = (LedgerEntry, LedgerHead, LearnerKey, ErasureRecord)
_numbers = count(1_000)


def our_models() -> list[type[Model]]:
    return [m for m in apps.get_models() if services.is_ours(m)]


class Filled:
    """Rows of one person, one in each table; those that lead to nobody are their own, too."""

    def __init__(self, user: User) -> None:
        self.user, self.rows = user, dict[type[Model], Model]()
        services.box_of(user.pk)
        self.rows[type(services.learner_record(user.pk))] = services.learner_record(user.pk)
        for model in our_models():
            if model not in NOT_MADE:
                self.row(model)
        self._join()
        course = self.row(Course)
        services.record_consents(course, user.pk, {"text": True}, privacy.CONSENT_TEXT_VERSION)

    def row(self, model: type[Model]) -> Any:
        if model not in self.rows:
            self.rows[model] = self._make(model)
        return self.rows[model]

    def _join(self) -> None:
        for model, row in self.rows.items():
            for field in model._meta.many_to_many:
                if field.related_model is get_user_model():
                    getattr(row, field.name).add(self.user)

    def _make(self, model: type[Model]) -> Model:
        values = dict(self._values(model))
        row = model(**values)
        if isinstance(row, SealedModel):
            said = {name: WORD.format(self.user.username) for name in row.INSIDE}
            row.holding(**said)
        row.save(force_insert=True)
        return row

    def _values(self, model: type[Model]) -> Iterator[tuple[str, Any]]:
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is get_user_model():
                yield field.name, self.user
            elif field.name in ALSO.get(model.__name__, ()) or _is_needed(field):
                yield field.name, self._value(field)

    def _value(self, field: Any) -> Any:
        number = next(_numbers)
        if field.is_relation:
            return self.row(field.related_model)
        if field.choices:
            return field.choices[0][0] or field.choices[1][0]
        match field:
            case models.BooleanField():
                return True
            case models.IntegerField():
                return number
            case models.FloatField():
                return 0.5
            case models.DateTimeField():
                return timezone.now()
            case models.DateField():
                return timezone.localdate()
            case models.UUIDField():
                return uuid.uuid4()
            case models.BinaryField():
                return b"\x01"
        return f"w{number}"


def _is_needed(field: Any) -> bool:
    if isinstance(field, models.AutoField) or field.name == "sealed":
        return False
    return not (field.null or field.has_default() or getattr(field, "auto_now_add", False))
