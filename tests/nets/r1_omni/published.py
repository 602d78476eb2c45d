"""A checkpoint's folder as a publisher would ship it, at a tiny size."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.nets.r1_omni.tiny import TINY_BERT, bytes_tokenizer, tiny
from tutor_emotion.nets.r1_omni.checkpoint import OUR_HEAD
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.config_file import write_config
from tutor_emotion.nets.r1_omni.keys import EMBEDDINGS, TIED, to_published

TOWER = "model.vision_tower.vision_tower.vision_model."
EARS = "model.audio_tower.audio_tower."
UNDER_POLICY = TINY_BERT.model_copy(update={"policy": "r1-omni"})
TODAY = "2026-11-28"


def published_tensors(config: OmniConfig = UNDER_POLICY, seed: int = 0) -> dict[str, Tensor]:
    """What a model holds, by published names, and the junk that the published file has."""
    model = tiny(config, seed)
    tensors = {
        to_published(name): values.clone()
        for name, values in model.state_dict().items()
        if name != OUR_HEAD
    }
    dead = {
        name.replace("layers.1.", "layers.2."): torch.ones_like(values)
        for name, values in tensors.items()
        if name.startswith(f"{TOWER}encoder.layers.1.")
    }
    return {
        **tensors,
        **dead,
        TIED: tensors[EMBEDDINGS].clone(),
        f"{TOWER}post_layernorm.weight": torch.ones(24),
        f"{TOWER}head.probe": torch.ones(1, 1, 24),
        f"{TOWER}embeddings.position_ids": torch.arange(16)[None],
        f"{EARS}projector.weight": torch.ones(8, 20),
        f"{EARS}classifier.bias": torch.ones(2),
        "model.bert_model.embeddings.position_ids": torch.arange(64)[None],
    }


def write_checkpoint(
    folder: Path,
    tensors: dict[str, Tensor] | None = None,
    config: OmniConfig = UNDER_POLICY,
    shards: int = 1,
) -> Path:
    """Tokenizer, config, and the tensors in one file or in several with their index."""
    bytes_tokenizer(folder)
    (folder / "config.json").write_text(write_config(config))
    tensors = published_tensors(config) if tensors is None else tensors
    if shards == 1:
        save_file(tensors, folder / "model.safetensors")
        return folder
    places = {}
    for number in range(shards):
        file = f"model-{number + 1:05}-of-{shards:05}.safetensors"
        held = {name: tensors[name] for name in sorted(tensors)[number::shards]}
        save_file(held, folder / file)
        places |= dict.fromkeys(held, file)
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder
