"""The training loop: one cycle of the learning rate, averaged weights, a checkpoint an epoch.

Deterministic on one kind of CPU with the same number of threads: every random choice of an epoch
comes of the seed and the epoch's number, so that a run that was stopped goes on as if it had not.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from tutor_emotion.errors import BadInput

Batches = Callable[[Generator], Iterator[tuple[Tensor, Tensor]]]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """``rate`` is the highest learning rate (one cycle, Smith 2018), reached after ``warm``."""

    epochs: int = 32
    batch: int = 128
    rate: float = 0.1
    warm: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    averaging: float = 0.998


def train(
    net: nn.Module,
    batches: Batches,
    steps_an_epoch: int,
    judge: Callable[[nn.Module], Figures],
    recipe: Recipe,
    seed: int,
    folder: Path,
) -> tuple[nn.Module, list[Figures]]:
    """Trains ``net`` on soft targets; the averaged net and each epoch's figures.

    ``batches`` yields (inputs, target distributions); ``judge`` says how good the averaged net is.
    ``folder`` holds ``last.pt`` and ``history.jsonl``; a run is taken up where it stopped.

    Raises:
        BadInput: ``other_run``, where the folder holds a run of another recipe or seed.
    """
    run = _Run(net, recipe, steps_an_epoch, seed, folder)
    bar = tqdm(total=recipe.epochs, initial=run.epoch, unit="epoch", desc=f"seed {seed}")
    while run.epoch < recipe.epochs:
        began_s = time.monotonic()
        loss = run.one_epoch(batches)
        figures = {"epoch": float(run.epoch), "loss": loss, **judge(run.averaged)}
        run.keep(figures | {"seconds": round(time.monotonic() - began_s, 1)})
        bar.set_postfix({k: f"{v:.4f}" for k, v in figures.items() if k != "epoch"})
        bar.update()
    bar.close()
    return run.averaged, run.history


class _Run:
    """The moving parts of one run, and their checkpoint."""

    def __init__(
        self, net: nn.Module, recipe: Recipe, steps_an_epoch: int, seed: int, folder: Path
    ) -> None:
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.net)
        self.recipe, self.seed, self.folder = recipe, seed, folder
        self.epoch, self.step = 0, 0
        self.history: list[Figures] = []
        # Norms and biases are not pulled towards zero: it would only slow them.
        weights = [p for p in net.parameters() if p.ndim > 1]
        others = [p for p in net.parameters() if p.ndim <= 1]
        groups: list[dict[str, Any]] = [
            {"params": weights, "weight_decay": recipe.weight_decay},
            {"params": others},
        ]
        self.optimiser = torch.optim.SGD(
            groups,
            recipe.rate,
            momentum=recipe.momentum,
            nesterov=True,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            recipe.rate,
            total_steps=recipe.epochs * steps_an_epoch,
            pct_start=recipe.warm,
        )
        folder.mkdir(parents=True, exist_ok=True)
        self._resume()

    def one_epoch(self, batches: Batches) -> float:
        """The mean loss of it."""
        # Dropout draws from torch's own generator.
        torch.manual_seed(self.seed * 1_000_003 + self.epoch)
        generator = Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        self.net.train()
        total, count = 0.0, 0
        for inputs, targets in batches(generator):
            total += self._learn(inputs, targets)
            count += 1
        self.epoch += 1
        return total / max(count, 1)

    def _learn(self, inputs: Tensor, targets: Tensor) -> float:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        # Half precision halves the time on processors that have it; the norms stay whole.
        with torch.autocast(inputs.device.type, torch.bfloat16):
            logits = self.net(inputs)
        loss = -(targets * functional.log_softmax(logits.float(), 1)).sum(1).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        self._average()
        return float(loss.detach())

    @torch.no_grad()
    def _average(self) -> None:
        """Exponential mean of the weights, short at the start (Polyak and Juditsky 1992)."""
        keep = min(self.recipe.averaging, (1 + self.step) / (10 + self.step))
        ours, theirs = self.averaged.state_dict(), self.net.state_dict()
        means = [k for k in ours if ours[k].dtype.is_floating_point]
        torch._foreach_lerp_([ours[k] for k in means], [theirs[k] for k in means], 1 - keep)
        for key in ours.keys() - set(means):
            ours[key].copy_(theirs[key])

    def keep(self, figures: Figures) -> None:
        """This epoch, on disk: whole or not at all."""
        self.history.append(figures)
        new = self.folder / "last.pt.new"
        torch.save(
            {
                "made_by": self._made_by(),
                "epoch": self.epoch,
                "step": self.step,
                "net": self.net.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": {
                    k: v for k, v in self.schedule.state_dict().items() if not callable(v)
                },
                "history": self.history,
            },
            new,
        )
        new.replace(self.folder / "last.pt")
        lines = "".join(json.dumps(line) + "\n" for line in self.history)
        (self.folder / "history.jsonl").write_text(lines, encoding="utf-8")

    def _resume(self) -> None:
        path = self.folder / "last.pt"
        if not path.is_file():
            return
        saved: dict[str, Any] = torch.load(path, weights_only=True)
        if saved["made_by"] != self._made_by():
            raise BadInput(
                "other_run",
                f"{self.folder} holds a run of another recipe, seed or architecture.",
                hint="Give another --out, or remove it.",
            )
        self.epoch, self.step, self.history = saved["epoch"], saved["step"], saved["history"]
        self.net.load_state_dict(saved["net"])
        self.averaged.load_state_dict(saved["averaged"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.schedule.load_state_dict(saved["schedule"])

    def _made_by(self) -> dict[str, Any]:
        shapes = {k: list(v.shape) for k, v in self.net.state_dict().items()}
        return {"recipe": asdict(self.recipe), "seed": self.seed, "shapes": shapes}
