"""A second Runner on the same live Windows: beside the work, and nothing of it reaches anybody."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import redis

from tutor_emotion import faults
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference.agreement import Agreements, Cell, cells
from tutor_emotion.inference.runner import Runner
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)


class Shadow:
    """Reads one batch at a time, on a thread of its own; what comes meanwhile is skipped, not kept.

    A shadow that fails costs its own count, never a live Reading.
    """

    def __init__(self, runner: Runner, agreements: Agreements) -> None:
        self.runner = runner
        self._agreements = agreements
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._busy = threading.Lock()
        self._skipped = 0

    def offer(
        self, live: str, windows: Sequence[Window], read: Sequence[Sequence[Reading]]
    ) -> Future[None] | None:
        """Compare what the Runner ``live`` (its version) has ``read``; None where it is skipped."""
        if not self._busy.acquire(blocking=False):
            self._skipped += len(windows)
            metrics.SHADOW_WINDOWS.labels(what="skipped").inc(len(windows))
            return None
        skipped, self._skipped = self._skipped, 0
        return self._thread.submit(self._compare, live, windows, read, skipped)

    def _compare(
        self,
        live: str,
        windows: Sequence[Window],
        read: Sequence[Sequence[Reading]],
        skipped: int,
    ) -> None:
        try:
            found: Counter[Cell] = Counter()
            for ours, theirs in zip(read, self.runner.run(windows), strict=True):
                found += cells(ours, theirs)
            metrics.SHADOW_WINDOWS.labels(what="read").inc(len(windows))
            self._agreements.add(live, self.runner.version, found, skipped)
        except (OSError, redis.RedisError) as error:
            log.warning("the shadow's agreement is not counted: %s", type(error).__name__)
        except Exception as fault:  # noqa: BLE001 a Runner's edge, whose words may be what it saw
            metrics.SHADOW_WINDOWS.labels(what="failed").inc(len(windows))
            faults.note(log, "a batch of the shadow", fault)
        finally:
            self._busy.release()
