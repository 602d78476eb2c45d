"""Old rows, and what goes on beside their pruning."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tutor_emotion.models import AffectSignalRecord, Session


def old_rows(mine: Session, count: int) -> None:
    """So many signals that are over their period, and as many sealed bytes as real ones have."""
    old = timezone.now() - timedelta(days=1_000)
    rows = (AffectSignalRecord(session=mine, edge="raised", at_s=1.0) for _ in range(1))
    (made,) = AffectSignalRecord.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < %s)"
            " INSERT INTO tutor_emotion_affectsignalrecord"
            " (session_id, edge, at_s, skill, sealed, created_at)"
            " SELECT session_id, edge, at_s, skill, sealed, %s"
            " FROM tutor_emotion_affectsignalrecord, n WHERE id = %s",
            [count, old, made.pk],
        )
    made.delete()


@contextmanager
def meanwhile(deed: Callable[[], None]) -> Iterator[list[float]]:
    """``deed`` again and again beside what is inside; how long each took, s. Raises its error."""
    took: list[float] = []
    faults: list[BaseException] = []
    over = threading.Event()

    def work() -> None:
        try:
            while not over.is_set():
                began = time.perf_counter()
                deed()
                took.append(time.perf_counter() - began)
                time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001 - raised where the test is
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()
    if faults:
        raise faults[0]
