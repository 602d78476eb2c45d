"""The step of GRPO: from answers with their advantages to another policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import completions, grpo_math
from tutor_emotion.training.completions import Asked, asked, padded
from tutor_emotion.training.omni_run import Figures, Run
from tutor_emotion.training.rollouts import Group

if TYPE_CHECKING:
    from tutor_emotion.training.grpo import GrpoRecipe


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Some clips of one layout with all their answers: ``ids``, ``mask``, ``old`` and ``frozen``
    log-probabilities (rows, length), ``advantage`` (rows,)."""

    asked: Asked
    ids: Tensor
    mask: Tensor
    advantage: Tensor
    frozen: Tensor
    old: Tensor | None


def learn(run: Run, tokens: Tokens, groups: Sequence[Group], recipe: GrpoRecipe) -> Figures:
    """``recipe.passes`` updates on these answers, of this process; what the passes showed.

    Where no process has a group nothing is learned, but the updates are counted.
    """
    rows = run.workers.sums([float(len(groups) * recipe.group)])[0]
    parts = _parts(run, tokens, groups, recipe)
    sums = [0.0] * 5
    norm = 0.0
    for turn in range(recipe.passes):
        run.learning(True)
        for part in parts:
            found = _backward(run, part, recipe, rows)
            if turn == 0:  # kl and entropy of the policy that answered
                sums[:4] = [a + b for a, b in zip(sums[:4], found, strict=False)]
            sums[4] += found[4]
        if rows:
            norm = run.update()
        else:
            run.pass_over()
    loss, kl, entropy, count, clipped = run.workers.sums(sums)
    count = max(1.0, count)
    return {
        "loss": loss / max(1.0, rows),
        "kl": kl / count,
        "entropy": entropy / count,
        "clipped": clipped / count / recipe.passes,
        "norm": norm,
    }


def _parts(run: Run, tokens: Tokens, groups: Sequence[Group], recipe: GrpoRecipe) -> list[_Part]:
    at_once = max(1, recipe.rows // recipe.group)
    parts = []
    for part in asked([g.example for g in groups], tokens, run.workers.device, at_once):
        own = [groups[place] for place in part.places]
        ids, mask = padded([a for g in own for a in g.answers], run.workers.device)
        gains = torch.tensor([a for g in own for a in g.advantages], device=run.workers.device)
        run.learning(False)
        # On one pass the policy that answered is the one that learns: its own numbers serve.
        old = _scored(run, run.student.model, part, ids, recipe) if recipe.passes > 1 else None
        frozen = torch.zeros_like(mask)
        if recipe.beta:
            with run.student.start() as start:
                frozen = _scored(run, start, part, ids, recipe)
        parts.append(_Part(part, ids, mask, gains, frozen, old))
    return parts


@torch.no_grad()
def _scored(run: Run, model: Omni, part: Asked, ids: Tensor, recipe: GrpoRecipe) -> Tensor:
    with run.precision():
        logits = completions.logits(model, model.prefix(part.media, part.prompt), ids)
    return grpo_math.token_log_probs(logits, ids, recipe.temperature)


def _backward(run: Run, part: _Part, recipe: GrpoRecipe, rows: float) -> list[float]:
    """Adds to the gradients; sums of loss, kl, entropy, tokens, and tokens that were clipped."""
    model, mask = run.student.model, part.mask
    with run.precision():
        logits = completions.logits(
            model, model.prefix(part.asked.media, part.asked.prompt), part.ids
        )
    logs = grpo_math.token_log_probs(logits, part.ids, recipe.temperature)
    old = logs.detach() if part.old is None else part.old
    frozen = part.frozen if recipe.beta else logs.detach()
    loss = grpo_math.loss(
        logs, old, frozen, part.advantage, mask, beta=recipe.beta, clip=recipe.clip
    ).sum()
    (loss / rows).backward()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        tokens = float(mask.sum())
        held = 0.0
        if recipe.clip is not None:
            share = grpo_math.clipped_share(logs, old, part.advantage, mask, recipe.clip)
            held = float(share) * tokens
        return [
            float(loss),
            float((grpo_math.k3(logs, frozen) * mask).sum()),
            float((grpo_math.entropy(logits, recipe.temperature) * mask).sum()),
            tokens,
            held,
        ]
