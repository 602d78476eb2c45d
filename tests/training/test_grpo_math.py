"""The sums of GRPO, by hand and against TRL."""

from __future__ import annotations

import math

import pytest
import torch

from tutor_emotion.training import grpo_math
from tutor_emotion.training.grpo_math import (
    advantages,
    clipped_share,
    entropy,
    k3,
    loss,
    mean_of,
    per_row,
    surrogate,
    token_log_probs,
    varied,
)

ALL = torch.ones(1, 1)


def _one(value: float) -> torch.Tensor:
    return torch.tensor([[value]], dtype=torch.float64)


def test_advantages_are_standard_deviations_within_the_group():
    found = advantages(torch.tensor([[2.0, 0.0], [3.0, 3.0]], dtype=torch.float64))
    # mean 1, standard deviation sqrt(2): 1 / (1.414214 + 0.0001)
    assert found.tolist() == [pytest.approx([0.7070568, -0.7070568]), [0.0, 0.0]]


def test_a_group_without_variance_teaches_nothing():
    rewards = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.5]])
    assert varied(rewards).tolist() == [False, True]


def test_log_probabilities_and_entropy_of_known_chances():
    logits = torch.log(torch.tensor([[[0.5, 0.25, 0.25]]], dtype=torch.float64))
    assert token_log_probs(logits, torch.tensor([[1]])).item() == pytest.approx(math.log(0.25))
    assert entropy(logits).item() == pytest.approx(1.5 * math.log(2))
    # At temperature 1/2 chances are squared: 1/4, 1/16, 1/16 of 3/8.
    assert token_log_probs(logits, torch.tensor([[0]]), 0.5).item() == pytest.approx(
        math.log(2 / 3)
    )


def test_half_precision_is_summed_in_single():
    logits = torch.full((1, 1, 40_000), 8.0, dtype=torch.bfloat16)
    found = token_log_probs(logits, torch.zeros(1, 1, dtype=torch.long))
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(-math.log(40_000), rel=1e-5)


def test_k3_by_hand_is_zero_for_the_same_policy_and_never_below():
    # ratio frozen / policy = 1/2: 0.5 - ln 0.5 - 1
    assert k3(_one(math.log(0.5)), _one(math.log(0.25))).item() == pytest.approx(0.1931472)
    assert k3(_one(-1.0), _one(-1.0)).item() == 0.0
    noise = torch.linspace(-3, 3, 50)
    assert (k3(noise, noise.flip(0)) >= 0).all()


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.5, 1.0, -1.2),  # likelier already: no more of it
        (1.5, -1.0, 1.5),  # wrong and likelier: pushed back in full
        (0.5, 1.0, -0.5),
        (0.5, -1.0, 0.8),
        (1.1, 1.0, -1.1),
    ],
)
def test_the_ratio_is_held_only_where_going_on_would_be_rewarded(ratio, advantage, expected):
    new, old = _one(math.log(ratio)), _one(0.0)
    gain = torch.tensor([advantage], dtype=torch.float64)
    assert surrogate(new, old, gain, 0.2).item() == pytest.approx(expected)
    assert surrogate(new, old, gain, None).item() == pytest.approx(-ratio * advantage)
    held = clipped_share(new, old, gain, ALL, 0.2).item()
    assert held == float(expected in (-1.2, 0.8))


def test_on_the_first_pass_the_gradient_is_the_advantage_times_the_score():
    new = torch.tensor([[-0.7, -1.1]], dtype=torch.float64, requires_grad=True)
    loss(
        new, new.detach(), new.detach(), torch.tensor([0.5]), torch.ones(1, 2), beta=0.04, clip=0.2
    ).mean().backward()
    assert new.grad is not None
    assert new.grad.tolist() == [[pytest.approx(-0.25), pytest.approx(-0.25)]]


def test_padding_does_not_count_and_each_answer_weighs_the_same():
    values = torch.tensor([[1.0, 3.0, 100.0], [5.0, 100.0, 100.0], [7.0, 7.0, 7.0]])
    mask = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert per_row(values, mask).tolist() == [2.0, 5.0, 0.0]
    assert mean_of(values, mask).item() == 3.0


# TRL 1.16.0 (torch 2.13, double precision): GRPOTrainer._compute_loss with loss_type "grpo" and
# importance_sampling_level "token", on the very numbers of `_case`; its advantages are
# (r - mean) / (nanstd + 1e-4) of one group of four. The trainer was a namespace with those
# settings, whose `_get_per_token_logps_and_entropies` returned log-softmax and entropy of `new`.
# Given are its loss, the sum of the gradient's absolute values, and what it logged.
TRL = {
    "on_policy": (0.04, 0.2, 0.009935611430791955, 1.1712086465164446),
    "clipped": (0.04, 0.2, 0.07853619215101708, 0.43914653222226707),
    "no_kl": (0.0, 0.1, 0.10087044271309696, 0.4383626930548679),
}
TRL_GRADIENT_00 = [-0.0410656591, 0.0322155063, 0.0069316166, 0.0011505592, 0.000767977]  # clipped
TRL_ADVANTAGES = [1.161715031743386, -1.161715031743386, -0.38723834391446194, 0.38723834391446194]
TRL_KL, TRL_ENTROPY, TRL_CLIPPED = 0.28647012394869803, 1.0663443404632393, 3 / 9


def _case() -> tuple[torch.Tensor, ...]:
    """Logits new, old and frozen (4, 3, 5), tokens, mask."""
    i = torch.arange(60, dtype=torch.float64).reshape(4, 3, 5)
    ids = torch.tensor([[0, 1, 2], [3, 4, 0], [2, 2, 1], [4, 0, 3]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 1]])
    return 2 * torch.sin(1 + i), 2 * torch.sin(1.3 + i), 2 * torch.sin(0.5 + i), ids, mask


@pytest.mark.parametrize("name", TRL)
def test_the_loss_and_its_gradient_are_trls(name):
    beta, clip, expected, gradient = TRL[name]
    new, old, frozen, ids, mask = _case()
    new.requires_grad_()
    gain = advantages(torch.tensor([[2.0, 0.5, 1.0, 1.5]], dtype=torch.float64)).flatten()
    assert gain.tolist() == pytest.approx(TRL_ADVANTAGES, rel=1e-12)
    logs = token_log_probs(new, ids)
    drew = logs.detach() if name == "on_policy" else token_log_probs(old, ids)
    ours = loss(logs, drew, token_log_probs(frozen, ids), gain, mask, beta=beta, clip=clip).mean()
    ours.backward()
    assert ours.item() == pytest.approx(expected, rel=1e-12)
    assert new.grad is not None
    assert new.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-12)
    if name == "clipped":
        assert new.grad[0, 0].tolist() == pytest.approx(TRL_GRADIENT_00, abs=1e-9)
        assert clipped_share(logs, drew, gain, mask, clip).item() == pytest.approx(TRL_CLIPPED)


def test_what_is_logged_is_trls():
    new, _, frozen, ids, mask = _case()
    kl = k3(token_log_probs(new, ids), token_log_probs(frozen, ids))
    assert mean_of(kl, mask).item() == pytest.approx(TRL_KL, rel=1e-12)
    assert mean_of(entropy(new), mask).item() == pytest.approx(TRL_ENTROPY, rel=1e-12)
    assert grpo_math.STD_FLOOR == 1e-4
