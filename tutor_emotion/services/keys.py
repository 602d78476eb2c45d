"""Learners' own keys: changed with the master key, destroyed for good."""

from __future__ import annotations

from uuid import UUID

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.models import LearnerKey
from tutor_emotion.models.keyring import box_of, boxes_of, learner_record, place_of, unwrap
from tutor_emotion.sealing import master_boxes

__all__ = ["box_of", "boxes_of", "destroy_key", "learner_record", "rotate_keys"]


def destroy_key(pseudonym: UUID) -> None:
    """What was sealed with it can never be read again, wherever a copy of it lies."""
    LearnerKey.objects.using(get_settings().KEY_DATABASE).filter(pk=pseudonym).delete()


def rotate_keys() -> int:
    """Seal each learner's key with the first master key; how many were sealed with another."""
    first = master_boxes(get_settings().MASTER_KEYS)[0]
    changed = 0
    for row in LearnerKey.objects.using(get_settings().KEY_DATABASE).iterator():
        try:
            first.open_bytes(row.sealed, place_of(row.pk))
        except Unavailable:
            row.sealed = first.seal_bytes(unwrap(row).key, place_of(row.pk))
            row.save(update_fields=["sealed", "sealed_at"])
            changed += 1
    return changed
