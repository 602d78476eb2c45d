"""What a model said of labelled inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.metrics import Classes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said of ``items``: ``logits`` (n, k) over ``classes`` before its temperature,
    ``truth`` (n,). Where ``answered`` (n,) is False the model itself gave no answer.

    ``worded``: it answered in words, of its own choice. Then logits are all or nothing and say
    nothing of how sure it was, and no class is taken from it because the data lacks that class."""

    items: tuple[Item, ...]
    classes: tuple[str, ...]
    logits: Floats
    truth: Classes
    temperature: float = 1.0
    answered: NDArray[np.bool_] | None = None
    worded: bool = False

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Answers:
        at = np.arange(len(self.items))[rows]
        return replace(
            self,
            items=tuple(self.items[i] for i in at),
            logits=self.logits[at],
            truth=self.truth[at],
            answered=None if self.answered is None else self.answered[at],
        )
