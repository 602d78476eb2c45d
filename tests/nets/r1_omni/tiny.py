"""An omni model that is built in a moment: every part there, every size small and different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers.convert_slow_tokenizer import bytes_to_unicode

from tutor_emotion.nets.r1_omni.config import (
    AudioConfig,
    BertConfig,
    ConnectorConfig,
    GateConfig,
    LanguageConfig,
    OmniConfig,
    VisionConfig,
)
from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.tokens import INSTRUCTION, Prompt, Tokens, byte_pairs

BERT = BertConfig(width=12, layers=1, heads=2, ffn=20, vocabulary=30_522, positions=64)
TINY = OmniConfig(
    vision=VisionConfig(image_px=32, patch_px=8, width=24, layers=2, heads=3, ffn=40),
    audio=AudioConfig(bins=16, mel_frames=60, width=20, layers=2, heads=2, ffn=36, pool=3),
    language=LanguageConfig(
        width=32, layers=2, heads=4, kv_heads=2, ffn=48, vocabulary=272, positions=2048
    ),
    connector=ConnectorConfig(blocks=2),
    gate=GateConfig(hidden=10),
    num_frames=4,
)
TINY_BERT = TINY.model_copy(update={"gate": GateConfig(hidden=10, bert=BERT)})


def tiny(config: OmniConfig = TINY, seed: int = 0) -> Omni:
    """Random, but far from zero everywhere: an initialiser's small numbers would hide faults."""
    torch.manual_seed(seed)
    model = Omni(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for values in model.parameters():
            values.add_(torch.randn(values.shape, generator=generator) * 0.2)
    return model.eval()


def bytes_tokenizer(folder: Path) -> Path:
    """Writes ``tokenizer.json``: every byte is a token, and the three special ones."""
    vocabulary = {letter: number for number, letter in bytes_to_unicode().items()}
    folder.mkdir(parents=True, exist_ok=True)
    byte_pairs(vocabulary, []).save(str(folder / "tokenizer.json"))
    return folder


def prompt(tokens: Tokens, video: bool = True, audio: bool = True) -> Prompt:
    return tokens.prompt(video, audio, INSTRUCTION)


def media(batch: int = 2, *, video: bool = True, audio: bool = True, seed: int = 1) -> Media:
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.randn(batch, TINY.num_frames, 3, 32, 32, generator=generator)
    sounds = torch.randn(batch, 16, 60, generator=generator)
    return Media(pictures if video else None, sounds if audio else None)


def pictures(count: int, height: int = 48, width: int = 40) -> list[NDArray[np.uint8]]:
    draw = np.random.default_rng(0)
    return [draw.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]
