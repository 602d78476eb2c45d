"""How much each of the connector's branches counts: by the instruction, or by three numbers.

The published model lets BERT read the instruction and puts a small head on its first token. For one
fixed instruction that is a constant, so 112 M parameters become three numbers after the start.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import BertConfig as HfBertConfig
from transformers import BertModel

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.config import BertConfig, GateConfig
from tutor_emotion.nets.r1_omni.connector import BRANCHES


class FixedGate(nn.Module):
    """Three numbers: learned, or what ``BertGate`` said of one instruction."""

    def __init__(self, fixed_for: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.fixed_for = fixed_for
        self.logits = nn.Parameter(torch.zeros(len(BRANCHES)))

    def forward(self, instruction: Sequence[int]) -> Tensor:
        """WordPiece numbers of an instruction → (3,), their sum 1.

        Raises:
            BadInput: ``fixed_instruction``, for another than the one that it holds for.
        """
        if self.fixed_for and tuple(instruction) != self.fixed_for:
            raise BadInput(
                "fixed_instruction",
                "This model was loaded for its one published instruction.",
                hint="Load it with free_instruction=True to ask in other words.",
            )
        return self.logits.softmax(0)


class BertGate(nn.Module):
    """BERT's first token, a hidden layer, three numbers. In ``eval``, each text is read once."""

    KNOWN_INSTRUCTIONS = 64

    def __init__(self, sizes: BertConfig, hidden: int) -> None:
        super().__init__()
        self.sizes = sizes
        self.bert = BertModel(hf_config(sizes))
        self.head = nn.Sequential(
            nn.Linear(sizes.width, hidden), nn.GELU(), nn.Linear(hidden, len(BRANCHES))
        )
        self._known: dict[tuple[int, ...], Tensor] = {}

    def train(self, mode: bool = True) -> BertGate:
        """Whoever changes the weights passes here: what is known of them is forgotten."""
        self._known.clear()
        return super().train(mode)

    def forward(self, instruction: Sequence[int]) -> Tensor:
        """WordPiece numbers of an instruction, framed by [CLS] and [SEP] → (3,), their sum 1.

        Raises:
            BadInput: ``bad_instruction``, for none, or one that is too long for BERT.
        """
        if self.training or torch.is_grad_enabled():
            return self.scores(instruction).softmax(0)
        key = tuple(instruction)
        if key not in self._known:
            if len(self._known) >= self.KNOWN_INSTRUCTIONS:
                self._known.clear()
            self._known[key] = self.scores(instruction).softmax(0)
        return self._known[key]

    def scores(self, instruction: Sequence[int]) -> Tensor:
        """The same before the softmax."""
        if not 2 <= len(instruction) <= self.sizes.positions:
            raise BadInput(
                "bad_instruction",
                f"The gate reads 2 to {self.sizes.positions} pieces, not {len(instruction)}.",
            )
        ids = torch.tensor([list(instruction)], device=self.bert.device)
        first = self.bert(input_ids=ids).last_hidden_state[0, 0]
        scores: Tensor = self.head(first)
        return scores

    def materialise(self) -> None:
        """Make anew what no checkpoint holds, after a build on the meta device."""
        embeddings = self.bert.embeddings
        numbers = torch.arange(self.sizes.positions).expand(1, -1)
        embeddings.register_buffer("position_ids", numbers, persistent=False)
        embeddings.register_buffer("token_type_ids", torch.zeros_like(numbers), persistent=False)


def build(config: GateConfig) -> FixedGate | BertGate:
    """The gate of a config."""
    if config.bert is None:
        return FixedGate(config.fixed_for)
    return BertGate(config.bert, config.hidden)


def fixed(gate: BertGate, instruction: Sequence[int]) -> FixedGate:
    """What is left of a gate when only one instruction will ever be given."""
    made = FixedGate(tuple(instruction))
    with torch.no_grad():
        made.logits.copy_(gate.scores(instruction))
    return made


def hf_config(sizes: BertConfig) -> HfBertConfig:
    """transformers' sizes of the text encoder."""
    return HfBertConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.ffn,
        max_position_embeddings=sizes.positions,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
