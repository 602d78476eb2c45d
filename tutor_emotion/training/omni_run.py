"""What every training run of an omni model needs: steps, a checkpoint, a log, the plots.

All randomness of a step comes of the seed and the step's number, so that a run that was stopped
goes on as if it had not: to the bit, on the same machine with as many threads and processes.
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Generator

from tutor_emotion.errors import BadInput
from tutor_emotion.training.tuning import Student
from tutor_emotion.training.workers import Workers

LAST, LOG = "last.pt", "log.jsonl"
Figures = dict[str, float]
_KEPT = ("made_by", "step", "learned", "optimiser", "updates", "history")


@dataclass(frozen=True, slots=True)
class Optimising:
    """AdamW. ``warm`` is the share of the updates in which the rate rises to ``rate``; then it
    falls to 0 by ``decay``. ``precision``: bf16 computes in half precision over whole weights.
    ``keep_every``: steps between two checkpoints.
    """

    rate: float = 1e-6
    warm: float = 0.03
    decay: Literal["cosine", "linear"] = "cosine"
    weight_decay: float = 0.0
    max_norm: float = 1.0
    precision: Literal["fp32", "bf16"] = "fp32"
    checkpointing: bool = False
    keep_every: int = 25

    def __post_init__(self) -> None:
        sane = (
            0 < self.rate <= 1
            and 0 <= self.warm < 1
            and 0 <= self.weight_decay <= 1
            and 0 < self.max_norm < math.inf
            and self.keep_every >= 1
            and self.decay in ("cosine", "linear")
            and self.precision in ("fp32", "bf16")
        )
        if not sane:
            raise BadInput("bad_recipe", f"This cannot be trained by: {self}.")

    def at(self, update: int, updates: int) -> float:
        """The share of the rate at an update (from 0)."""
        warm = round(self.warm * updates)
        if update < warm:
            return (update + 1) / (warm + 1)
        done = (update - warm) / max(1, updates - warm)
        return 1 - done if self.decay == "linear" else (1 + math.cos(math.pi * done)) / 2


def generator(*numbers: int) -> Generator:
    """Random numbers that come of these and of nothing else."""
    digest = hashlib.sha256(repr(numbers).encode()).digest()
    return Generator().manual_seed(int.from_bytes(digest[:8]) >> 1)


class Run:
    """A run in ``folder``, taken up where it was stopped. ``step`` counts what is done.

    ``recipe`` is all that makes it what it is, for a folder may not hold a run of another.

    Raises:
        BadInput: ``other_run``, ``run_unreadable``.
    """

    def __init__(
        self,
        student: Student,
        optimising: Optimising,
        updates: int,
        recipe: dict[str, Any],
        seed: int,
        folder: Path,
        workers: Workers,
    ) -> None:
        self.student, self.optimising = student, optimising
        self.seed, self.folder, self.workers = seed, folder, workers
        self.step, self.updates, self.of_updates = 0, 0, updates
        self.history: list[Figures] = []
        self._learns = student.learns
        shapes = {name: list(p.shape) for name, p in self._learns.items()}
        self._made_by = {
            "recipe": recipe, "seed": seed, "updates": updates, "processes": workers.size,
            "shapes": shapes, "start": _sum(student),
        }  # fmt: skip
        self.optimiser = torch.optim.AdamW(
            self._learns.values(), optimising.rate, weight_decay=optimising.weight_decay
        )
        if optimising.checkpointing:
            student.model.language.activation_checkpointing_enable({"use_reentrant": False})
        folder.mkdir(parents=True, exist_ok=True)
        self._resume()

    def generator(self, *numbers: int) -> Generator:
        """Random numbers of this seed and ``numbers``, the same after a restart."""
        return generator(self.seed, *numbers)

    def precision(self) -> AbstractContextManager[Any]:
        """Around every pass through the model."""
        half = self.optimising.precision == "bf16"
        return torch.autocast(self.workers.device.type, torch.bfloat16, enabled=half)

    def learning(self, on: bool) -> None:
        """Only the language model has two modes (checkpointing needs the first); the towers'
        dropout stays off."""
        self.student.model.eval()
        self.student.model.language.train(on)

    def update(self) -> float:
        """One step along the gradients of all processes; their norm before it was bounded.

        Raises:
            BadInput: ``loss_not_finite``.
        """
        parameters = list(self._learns.values())
        self.workers.add_gradients(parameters)
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.optimising.max_norm))
        if not math.isfinite(norm):
            raise BadInput(
                "loss_not_finite",
                f"The gradients of step {self.step} are no numbers.",
                hint="Use a lower rate; the last checkpoint is as it was.",
            )
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.optimiser.step()
        self.pass_over()
        return norm

    def pass_over(self) -> None:
        """An update is over, whether or not anything was to be learned in it."""
        self.optimiser.zero_grad(set_to_none=True)
        self.updates += 1

    @property
    def rate(self) -> float:
        """Of the next update."""
        return self.optimising.rate * self.optimising.at(self.updates, self.of_updates)

    def end_step(self, figures: Figures, last: bool) -> None:
        """Logs it with the next rate; keeps it every ``keep_every`` steps and at the last."""
        self.step += 1
        self.history.append({"step": float(self.step), **figures, "rate": self.rate})
        if self.workers.first:
            with (self.folder / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps(self.history[-1]) + "\n")
        if last or self.step % self.optimising.keep_every == 0:
            self._keep()

    def _keep(self) -> None:
        """Whole or not at all."""
        if self.workers.first:
            new = self.folder / f"{LAST}.new"
            torch.save(
                {
                    "made_by": self._made_by,
                    "step": self.step,
                    "learned": {name: p.detach() for name, p in self._learns.items()},
                    "optimiser": self.optimiser.state_dict(),
                    "updates": self.updates,
                    "history": self.history,
                },
                new,
            )
            new.replace(self.folder / LAST)
        self.workers.wait()

    def _resume(self) -> None:
        path = self.folder / LAST
        if path.is_file():
            saved = _read(path, self.workers.device)
            if saved["made_by"] != self._made_by:
                raise BadInput(
                    "other_run",
                    f"{self.folder} holds a run of another recipe, seed, model or number of "
                    "processes.",
                    hint="Give another --out, or remove it.",
                )
            self.step, self.history = saved["step"], saved["history"]
            self.student.load(saved["learned"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.updates = saved["updates"]
        self.workers.wait()
        if self.workers.first:  # without the lines of steps that are done again
            lines = "".join(json.dumps(line) + "\n" for line in self.history)
            (self.folder / LOG).write_text(lines, encoding="utf-8")


def _sum(student: Student) -> float:
    """Tells one start from another."""
    return sum(float(p.detach().double().sum()) for p in student.model.parameters())


def _read(path: Path, device: torch.device) -> dict[str, Any]:
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True, map_location=device)
        return {name: saved[name] for name in _KEPT}
    except Exception as error:  # noqa: BLE001 what torch's reader raises is nowhere listed
        raise BadInput(
            "run_unreadable",
            f"{path} is no checkpoint of ours: {type(error).__name__}.",
            hint="Remove it; the run then begins anew.",
        ) from None
