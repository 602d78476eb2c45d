"""The sums of GRPO (Shao et al. 2024, arXiv 2402.03300), without any model.

Shapes: ``groups`` prompts, ``size`` completions of each, ``rows`` = groups x size, ``length``
tokens.
"""

from __future__ import annotations

import torch
from torch import Tensor

STD_FLOOR = 1e-4  # as R1-Omni's trainer has it


def advantages(rewards: Tensor) -> Tensor:
    """(groups, size) → the same: how many standard deviations (n - 1) better than its group."""
    centred = rewards - rewards.mean(1, keepdim=True)
    return centred / (rewards.std(1, keepdim=True) + STD_FLOOR)


def varied(rewards: Tensor) -> Tensor:
    """(groups, size) → (groups,): whether a group can teach anything (DAPO, arXiv 2503.14476)."""
    return (rewards.amax(1) - rewards.amin(1)) > 1e-6


def token_log_probs(logits: Tensor, ids: Tensor, temperature: float = 1.0) -> Tensor:
    """(rows, length, vocabulary) and (rows, length) → (rows, length), single precision or better.

    ``temperature`` is the one that the tokens were drawn with: theirs are the chances that count.
    """
    scaled = _wide(logits) / temperature
    picked = scaled.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return picked - scaled.logsumexp(-1)


def entropy(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """(rows, length, vocabulary) → (rows, length), in nats."""
    logs = (_wide(logits) / temperature).log_softmax(-1)
    return -(logs.exp() * logs).sum(-1)


def k3(log_probs: Tensor, frozen: Tensor) -> Tensor:
    """The estimate of KL(policy ‖ frozen) of each token: never below 0, of small variance
    (Schulman 2020, "Approximating KL divergence")."""
    difference = frozen - log_probs
    return difference.exp() - difference - 1


def surrogate(log_probs: Tensor, old: Tensor, advantage: Tensor, clip: float | None) -> Tensor:
    """(rows, length) of each token's loss: minus ratio x advantage, the ratio to the policy ``old``
    that drew it held within 1 ± ``clip`` where going on would be rewarded.

    ``advantage`` is (rows,). On a first pass ``old`` equals ``log_probs`` and nothing is clipped.
    """
    ratio = (log_probs - old).exp()
    gain = advantage.unsqueeze(1)
    if clip is None:
        return -ratio * gain
    return -torch.minimum(ratio * gain, ratio.clamp(1 - clip, 1 + clip) * gain)


def clipped_share(
    log_probs: Tensor, old: Tensor, advantage: Tensor, mask: Tensor, clip: float
) -> Tensor:
    """The share of tokens whose gradient the clipping took away."""
    ratio, gain = (log_probs - old).exp(), advantage.unsqueeze(1)
    held = ((ratio > 1 + clip) & (gain > 0)) | ((ratio < 1 - clip) & (gain < 0))
    return mean_of(held.float(), mask)


def per_row(values: Tensor, mask: Tensor) -> Tensor:
    """(rows, length) → (rows,): the mean over each row's own tokens; 0 for a row without any."""
    return (values * mask).sum(1) / mask.sum(1).clamp(min=1)


def mean_of(values: Tensor, mask: Tensor) -> Tensor:
    """The mean over all tokens of all rows."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def loss(
    log_probs: Tensor,
    old: Tensor,
    frozen: Tensor,
    advantage: Tensor,
    mask: Tensor,
    *,
    beta: float,
    clip: float | None,
) -> Tensor:
    """(rows,): surrogate + beta x k3, the mean over each row's tokens. GRPO takes their mean."""
    each = surrogate(log_probs, old, advantage, clip) + beta * k3(log_probs, frozen)
    return per_row(each, mask)


def _wide(logits: Tensor) -> Tensor:
    return logits if logits.dtype == torch.float64 else logits.float()
