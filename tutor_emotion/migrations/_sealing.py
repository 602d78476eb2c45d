"""Seals what was kept in the open before there were keys. Where there is nothing, needs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F

from tutor_emotion.conf import get_settings
from tutor_emotion.models.keyring import place_of, unwrap
from tutor_emotion.sealing import Box, master_boxes, new_key

CHUNK = 1_000


def seal_rows(
    apps: Any, alias: str, label: str, owner: str, names: Sequence[str]
) -> None:
    """Put the columns ``names`` of a model into its column ``sealed``, row by row."""
    model = apps.get_model(label)
    rows = model.objects.using(alias).order_by("pk")
    boxes: dict[Any, Box] = {}
    hop = owner.partition("__")[0]
    for chunk in _chunks(rows.annotate(whose=F(owner))):
        for row in chunk:
            if row.whose not in boxes:
                boxes[row.whose] = _box(apps, alias, row.whose)
            inside = {name: getattr(row, name) for name in names}
            place = f"{label.lower()}:{getattr(row, f'{hop}_id')}"
            row.sealed = boxes[row.whose].seal(inside, place)
        model.objects.using(alias).bulk_update(chunk, ["sealed"])


def _chunks(rows: Any) -> Iterator[list[Any]]:
    after: Any = None
    while chunk := list((rows if after is None else rows.filter(pk__gt=after))[:CHUNK]):
        after = chunk[-1].pk
        yield chunk


def _box(apps: Any, alias: str, learner_id: Any) -> Box:
    records = apps.get_model("tutor_emotion.LearnerRecord").objects.using(alias)
    record, _ = records.get_or_create(learner_id=learner_id)
    key_database = get_settings().KEY_DATABASE
    keys = apps.get_model("tutor_emotion.LearnerKey").objects.using(key_database)
    row = keys.filter(pk=record.pseudonym).first()
    if row is None:
        place = place_of(record.pseudonym)
        sealed = master_boxes(get_settings().MASTER_KEYS)[0].seal_bytes(new_key(), place)
        row = keys.create(pk=record.pseudonym, sealed=sealed)
    return unwrap(row)
