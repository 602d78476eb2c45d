"""The fast path: after one prefill, how likely is each word of a label set? No prose is generated.

The words are tried in the answer tag that the model was taught, straight after the prompt
(reasoning first is not known to make the label better: arXiv 2508.01318, 2606.27652). All of them
go through the language model beside each other, in the same forward as the prompt: their tokens
stand in one row behind it, each word sees the prompt and itself and no other word, and counts its
positions from the prompt's end. A word's score is the mean log-probability of its tokens and of the
tag's end, so that long words do not lose for being long; ``softmax(scores / temperature)`` is what
is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, Self, TypeAlias

import torch
from torch import Tensor
from transformers import DynamicCache

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.answers import ANSWER, ANSWERED
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens

Way: TypeAlias = Literal["packed", "expanded"]


@dataclass(frozen=True, slots=True)
class Continuations:
    """The words as tokens: what all begin with, and how each goes on."""

    opening: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]


def continuations(tokens: Tokens, words: Sequence[str]) -> Continuations:
    """Each word in its answer tag, cut where all agree: before the words, and after the first token
    of the closing tag (which tells *sad* from the beginning of *sadness*).

    The tag and the word are encoded together, as the model wrote them in training.

    Raises:
        BadInput: ``bad_label_set``, for two words that are the same tokens.
    """
    rows = [tokens.encode(f"{ANSWER}{word}{ANSWERED}") for word in words]
    if len(set(map(tuple, rows))) < len(rows):
        raise BadInput("bad_label_set", "Two words of the label set are the same to the tokenizer.")
    before = _shared(rows)
    after = max(0, _shared([row[before:][::-1] for row in rows]) - 1)
    return Continuations(
        tuple(rows[0][:before]),
        tuple(tuple(row[before : len(row) - after]) for row in rows),
    )


def _shared(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with; at least one of each row is left over."""
    shortest = min(map(len, rows)) - 1
    columns = zip(*(row[:shortest] for row in rows), strict=True)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


class Scorer:
    """Scores the words of a label set with one model.

    ``way``: ``packed`` as above; ``expanded`` gives each word a row of its own behind the prompt's
    repeated keys and values, which is how it is usually done (``bench`` compares the two).
    """

    def __init__(
        self, model: Omni, tokens: Tokens, words: Sequence[str], way: Way = "packed"
    ) -> None:
        self._begin(model, continuations(tokens, words), way)

    @classmethod
    def of(cls, model: Omni, tokens: Continuations, way: Way = "packed") -> Self:
        """For words that are tokens already."""
        made = cls.__new__(cls)
        made._begin(model, tokens, way)
        return made

    def _begin(self, model: Omni, tokens: Continuations, way: Way) -> None:
        self.model = model
        self.tokens = tokens
        self._score: Callable[[Tensor], Tensor] = (
            self._packed if way == "packed" else self._expanded
        )
        device = model.language.model.embed_tokens.weight.device
        self._row = _Row(self.tokens, device)

    @torch.no_grad()
    def __call__(self, prefix: Tensor) -> Tensor:
        """(batch, positions, width) → mean log-probabilities (batch, words), float32."""
        return self._score(prefix)

    def _packed(self, prefix: Tensor) -> Tensor:
        row, language = self._row, self.model.language
        said = language.model.embed_tokens(row.ids).expand(len(prefix), -1, -1)
        start = prefix.shape[1]
        hidden = language.model(
            inputs_embeds=torch.cat([prefix, said], dim=1),
            attention_mask=row.mask(start).expand(len(prefix), 1, -1, -1),
            position_ids=row.positions(start).expand(len(prefix), -1),
            use_cache=False,
        ).last_hidden_state
        return row.means(language.lm_head(hidden[:, start + row.asked]))

    def _expanded(self, prefix: Tensor) -> Tensor:
        row, language = self._row, self.model.language
        opening = language.model.embed_tokens(row.ids[: row.opening]).expand(len(prefix), -1, -1)
        cache = DynamicCache(config=language.config)
        prefilled = language.model(
            inputs_embeds=torch.cat([prefix, opening], dim=1), past_key_values=cache, use_cache=True
        ).last_hidden_state[:, -1:]
        cache.batch_repeat_interleave(len(self.tokens.words))
        padded = row.padded.repeat(len(prefix), 1)
        hidden = language.model(
            inputs_embeds=language.model.embed_tokens(padded), past_key_values=cache, use_cache=True
        ).last_hidden_state
        hidden = torch.cat(
            [
                prefilled,
                hidden.unflatten(0, (len(prefix), -1))[:, row.word_of, row.depth_of],
            ],
            dim=1,
        )
        return row.means(language.lm_head(hidden)[:, row.asked_compact])


class _Row:
    """One row of tokens behind the prompt: the opening, then each word but its last token.

    ``asked``: which places of the row (counted from the prompt's end; -1 is the prompt's last)
    predict the tokens ``said``; ``of`` is the word of each.
    """

    def __init__(self, tokens: Continuations, device: torch.device) -> None:
        self.opening = len(tokens.opening)
        ids, depth, word = list(tokens.opening), list(range(self.opening)), [-1] * self.opening
        asked, said, of = [], [], []
        for number, row in enumerate(tokens.words):
            for place, token in enumerate(row):
                asked.append(self.opening - 1 if place == 0 else len(ids) - 1)
                said.append(token)
                of.append(number)
                if place < len(row) - 1:
                    ids.append(token)
                    depth.append(self.opening + place)
                    word.append(number)

        def on_device(values: list[int]) -> Tensor:
            return torch.tensor(values, dtype=torch.long, device=device)

        self.ids, self._depth, self._word = map(on_device, (ids, depth, word))
        self.asked, self._said, self._of = map(on_device, (asked, said, of))
        self.asked_compact = (self.asked - self.opening + 1).clamp(min=0)
        self._lengths = torch.bincount(self._of, minlength=len(tokens.words))
        later = self._word >= 0
        self.word_of, self.depth_of = self._word[later], self._depth[later] - self.opening
        longest = max(len(row) for row in tokens.words) - 1
        self.padded = on_device([]).new_zeros(len(tokens.words), max(1, longest))
        self.padded[self.word_of, self.depth_of] = self.ids[later]
        self._masks: dict[int, Tensor] = {}

    def positions(self, start: int) -> Tensor:
        """(1, start + row): those of the prompt, then those of each word from the opening's end."""
        prompt = torch.arange(start, device=self.ids.device)
        return torch.cat([prompt, start + self._depth])[None]

    def mask(self, start: int) -> Tensor:
        """(1, 1, n, n), true where a token may look: kept, because a layout has one length."""
        if start not in self._masks:
            word = torch.cat([self._word.new_full((start,), -1), self._word])
            may = (word[None] == -1) | (word[:, None] == word[None])
            self._masks[start] = may.tril()[None, None]
        return self._masks[start]

    def means(self, logits: Tensor) -> Tensor:
        """(batch, asked, vocabulary) → each word's mean log-probability (batch, words)."""
        logits = logits.float()
        picked = logits.gather(-1, self._said.expand(len(logits), -1)[..., None])[..., 0]
        picked = picked - logits.logsumexp(-1)
        sums = picked.new_zeros(len(picked), len(self._lengths)).index_add_(1, self._of, picked)
        return sums / self._lengths


# --- scores → probabilities ----------------------------------------------------------------------


def probabilities(scores: Tensor, temperature: float) -> Tensor:
    """``softmax(scores / temperature)`` over the words, in float64; a row that holds what is no
    number comes out as such. ``evaluation.metrics.fit_temperature`` fits one on held-out clips."""
    return (scores.double() / temperature).softmax(-1)
