"""The picture tower: SigLIP's encoder up to its last layer but one.

The published model reads ``hidden_states[-2]`` of twelve layers, before the closing norm and
without the pooling head: the twelfth layer, that norm and the head are dead weight, and not built.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import SiglipVisionConfig, SiglipVisionModel

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.aligned import GREY
from tutor_emotion.nets.face.expression import Expression, ExpressionShape, fused, standardised
from tutor_emotion.nets.r1_omni.config import VisionConfig

EXPRESSION_WIDTH, EXPRESSION_STRIDE = 192, 8


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


class ExpressionTower(nn.Module):
    """The convolutions of our expression net, norms folded in: (pictures, 3, px, px) in −1..1 →
    (pictures, (px / 8)², 192), each place normalised over its channels.

    The net was trained on 48 px; over 64 px with the face in the middle, which is how our ingest
    cuts it, the same convolutions see the face at the same scale, and the room around it.
    """

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        if (config.width, config.patch_px) != (EXPRESSION_WIDTH, EXPRESSION_STRIDE):
            raise BadInput(
                "checkpoint_bad_config",
                f"The expression net gives {EXPRESSION_WIDTH} channels every {EXPRESSION_STRIDE} "
                f"px, not {config.width} every {config.patch_px}.",
            )
        net = fused(Expression(ExpressionShape()))
        assert isinstance(net, Expression)
        self.body = net.body

    def forward(self, pictures: Tensor) -> Tensor:
        weights = pictures.new_tensor(GREY).view(1, 3, 1, 1)
        grey = ((pictures + 1) / 2 * weights).sum(1, keepdim=True)
        maps = self.body(standardised(grey)).flatten(2).transpose(1, 2)
        return functional.layer_norm(maps, maps.shape[-1:])

    def materialise(self) -> None:
        """Nothing is made anew: a checkpoint holds all of it."""


def build(config: VisionConfig) -> VisionTower | ExpressionTower:
    """The tower of a config.

    Raises:
        BadInput: ``checkpoint_bad_config``, for sizes that our expression net has not.
    """
    return VisionTower(config) if config.kind == "siglip" else ExpressionTower(config)


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
