"""Texts after a prefix, as numbers: padded, and how likely a model finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache

from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.tokens import Prompt, Tokens
from tutor_emotion.training.examples import Example, layouts


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Clips of one layout with their prompt. ``places`` are their indices in the batch."""

    media: Media
    prompt: Prompt
    places: tuple[int, ...]

    def __getitem__(self, rows: slice) -> Asked:
        frames, mel = self.media.frames, self.media.mel
        media = Media(None if frames is None else frames[rows], None if mel is None else mel[rows])
        return Asked(media, self.prompt, self.places[rows])


def asked(
    examples: Sequence[Example], tokens: Tokens, device: torch.device, at_once: int
) -> list[Asked]:
    """The examples in parts of one layout and at most ``at_once`` clips.

    Raises:
        BadInput: ``no_media``.
    """
    parts: list[Asked] = []
    for places in layouts(examples):
        group = [examples[place] for place in places]
        prompt = tokens.prompt(group[0].frames is not None, group[0].mel is not None)
        media = Media(
            _stacked([example.frames for example in group], device),
            _stacked([example.mel for example in group], device),
        )
        whole = Asked(media, prompt, tuple(places))
        parts += [whole[at : at + at_once] for at in range(0, len(places), at_once)]
    return parts


def _stacked(tensors: Sequence[Tensor | None], device: torch.device) -> Tensor | None:
    there = [tensor for tensor in tensors if tensor is not None]
    return torch.stack(there).to(device) if there else None


def padded(answers: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Token rows of any length → ids and mask (rows, longest), padded on the right with 0."""
    longest = max(len(answer) for answer in answers)
    ids = torch.zeros(len(answers), longest, dtype=torch.long)
    mask = torch.zeros(len(answers), longest)
    for row, answer in enumerate(answers):
        ids[row, : len(answer)] = torch.tensor(answer)
        mask[row, : len(answer)] = 1.0
    return ids.to(device), mask.to(device)


def logits(model: Omni, prefix: Tensor, ids: Tensor) -> Tensor:
    """(clips, positions, width) and (rows, length) → (rows, length, vocabulary); ``rows`` are
    equally many answers to each clip, clip by clip.

    As ``model.logits`` of the repeated prefix, but the prefix is gone through once for all of its
    answers, gradients included. With gradient checkpointing there is no cache, and it is repeated.
    """
    size = len(ids) // len(prefix)
    language = model.language
    if (
        size == 1
        or ids.shape[1] == 1
        or (language.training and language.model.gradient_checkpointing)
    ):
        return model.logits(prefix.repeat_interleave(size, 0), ids)
    cache = DynamicCache(config=language.config)
    read = language.model(inputs_embeds=prefix, past_key_values=cache, use_cache=True)
    cache.batch_repeat_interleave(size)
    said = language.model(
        inputs_embeds=language.model.embed_tokens(ids[:, :-1]),
        past_key_values=cache,
        use_cache=True,
    )
    first = read.last_hidden_state[:, -1:].repeat_interleave(size, 0)
    found: Tensor = language.lm_head(torch.cat([first, said.last_hidden_state], dim=1))
    return found
