"""What the full-size model weighs, part by part, counted on the meta device: no memory, no file."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import SiglipVisionModel

from tutor_emotion.nets.r1_omni.checkpoint import built
from tutor_emotion.nets.r1_omni.config import FULL, OmniConfig
from tutor_emotion.nets.r1_omni.gate import BertGate
from tutor_emotion.nets.r1_omni.vision import siglip_config


def describe(config: OmniConfig = FULL) -> dict[str, Any]:
    """``parameters``: as published; ``parts``: the same by part; ``served``: what is kept for the
    one published instruction; ``tokens``: of a clip with pictures and sound."""
    model = built(config)
    with torch.device("meta"):
        layers = config.vision.layers + 1
        tower = SiglipVisionModel(siglip_config(config.vision, layers, head=True))
    parts = {
        "vision": _count(tower),
        "audio": _count(model.audio),
        "language": _count(model.language),
        "connector": _count(model.connector),
        "projector": _count(model.projector),
        "bert": _count(model.gate.bert) if isinstance(model.gate, BertGate) else 0,
        "gate": _count(model.gate.head if isinstance(model.gate, BertGate) else model.gate),
    }
    served = parts | {"vision": _count(model.vision), "bert": 0, "gate": 3}
    return {
        "parameters": sum(parts.values()),
        "parts": parts,
        "served": {"parameters": sum(served.values()), "parts": served},
        "tokens": {"video": config.video_tokens, "audio": config.audio_tokens},
    }


def _count(module: nn.Module) -> int:
    return sum(values.numel() for values in module.parameters())
