"""What the omni loops learn from: a clip, its label, its measures and, to start with, a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import Generator, Tensor

from tutor_emotion.errors import BadInput


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One clip as ``nets/r1_omni/prepare`` makes it: ``frames`` (frames, 3, px, px) and ``mel``
    (bins, mel_frames), None where it has none. The prompt follows from which of them is there.

    ``measures`` are the compact Runner's, of face and voice together. ``text`` is the answer to
    imitate (``answers.write``); reinforcement needs none.
    """

    frames: Tensor | None
    mel: Tensor | None
    label: str
    measures: Mapping[str, float]
    text: str = ""

    @property
    def layout(self) -> tuple[object, ...]:
        """Examples of one layout may share a batch."""
        return tuple(
            None if part is None else tuple(part.shape) for part in (self.frames, self.mel)
        )


class Examples(Protocol):
    """A set to draw from. ``labels`` are known without opening anything."""

    @property
    def labels(self) -> Sequence[str]:
        """The label of each example."""

    def draw(self, index: int, generator: Generator) -> Example:
        """The example of that number. What is random about it (a crop, a noise, which voice) comes
        of ``generator`` alone, so that a run that was stopped can go on as if it had not."""


def layouts(examples: Sequence[Example]) -> Iterator[list[int]]:
    """The places of the examples that can share a batch, group by group, in order."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, example in enumerate(examples):
        groups.setdefault(example.layout, []).append(place)
    yield from groups.values()


def balanced(labels: Sequence[str], count: int, generator: Generator) -> list[int]:
    """``count`` indices, each class as often as any other (but for what does not divide).

    Within a class every example comes once before one comes twice.

    Raises:
        BadInput: ``data_empty``, without an example.
    """
    if not labels:
        raise BadInput("data_empty", "There is no example to learn from.")
    classes = {
        name: [i for i, at in enumerate(labels) if at == name] for name in sorted(set(labels))
    }
    decks: dict[str, list[int]] = {name: [] for name in classes}
    chosen: list[int] = []
    while len(chosen) < count:
        for name in _shuffled(sorted(classes), generator):
            if not decks[name]:
                decks[name] = _shuffled(classes[name], generator)
            chosen.append(decks[name].pop())
    return chosen[:count]


_T = TypeVar("_T")


def _shuffled(items: Sequence[_T], generator: Generator) -> list[_T]:
    return [items[i] for i in torch.randperm(len(items), generator=generator).tolist()]
