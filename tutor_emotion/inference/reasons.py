"""Why? Answered where somebody asks, beside the work: one Window's thinking, bounded to measures.

A model's text may be wrong in any way and may name a feeling. So no word of it leaves the worker:
only *which* claims it makes that the compact nets' measures of the same Window bear out, by name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import redis

from tutor_emotion import faults
from tutor_emotion.core.claims import claims, grounded
from tutor_emotion.core.types import Window
from tutor_emotion.inference.packing import Waiting
from tutor_emotion.inference.queue import ASKED
from tutor_emotion.inference.runner import Reasoner, Runner
from tutor_emotion.inference.slots import Slots

log = logging.getLogger(__name__)
Tell = Callable[[Waiting, Sequence[str], str], None]


def bounded(reasoner: Reasoner, measurer: Runner, window: Window) -> tuple[str, ...]:
    """The names of ``core.claims.KINDS`` that the model gives as its reasons and that are so.

    Nothing where it gave none, did not close its tags, or nothing of it was borne out.
    """
    answer = reasoner.reason(window)
    if answer is None or not answer.thinking:
        return ()
    measures: dict[str, float] = {}
    for reading in measurer.run([window])[0]:
        measures.update(reading.measures)
    said = [claim for claim in claims(answer.thinking) if not claim.negated]
    return tuple(claim.kind for claim in said if grounded(claim, measures))


class Reasons:
    """Takes what is asked, one at a time, on a thread of its own.

    ``pass_on`` is the worker's last door: what may not be read is not reasoned about either.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        measurer: Runner,
        slots: Slots,
        pass_on: Callable[[Window], Window],
        tell: Tell,
    ) -> None:
        self._reasoner, self._measurer = reasoner, measurer
        self._slots, self._pass_on, self._tell = slots, pass_on, tell
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reasons")
        self._under_way: Future[int] | None = None

    def look(self) -> Future[int]:
        """Answer all that is asked; at most one look is under way."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._thread.submit(self._answer_all)
        return self._under_way

    def _answer_all(self) -> int:
        done = 0
        try:
            while asked := self._slots.take(1, ASKED):
                self._answer(asked[0])
                done += 1
        except (OSError, redis.RedisError) as error:
            log.warning("what is asked cannot be fetched: %s", type(error).__name__)
        return done

    def _answer(self, asked: Waiting) -> None:
        found: tuple[str, ...] = ()
        try:
            found = bounded(self._reasoner, self._measurer, self._pass_on(asked.window))
        except Exception as fault:  # noqa: BLE001 a Runner's edge, whose words may be what it saw
            faults.note(log, "a reason", fault)
        self._tell(asked, found, self._reasoner.version)
