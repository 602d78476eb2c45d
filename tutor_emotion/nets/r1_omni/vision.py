"""The picture tower: SigLIP's encoder up to its last layer but one.

The published model reads ``hidden_states[-2]`` of twelve layers, before the closing norm and
without the pooling head: the twelfth layer, that norm and the head are dead weight, and not built.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import SiglipVisionConfig, SiglipVisionModel

from tutor_emotion.nets.r1_omni.config import VisionConfig


class VisionTower(nn.Module):
    """(pictures, 3, px, px) in −1..1 → (pictures, grid², width)."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.siglip = SiglipVisionModel(siglip_config(config, config.layers, head=False))
        self.siglip.post_layernorm = nn.Identity()  # type: ignore[assignment]

    def forward(self, pictures: Tensor) -> Tensor:
        hidden: Tensor = self.siglip(pixel_values=pictures).last_hidden_state
        return hidden

    def materialise(self) -> None:
        """Make anew what no checkpoint holds, after a build on the meta device."""
        embeddings = self.siglip.embeddings
        count = embeddings.position_embedding.num_embeddings
        numbers = torch.arange(count).expand(1, -1)
        embeddings.register_buffer("position_ids", numbers, persistent=False)


def siglip_config(config: VisionConfig, layers: int, *, head: bool) -> SiglipVisionConfig:
    """transformers' sizes of a tower with so many layers."""
    return SiglipVisionConfig(
        hidden_size=config.width,
        intermediate_size=config.ffn,
        num_hidden_layers=layers,
        num_attention_heads=config.heads,
        image_size=config.image_px,
        patch_size=config.patch_px,
        vision_use_head=head,
    )
