"""Learners' boxes: their keys as they are kept, opened with a master key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.models.learners import LearnerKey, LearnerRecord
from tutor_emotion.sealing import Box, master_boxes, new_key


def learner_record(learner_id: Any) -> LearnerRecord:
    """What the plugin knows of a learner; made when there is nothing yet."""
    return LearnerRecord.objects.get_or_create(learner_id=learner_id)[0]


def box_of(learner_id: Any) -> Box:
    """The learner's box; its key is made when there is none yet.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``.
        Unavailable: ``not_opened``, when no master key opens it.
    """
    return _box(learner_record(learner_id).pseudonym)


def boxes_of(learner_ids: Iterable[Any]) -> dict[Any, Box]:
    """Boxes of those learners who have a key; two queries, however many."""
    records = LearnerRecord.objects.filter(learner__in=set(learner_ids))
    names = dict(records.values_list("pseudonym", "learner_id"))
    if not names:
        return {}
    rows = LearnerKey.objects.using(get_settings().KEY_DATABASE).filter(pk__in=names)
    return {names[row.pk]: unwrap(row) for row in rows}


def unwrap(row: LearnerKey) -> Box:
    """The box of a key.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``.
        Unavailable: ``not_opened``, when no master key opens it.
    """
    masters = master_boxes(get_settings().MASTER_KEYS)
    for number, master in enumerate(masters, start=1):
        try:
            return Box(master.open_bytes(row.sealed, place_of(row.pk)))
        except Unavailable:
            if number == len(masters):
                raise
    raise AssertionError("master_boxes gives at least one")


def place_of(pseudonym: UUID) -> str:
    """What a sealed key is bound to."""
    return f"key:{pseudonym}"


def _box(pseudonym: UUID) -> Box:
    keys = LearnerKey.objects.using(get_settings().KEY_DATABASE)
    row = keys.filter(pk=pseudonym).first()
    if row is None:
        sealed = master_boxes(get_settings().MASTER_KEYS)[0].seal_bytes(
            new_key(), place_of(pseudonym)
        )
        # Two at once: the first one's key is taken, for both.
        row, _ = keys.get_or_create(pk=pseudonym, defaults={"sealed": sealed})
    return unwrap(row)
