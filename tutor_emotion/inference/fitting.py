"""Batches that fit: where a Runner runs out of memory, the same Windows again in smaller ones."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")
# So many batches without a fault, and twice as many Windows are tried: who took the memory may be
# gone. At one batch a second that is one more fault in a minute at most.
TRY_MORE_AFTER = 60


class Fitting:
    """Remembers how many at once have fitted. ``room`` is that, ``most`` never more than that."""

    def __init__(self, most: int) -> None:
        self.room = self._most = most
        self._good = 0

    def run(
        self,
        call: Callable[[Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        lost: Result,
    ) -> list[Result]:
        """One result for each item, in order, from as many calls as it takes.

        An item for which there is no memory even alone gets ``lost``; other faults go through.
        """
        results: list[Result] = []
        while len(results) < len(items):
            some = items[len(results) : len(results) + self.room]
            got = _try(call, some)
            if got is not None:
                results += got
                self._fitted()
            elif len(some) == 1:
                log.error("not even one fits into memory, it is left out")
                results.append(lost)
            else:
                self._too_many(len(some))
        return results

    def _fitted(self) -> None:
        self._good += 1
        if self._good >= TRY_MORE_AFTER and self.room < self._most:
            self.room, self._good = min(self._most, 2 * self.room), 0

    def _too_many(self, count: int) -> None:
        half_count = count // 2
        self.room, self._good = half_count, 0
        log.warning("%d at once do not fit into memory, %d are tried", count, half_count)


def _try(
    call: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item]
) -> Sequence[Result] | None:
    """None: there was no memory for so many."""
    try:
        return call(items)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # Only here, where the exception's frames are gone, is what they held free to be given back.
    _give_back()
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether fewer at once may work. Torch is asked only where it is loaded anyway."""
    torch = sys.modules.get("torch")
    kinds = (MemoryError,) if torch is None else (MemoryError, torch.OutOfMemoryError)
    return isinstance(error, kinds)


def _give_back() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
