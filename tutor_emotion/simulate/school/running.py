"""A school of learners, on as many processes as there are; the same result on any number."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from tutor_emotion.simulate.school.cohort import Cohort, gathered, joined
from tutor_emotion.simulate.school.configurations import CONFIGURATIONS, NAMES
from tutor_emotion.simulate.school.figures import SHIPPED, Figures
from tutor_emotion.simulate.school.judging import judge
from tutor_emotion.simulate.school.session import live

_BATCH = 4


@dataclass(frozen=True, slots=True)
class School:
    """What is simulated."""

    learners: int
    seed: int = 1
    minutes: int = 60
    names: tuple[str, ...] = NAMES
    figures: Figures = SHIPPED

    @property
    def seconds(self) -> int:
        return self.minutes * 60


def run(
    school: School, jobs: int = 1, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Cohort]:
    """Each configuration's Cohort. ``progress`` hears how many more are done."""
    found: dict[int, list[Cohort]] = {}
    batches = [
        range(first, min(first + _BATCH, school.learners))
        for first in range(0, school.learners, _BATCH)
    ]
    for batch, cohorts in _done(school, batches, jobs):
        found[batch.start] = cohorts
        progress(len(batch))
    return {
        name: joined([found[first][k] for first in sorted(found)])
        for k, name in enumerate(school.names)
    }


def _done(
    school: School, batches: Sequence[range], jobs: int
) -> Iterator[tuple[range, list[Cohort]]]:
    if jobs == 1:
        for batch in batches:
            yield batch, _batch(school, batch)
        return
    # Fresh interpreters: what the host's process holds (threads, connections) stays there.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=_leave_with_parent) as pool:
        waiting = {pool.submit(_batch, school, batch): batch for batch in batches}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _leave_with_parent() -> None:
    """A process that is left alone (its parent was killed) would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _batch(school: School, batch: range) -> list[Cohort]:
    """One Cohort a configuration."""
    return [
        gathered(
            [
                judge(live(school.seed, n, CONFIGURATIONS[name], school.seconds, school.figures))
                for n in batch
            ]
        )
        for name in school.names
    ]
