"""How one voice net is fitted: every utterance against a drawn past of its own speaker.

Live, the past is what a learner happened to say before. So each time an utterance is seen, another
part of its speaker's utterances stands for the past: none, some, many, all feelings or mostly one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from tutor_emotion.nets.voice.emotion import EMOTIONS, EmotionNet, Shape
from tutor_emotion.nets.voice.usual import CAP, SPREAD_AFTER, Z_LIMIT, Population

Floats = NDArray[np.float64]
NEUTRAL = EMOTIONS.index("neutral")


@dataclass(frozen=True, slots=True)
class Recipe:
    """``noise`` on z (sd), ``mix`` of mixup's beta distribution (Zhang et al. 2018), ``smooth`` of
    the labels; ``p_skewed`` of pasts that favour some feelings, ``p_neutral`` that are mostly
    neutral."""

    epochs: int = 30
    batch: int = 128
    rate: float = 3e-3
    weight_decay: float = 0.02
    noise: float = 0.15
    mix: float = 0.3
    smooth: float = 0.05
    dropout: float = 0.3
    blind: float = 0.1
    p_skewed: float = 0.5
    p_neutral: float = 0.15
    rooms: int = 5
    members: int = 4


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Speakers in rooms: ``values`` (v, n, d), padded; ``labels`` (v, n), -1 where padded;
    ``known`` (v, n, d), where a value could be taken."""

    values: Tensor
    labels: Tensor
    known: Tensor


def visits_of(
    takes: Sequence[Floats], labels: NDArray[np.intp], speakers: NDArray[np.str_]
) -> Visits:
    """Each of ``takes`` (n, d) is the same utterances in other rooms; a visit is one speaker's part
    of one take."""
    parts = [
        (torch.as_tensor(take[rows], dtype=torch.float32), torch.as_tensor(labels[rows]))
        for take in takes
        for speaker in np.unique(speakers)
        if len(rows := np.flatnonzero(speakers == speaker))
    ]
    longest = max(len(values) for values, _ in parts)
    values = torch.full((len(parts), longest, parts[0][0].shape[1]), torch.nan)
    padded = torch.full((len(parts), longest), -1)
    for i, (part, label) in enumerate(parts):
        values[i, : len(part)], padded[i, : len(part)] = part, label
    known = torch.isfinite(values)
    usual = values.nanmean(1, keepdim=True).nan_to_num()
    return Visits(torch.where(known, values, usual), padded, known)


def population_of(visits: Visits) -> Population:
    """What is usual over all visits, how much one speaker varies, and what a mean over speakers is
    worth beside one of a speaker (variance within over variance between, in 0.25 to 4)."""
    there = (visits.labels >= 0).double().unsqueeze(-1)
    values = visits.values.double()
    means = (values * there).sum(1) / there.sum(1)
    within = ((values - means.unsqueeze(1)) ** 2 * there).sum((0, 1)) / there.sum((0, 1))
    between = means.var(0)
    weight = (within / (between + 1e-9)).clamp(0.25, 4.0)
    spread = within.sqrt() + 1e-6
    return Population(means.mean(0).numpy(), spread.numpy(), weight.numpy())


def drawn(visits: Visits, population: Population, recipe: Recipe, generator: Generator) -> Tensor:
    """Every utterance against another drawn past of its visit: z (v, n, d + 1)."""
    count, past = _pasts(visits, recipe, generator)
    mean = torch.as_tensor(population.mean, dtype=torch.float32)
    spread = torch.as_tensor(population.spread, dtype=torch.float32)
    weight = torch.as_tensor(population.weight, dtype=torch.float32)
    scaled = (visits.values - mean) / spread
    heard = past @ scaled / count.clamp(min=1)
    varied = (past @ scaled**2 / count.clamp(min=1) - heard**2).clamp(min=0)
    # As ``usual.against_usual``, in the population's own unit.
    expected = count * heard / (count + weight)
    variance = (count * varied + SPREAD_AFTER) / (count + SPREAD_AFTER)
    z = ((scaled - expected) / variance.sqrt()).clamp(-Z_LIMIT, Z_LIMIT)
    z = torch.where(visits.known, z, 0.0)
    return torch.cat([z, torch.log1p(count) / 4], -1)


def _pasts(visits: Visits, recipe: Recipe, generator: Generator) -> tuple[Tensor, Tensor]:
    """How many utterances were heard before (v, n, 1), and which: (v, n, n) of 0 and 1."""
    v, n = visits.labels.shape
    there = visits.labels >= 0
    lean = torch.randn(v, n, len(EMOTIONS), generator=generator) * 2.0
    lean *= _chance(recipe.p_skewed, (v, n, 1), generator)
    calm = _chance(recipe.p_neutral, (v, n), generator)
    lean[..., NEUTRAL] = torch.where(calm, 6.0, lean[..., NEUTRAL])
    of_each = visits.labels.clamp(min=0)[:, None, :].expand(v, n, n)
    # Gumbel's trick: the highest of log weight plus such noise are a draw without replacement.
    uniform = torch.rand(v, n, n, generator=generator).clamp(1e-6, 1 - 1e-6)
    score = lean.gather(2, of_each) - torch.log(-torch.log(uniform))
    itself = torch.eye(n, dtype=torch.bool)
    score = score.masked_fill(itself | ~there[:, None, :], -torch.inf)
    few = torch.floor(torch.exp(torch.rand(v, n, generator=generator) * math.log(40.0))) - 1
    many = torch.randint(20, CAP + 1, (v, n), generator=generator).float()
    count = torch.where(_chance(0.4, (v, n), generator), many, few)
    count = torch.minimum(count, there.sum(1, keepdim=True) - 1).clamp(min=0).unsqueeze(-1)
    least = score.sort(-1, descending=True).values.gather(2, (count - 1).clamp(min=0).long())
    return count, ((score >= least) & (count > 0)).float()


def _chance(share: float, shape: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator) < share


def fit(
    visits: Visits, recipe: Recipe, seed: int, tell: Callable[[int, float], None] | None = None
) -> tuple[EmotionNet, list[float]]:
    """A net, and the loss of each epoch. The same on every call with the same seed, on one thread.

    ``tell`` is called after each epoch with its number and loss.
    """
    torch.manual_seed(seed)
    generator = Generator().manual_seed(seed)
    net = EmotionNet(Shape(members=recipe.members), recipe.dropout, recipe.blind)
    population = population_of(visits)
    net.set_population(population)
    rows = torch.nonzero(visits.labels.reshape(-1) >= 0)[:, 0]
    steps = max(1, len(rows) // recipe.batch)
    optimiser = torch.optim.AdamW(net.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.epochs * steps, pct_start=0.2
    )
    targets = _targets(visits.labels.reshape(-1), rows, recipe.smooth)
    net.train()
    losses = []
    for epoch in range(recipe.epochs):
        z = drawn(visits, population, recipe, generator).flatten(0, 1)
        order = rows[torch.randperm(len(rows), generator=generator)]
        total = 0.0
        for some in order[: steps * recipe.batch].chunk(steps):
            x, target = _mixed(z[some], targets[some], recipe, generator)
            loss = -(target * functional.log_softmax(net(x), -1)).sum(-1).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        losses.append(total / steps)
        if tell:
            tell(epoch, losses[-1])
    return net.eval(), losses


def _targets(labels: Tensor, rows: Tensor, smooth: float) -> Tensor:
    """Smoothed one-hot rows, weighted so that every class counts the same: (n, 7)."""
    k = len(EMOTIONS)
    counts = torch.bincount(labels[rows], minlength=k).float().clamp(min=1)
    hot = functional.one_hot(labels.clamp(min=0), k).float() * (1 - smooth) + smooth / k
    weight: Tensor = (counts.mean() / counts)[labels.clamp(min=0)].unsqueeze(1)
    return hot * weight


def _mixed(
    z: Tensor, target: Tensor, recipe: Recipe, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Feature noise and mixup."""
    z = z + recipe.noise * torch.randn(z.shape, generator=generator)
    rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    share = float(rng.beta(recipe.mix, recipe.mix))
    other = torch.randperm(len(z), generator=generator)
    return share * z + (1 - share) * z[other], share * target + (1 - share) * target[other]
