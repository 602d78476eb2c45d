"""The whole: pictures, sound and text become one row of embeddings; the language model goes on.

Order and shapes at the published size: 8 frames → 392 tokens, 30 s of sound → 500 tokens, text 92:
a prefix of 984, plain causal attention, plain positions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Qwen2Config, Qwen2ForCausalLM
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import gate, vision
from tutor_emotion.nets.r1_omni.audio import AudioTower, projector
from tutor_emotion.nets.r1_omni.config import LanguageConfig, OmniConfig
from tutor_emotion.nets.r1_omni.connector import Connector
from tutor_emotion.nets.r1_omni.generate import Sampling, generate
from tutor_emotion.nets.r1_omni.tokens import Prompt


@dataclass(frozen=True, slots=True, eq=False)
class Media:
    """A batch of clips of one layout: ``frames`` (batch, frames, 3, px, px) and ``mel`` (batch,
    bins, mel_frames) as ``prepare`` makes them; None where no clip of the batch has that. They are
    brought to the model's device and precision."""

    frames: Tensor | None = None
    mel: Tensor | None = None


class Omni(nn.Module):
    """R1-Omni of any size. Randomly initialised until a checkpoint fills it."""

    def __init__(self, config: OmniConfig) -> None:
        super().__init__()
        width = config.language.width
        self.config = config
        self.vision = vision.build(config.vision)
        self.connector = Connector(config.vision.width, width, config.connector.blocks)
        self.gate = gate.build(config.gate)
        self.audio = AudioTower(config.audio)
        self.projector = projector(config.audio.width, width)
        self.language = Qwen2ForCausalLM(qwen2_config(config.language))

    def prefix(self, media: Media, prompt: Prompt) -> Tensor:
        """The spliced embeddings (batch, positions, width) of clips that share a prompt.

        Raises:
            BadInput: ``bad_media``, where the prompt and the media are not of one layout;
                ``fixed_instruction`` or ``bad_instruction``, of the gate.
        """
        tokens: dict[str, Tensor] = {}
        if media.frames is not None:
            tokens["video"] = self.see(media.frames, prompt)
        if media.mel is not None:
            tokens["audio"] = self.hear(media.mel)
        placed = [part for part in prompt.parts if isinstance(part, str)]
        if sorted(placed) != sorted(tokens) or len({len(rows) for rows in tokens.values()}) != 1:
            raise BadInput("bad_media", "The prompt and the media are not of one layout.")
        batch = len(next(iter(tokens.values())))
        return torch.cat(
            [
                tokens[part] if isinstance(part, str) else self._text(part, batch)
                for part in prompt.parts
            ],
            dim=1,
        )

    def see(self, frames: Tensor, prompt: Prompt) -> Tensor:
        """(batch, frames, 3, px, px) → (batch, tokens, width)."""
        px = self.config.vision.image_px
        if frames.dim() != 5 or frames.shape[2:] != (3, px, px) or not frames.shape[1]:
            raise BadInput("bad_media", f"Frames are (batch, frames, 3, {px}, {px}).")
        patches = self.vision(frames.flatten(0, 1).to(self.language.model.embed_tokens.weight))
        weights = self.gate(prompt.gate)
        seen: Tensor = self.connector(patches.unflatten(0, frames.shape[:2]), weights)
        return seen

    def hear(self, mel: Tensor) -> Tensor:
        """(batch, bins, mel_frames) → (batch, tokens, width)."""
        if mel.dim() != 3 or mel.shape[1] != self.config.audio.bins:
            raise BadInput("bad_media", f"Sound is (batch, {self.config.audio.bins}, mel frames).")
        heard: Tensor = self.projector(self.audio(mel.to(self.language.model.embed_tokens.weight)))
        return heard

    def logits(self, prefix: Tensor, ids: Tensor) -> Tensor:
        """(batch, positions, width) and (batch, n), padded on the right → (batch, n, vocabulary).

        Row t predicts ``ids[:, t]`` from the prefix and what stands before; what is predicted at
        padding means nothing.
        """
        said = self.language.model.embed_tokens(ids[:, :-1])
        hidden = self.language.model(
            inputs_embeds=torch.cat([prefix, said], dim=1), use_cache=False
        ).last_hidden_state
        logits: Tensor = self.language.lm_head(hidden[:, prefix.shape[1] - 1 :])
        return logits

    def generate(
        self,
        prefix: Tensor,
        *,
        max_new_tokens: int,
        eos: int,
        sampling: Sampling | None = None,
        copies: int = 1,
    ) -> list[list[int]]:
        """As ``generate.generate``: each answer ends with ``eos`` unless it was cut off."""
        return generate(
            self.language,
            prefix,
            max_new_tokens=max_new_tokens,
            eos=eos,
            sampling=sampling,
            copies=copies,
        )

    @property
    def dtype(self) -> torch.dtype:
        """Of the embeddings, and of all that is computed."""
        dtype: torch.dtype = self.language.model.embed_tokens.weight.dtype
        return dtype

    def fix_instruction(self, pieces: tuple[int, ...]) -> None:
        """Drop BERT: from now on only the instruction with these WordPiece numbers is asked."""
        if isinstance(self.gate, gate.BertGate):
            self.gate = gate.fixed(self.gate, pieces).to(self.gate.bert.device)
            kept = self.config.gate.model_copy(update={"bert": None, "fixed_for": pieces})
            self.config = self.config.model_copy(update={"gate": kept})

    def materialise(self) -> None:
        """After a build on the meta device: make anew what no checkpoint holds."""
        self.vision.materialise()
        self.language.model.rotary_emb = Qwen2RotaryEmbedding(config=self.language.config)
        self.language.tie_weights()
        if isinstance(self.gate, gate.BertGate):
            self.gate.materialise()

    def _text(self, ids: tuple[int, ...], batch: int) -> Tensor:
        embed = self.language.model.embed_tokens
        embedded: Tensor = embed(torch.tensor(ids, device=embed.weight.device))
        return embedded.expand(batch, -1, -1)


def qwen2_config(config: LanguageConfig) -> Qwen2Config:
    """transformers' sizes of the language model."""
    return Qwen2Config(
        vocab_size=config.vocabulary,
        hidden_size=config.width,
        intermediate_size=config.ffn,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.kv_heads,
        max_position_embeddings=config.positions,
        rms_norm_eps=config.norm_eps,
        rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
        tie_word_embeddings=True,
        use_sliding_window=False,
    )
