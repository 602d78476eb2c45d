"""The processes of one training run: one, or as many as ``torchrun`` started, each with a share.

Gradients are added up once before each step, by hand: the parts of a batch differ in which
parameters they use (a clip without sound trains no projector), which torch's wrapper forbids.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

from tutor_emotion.errors import BadInput

CPU = torch.device("cpu")
BUCKET = 1 << 24  # numbers that are sent together: 64 MB in single precision

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Workers:
    """Process ``rank`` of ``size``. All do the same steps; what they log is of all of them."""

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether it is this one that writes."""
        return self.rank == 0

    def share(self, items: Sequence[_T]) -> list[_T]:
        """Every ``size``-th of the items, from the rank's own on.

        Raises:
            BadInput: ``bad_share``, where not all would get as many.
        """
        if len(items) % self.size:
            raise BadInput(
                "bad_share",
                f"{len(items)} clips a step cannot be shared by {self.size} processes.",
                hint="Make the batch a multiple of the number of processes.",
            )
        return list(items[self.rank :: self.size])

    def sums(self, values: Sequence[float]) -> list[float]:
        """Each value, added up over all processes."""
        if self.size == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(total)
        return total.tolist()

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Every process then has the sum; a parameter that one did not use counts as 0 there."""
        if self.size == 1:
            return
        waiting: list[Tensor] = []
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            waiting.append(parameter.grad)
            if sum(gradient.numel() for gradient in waiting) >= BUCKET:
                _add_up(waiting)
                waiting = []
        _add_up(waiting)

    def wait(self) -> None:
        """For the slowest."""
        if self.size > 1:
            distributed.barrier()


def _add_up(gradients: list[Tensor]) -> None:
    if not gradients:
        return
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


@contextmanager
def workers(device: torch.device) -> Iterator[Workers]:
    """This process among those that ``torchrun`` started; alone without it.

    On GPUs each has the one of its local rank; ``device`` then says no number.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Workers(device=device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Workers(distributed.get_rank(), size, device)
    finally:
        distributed.destroy_process_group()
