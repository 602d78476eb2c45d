"""The two towers of omni-mini, frozen as the published ones are while the rest learns.

The picture tower is our expression net as it is shipped, which never saw the held-out pictures. The
sound tower is taught here, on the training speakers alone, the 93 numbers that our voice net reads,
and no label: one that was taught labels knew its 350 training voices by heart, and the language
model then listened to nothing else. The voice net itself teaches nothing: it has heard everybody.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.nets import registry
from tutor_emotion.nets.face.expression import ARCHITECTURE, Expression, ExpressionShape, fused
from tutor_emotion.nets.modules import filled, require_architecture
from tutor_emotion.nets.r1_omni.audio import AudioTower
from tutor_emotion.nets.r1_omni.config import AudioConfig
from tutor_emotion.training.mini_measures import other_run

LOG_EVERY = 50


@dataclass(frozen=True, slots=True)
class TowerRecipe:
    """``passes`` over the sounds; ``rate`` is AdamW's highest, after a tenth of the way."""

    passes: float = 15.0
    batch: int = 64
    rate: float = 1e-3
    weight_decay: float = 0.05


class HeardHead(nn.Module):
    """What the sound tower is asked while it learns."""

    def __init__(self, width: int, numbers: int) -> None:
        super().__init__()
        self.number = nn.Linear(2 * width, numbers)

    def forward(self, positions: Tensor) -> Tensor:
        """(n, tokens, width) → the numbers: of mean and spread over time."""
        told: Tensor = self.number(torch.cat([positions.mean(1), positions.std(1)], 1))
        return told


@dataclass(frozen=True, slots=True, eq=False)
class HeardSounds:
    """``mels`` (n, bins, frames), ``labels`` (n,), ``numbers`` (n, k), NaN where there is none."""

    mels: NDArray[np.float32]
    labels: NDArray[np.intp]
    numbers: NDArray[np.float32]


def seeing(weights_dir: Path) -> dict[str, Tensor]:
    """The numbers of our shipped expression net's body, norms folded in, by their names there.

    Raises:
        Unavailable: ``model_missing``, ``model_corrupt``.
        BadInput: ``bad_architecture``, ``bad_tensors``.
    """
    model = registry.active_one(weights_dir, "expression")
    if model is None:
        raise Unavailable("model_missing", "There is no expression net.", retry=False)
    require_architecture(model, ARCHITECTURE)
    net = fused(filled(Expression(ExpressionShape()), model))
    assert isinstance(net, Expression)
    return net.body.state_dict()


def hearing(
    config: AudioConfig, heard: HeardSounds, recipe: TowerRecipe, seed: int, path: Path
) -> AudioTower:
    """A tower that hears what our voice net's numbers tell; from ``path``, where it was taught
    before.

    Raises:
        BadInput: ``other_run``, where that is another tower; ``loss_not_finite``.
    """
    torch.manual_seed(seed)
    tower = AudioTower(config)
    made_by = {"config": config.model_dump(), "recipe": asdict(recipe), "seed": seed}
    if path.is_file():
        known = torch.load(path, weights_only=True)
        if known["made_by"] != made_by:
            raise other_run(path)
        tower.load_state_dict(known["tower"])
        return tower.eval()
    _teach(tower, heard, recipe, Generator().manual_seed(seed), path.with_suffix(".jsonl"))
    torch.save({"made_by": made_by, "tower": tower.state_dict()}, path)
    return tower.eval()


def _teach(
    tower: AudioTower, heard: HeardSounds, recipe: TowerRecipe, generator: Generator, log: Path
) -> None:
    """A cosine after a warm-up; the loss is written down now and then."""
    numbers = torch.from_numpy(_standard(heard.numbers))
    labels, mels = torch.from_numpy(heard.labels), torch.from_numpy(heard.mels)
    classes = int(labels.max()) + 1
    head = HeardHead(tower.config.width, numbers.shape[1])
    # Each class as often as any other.
    weights = (1.0 / torch.bincount(labels, minlength=classes).clamp_min(1))[labels]
    steps = max(1, math.ceil(recipe.passes * len(mels) / recipe.batch))
    learned = [p for p in (*tower.parameters(), *head.parameters()) if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, recipe.rate, weight_decay=recipe.weight_decay)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda at: min((at + 1) / warm, 0.5 * (1 + math.cos(math.pi * at / steps)) + 1e-3),
    )
    tower.train()
    total, lines = 0.0, []
    for at in range(1, steps + 1):
        rows = torch.multinomial(weights, recipe.batch, replacement=True, generator=generator)
        loss = _known_mse(head(tower(_masked(mels[rows], generator))), numbers[rows])
        if not torch.isfinite(loss):
            raise BadInput("loss_not_finite", f"The sound tower's loss is no number at step {at}.")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        total += float(loss.detach())
        if at % LOG_EVERY == 0 or at == steps:
            lines.append(
                {"step": at, "steps": steps, "loss": total / (at % LOG_EVERY or LOG_EVERY)}
            )
            log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            total = 0.0


def _masked(mels: Tensor, generator: Generator) -> Tensor:
    """A stretch of time and a few bands of each left out (SpecAugment, arXiv 1904.08779)."""
    n, bins, frames = mels.shape
    mels = mels.clone()
    for size, axis in ((bins // 6, 1), (frames // 6, 2)):
        start = torch.randint(0, mels.shape[axis] - size, (n, 1), generator=generator)
        length = torch.randint(0, size + 1, (n, 1), generator=generator)
        at = torch.arange(mels.shape[axis]).view(1, -1)
        hidden = (at >= start) & (at < start + length)
        mels.masked_fill_(hidden.unsqueeze(3 - axis), float(mels.mean()))
    return mels


def _known_mse(found: Tensor, wanted: Tensor) -> Tensor:
    known = torch.isfinite(wanted)
    error = torch.where(known, found - wanted.nan_to_num(), 0.0).square().sum()
    return error / known.sum().clamp_min(1)


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Columns with mean 0 and deviation 1, within four of them; NaN stays."""
    mean, sd = np.nanmean(values, 0), np.nanstd(values, 0)
    clipped: NDArray[np.float32] = np.clip((values - mean) / np.maximum(sd, 1e-6), -4, 4).astype(
        np.float32
    )
    return clipped
