"""Learners' own keys: made when first needed, changed with the master key, destroyed for good."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.models import LearnerId, LearnerKey, LearnerRecord
from tutor_emotion.sealing import Box, master_boxes, new_key


def learner_record(learner_id: LearnerId) -> LearnerRecord:
    """What the plugin knows of a learner; made when there is nothing yet."""
    return LearnerRecord.objects.get_or_create(learner_id=learner_id)[0]


def box_of(learner_id: LearnerId) -> Box:
    """The learner's box; its key is made when there is none yet.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``.
        Unavailable: ``not_opened``, when no master key opens it.
    """
    return _box(learner_record(learner_id).pseudonym)


def boxes_of(learner_ids: Iterable[LearnerId]) -> dict[LearnerId, Box]:
    """Boxes of those learners who have a key; two queries, however many."""
    records = LearnerRecord.objects.filter(learner__in=set(learner_ids))
    names = dict(records.values_list("pseudonym", "learner_id"))
    rows = LearnerKey.objects.using(get_settings().KEY_DATABASE).filter(pk__in=names)
    return {names[row.pk]: _unwrap(row) for row in rows}


def destroy_key(pseudonym: UUID) -> None:
    """What was sealed with it can never be read again, wherever a copy of it lies."""
    LearnerKey.objects.using(get_settings().KEY_DATABASE).filter(pk=pseudonym).delete()


def rotate_keys() -> int:
    """Seal each learner's key with the first master key; how many were sealed with another."""
    first = master_boxes(get_settings().MASTER_KEYS)[0]
    changed = 0
    for row in LearnerKey.objects.using(get_settings().KEY_DATABASE).iterator():
        try:
            first.open_bytes(row.sealed, _where(row.pk))
        except Unavailable:
            row.sealed = first.seal_bytes(_unwrap(row).key, _where(row.pk))
            row.save(update_fields=["sealed", "sealed_at"])
            changed += 1
    return changed


def _box(pseudonym: UUID) -> Box:
    keys = LearnerKey.objects.using(get_settings().KEY_DATABASE)
    row = keys.filter(pk=pseudonym).first()
    if row is None:
        sealed = master_boxes(get_settings().MASTER_KEYS)[0].seal_bytes(
            new_key(), _where(pseudonym)
        )
        # Two at once: the first one's key is taken, for both.
        row, _ = keys.get_or_create(pk=pseudonym, defaults={"sealed": sealed})
    return _unwrap(row)


def _unwrap(row: LearnerKey) -> Box:
    masters = master_boxes(get_settings().MASTER_KEYS)
    for number, master in enumerate(masters, start=1):
        try:
            return Box(master.open_bytes(row.sealed, _where(row.pk)))
        except Unavailable:
            if number == len(masters):
                raise
    raise AssertionError("master_boxes gives at least one")


def _where(pseudonym: UUID) -> str:
    return f"key:{pseudonym}"
