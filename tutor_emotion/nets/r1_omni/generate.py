"""Tokens after a prefix, for a batch, with one cache of keys and values."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, Qwen2ForCausalLM

from tutor_emotion.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw: logits over ``temperature``, of the likeliest tokens whose sum first reaches
    ``top_p``. The ``generator`` makes it repeatable; it is drawn on that one's device."""

    temperature: float = 1.0
    top_p: float = 1.0
    generator: torch.Generator | None = None

    def __post_init__(self) -> None:
        if not (0.01 <= self.temperature <= 100 and 0 < self.top_p <= 1):
            raise BadInput(
                "bad_sampling", "The temperature has to be 0.01 to 100, and top_p above 0, up to 1."
            )


@torch.no_grad()
def generate(
    language: Qwen2ForCausalLM,
    prefix: Tensor,
    *,
    max_new_tokens: int,
    eos: int,
    sampling: Sampling | None = None,
    copies: int = 1,
) -> list[list[int]]:
    """Continue each row of ``prefix`` (batch, positions, width); all rows are of one length.

    With ``copies``, so many answers to each row, row by row; the prefix is gone through once.

    Each answer ends with ``eos``, unless ``max_new_tokens`` cut it off. Without ``sampling`` the
    likeliest token is taken. Rows that have ended leave the batch.
    """
    answers: list[list[int]] = [[] for _ in range(len(prefix) * copies)]
    rows = torch.arange(len(answers))
    cache = DynamicCache(config=language.config)
    embedded = prefix
    for turn in range(max_new_tokens):
        if not len(rows):
            break
        step = language.model(inputs_embeds=embedded, past_key_values=cache, use_cache=True)
        last = step.last_hidden_state[:, -1]
        if turn == 0 and copies > 1:
            cache.batch_repeat_interleave(copies)
            last = last.repeat_interleave(copies, 0)
        chosen = choose(language.lm_head(last), sampling)
        for row, token in zip(rows.tolist(), chosen.tolist(), strict=True):
            answers[row].append(token)
        going = chosen != eos
        if not bool(going.all()):
            cache.batch_select_indices(going.nonzero().flatten())
            rows, chosen = rows[going.cpu()], chosen[going]
        embedded = language.model.embed_tokens(chosen)[:, None]
    return answers


def choose(logits: Tensor, sampling: Sampling | None) -> Tensor:
    """One token of each row of ``logits`` (batch, vocabulary) → (batch,)."""
    if sampling is None:
        return logits.argmax(-1)
    shares, order = (logits.float() / sampling.temperature).softmax(-1).sort(-1, descending=True)
    before = shares.cumsum(-1) - shares
    shares = shares.masked_fill(before >= sampling.top_p, 0.0)
    place = sampling.generator.device if sampling.generator else shares.device
    drawn = torch.multinomial(shares.to(place), 1, generator=sampling.generator)
    return order.gather(1, drawn.to(order.device)).flatten()
