"""Learners' own keys: changed with the master key, destroyed for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.models import LearnerKey
from tutor_emotion.models.keyring import box_of, boxes_of, learner_record, place_of, unwrap
from tutor_emotion.sealing import Box, master_boxes

__all__ = [
    "KeyCounts",
    "box_of",
    "boxes_of",
    "count_keys",
    "destroy_key",
    "learner_record",
    "rotate_keys",
]
TELL_EVERY = 1_000


def destroy_key(pseudonym: UUID) -> None:
    """What was sealed with it can never be read again, wherever a copy of it lies."""
    LearnerKey.objects.using(get_settings().KEY_DATABASE).filter(pk=pseudonym).delete()


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """Learners' keys by the master key that opens them; ``lost``: none of the settings does."""

    first: int = 0
    older: int = 0
    lost: int = 0


def rotate_keys(told: Callable[[int], None] = lambda _done: None) -> int:
    """Seal each learner's key with the first master key; how many were sealed with another.

    Each is written by itself: broken off, it goes on where it was. One that no master key opens is
    left as it is (`count_keys`). ``told``: how many so far, every TELL_EVERY.
    """
    first, changed = master_boxes(get_settings().MASTER_KEYS)[0], 0
    keys = LearnerKey.objects.using(get_settings().KEY_DATABASE)
    for row in keys.order_by("pk").iterator():
        box = _opened(row)
        if box is None or _opens(first, row):
            continue
        sealed = first.seal_bytes(box.key, place_of(row.pk))
        # Of a row that was destroyed meanwhile nothing comes back.
        changed += keys.filter(pk=row.pk).update(sealed=sealed, sealed_at=timezone.now())
        if changed % TELL_EVERY == 0:
            told(changed)
    return changed


def count_keys() -> KeyCounts:
    """Whether older master keys are still needed."""
    first = master_boxes(get_settings().MASTER_KEYS)[0]
    found = Counter[str]()
    for row in LearnerKey.objects.using(get_settings().KEY_DATABASE).order_by("pk").iterator():
        name = "first" if _opens(first, row) else "lost" if _opened(row) is None else "older"
        found[name] += 1
    return KeyCounts(**found)


def _opens(master: Box, row: LearnerKey) -> bool:
    try:
        master.open_bytes(row.sealed, place_of(row.pk))
    except Unavailable:
        return False
    return True


def _opened(row: LearnerKey) -> Box | None:
    try:
        return unwrap(row)
    except Unavailable:
        return None
