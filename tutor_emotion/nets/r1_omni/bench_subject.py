"""What ``bench`` measures: a model, a prompt and clips as real ones are, of random numbers."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.checkpoint import load
from tutor_emotion.nets.r1_omni.clips import Clip
from tutor_emotion.nets.r1_omni.config import (
    FULL,
    AudioConfig,
    GateConfig,
    LanguageConfig,
    OmniConfig,
    VisionConfig,
)
from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.scoring import Continuations
from tutor_emotion.nets.r1_omni.tokens import INSTRUCTION_PIECES, Prompt

SMALL = OmniConfig(
    vision=VisionConfig(width=96, layers=3, heads=3, ffn=384),
    audio=AudioConfig(width=80, layers=4, heads=5, ffn=320),
    language=LanguageConfig(width=112, layers=4, heads=7, kv_heads=1, ffn=608, vocabulary=4096),
    gate=GateConfig(hidden=16),
)
# The prompt and DFEW's words as Qwen's tokenizer cuts them: 28, 8 and 56 tokens around the media;
# one to three a word, and one of the tag's end.
PROMPT = Prompt(((7,) * 28, "video", (7,) * 8, "audio", (7,) * 56), INSTRUCTION_PIECES)
LENGTHS = (2, 2, 2, 3, 3, 3, 4)
WORDS = Continuations(
    (27, 9), tuple(tuple(range(60 + 9 * n, 60 + 9 * n + k)) for n, k in enumerate(LENGTHS))
)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The model that is measured."""

    model: Omni
    device: torch.device
    rounds: int
    name: str

    @property
    def config(self) -> OmniConfig:
        return self.model.config

    def prefix(self, media: Media) -> Tensor:
        return self.model.prefix(media, PROMPT)


def subject(device: torch.device, checkpoint: Path | None) -> Subject:
    """The model of a folder, or one of random numbers."""
    on_gpu = device.type == "cuda"
    dtype, rounds = (torch.bfloat16, 5) if on_gpu else (torch.float32, 3)
    if checkpoint is not None:
        return Subject(load(checkpoint, device=device, dtype=dtype).model, device, rounds, "folder")
    torch.manual_seed(0)
    with torch.device(device):
        model = Omni(FULL if on_gpu else SMALL)
    model.fix_instruction(INSTRUCTION_PIECES)
    return Subject(model.to(dtype).eval(), device, rounds, "published" if on_gpu else "scaled down")


def clips(count: int, sounds: Sequence[Int16Sound] = ()) -> list[Clip]:
    """Pictures of noise, and ``sounds`` or two seconds of a buzzing voice, each another one."""
    draw = np.random.default_rng(0)
    made = []
    for n in range(count):
        pictures = tuple(draw.integers(0, 256, (192, 192, 3), dtype=np.uint8) for _ in range(5))
        sound = sounds[n % len(sounds)] if sounds else _buzz(90.0 + 7 * n, draw)
        made.append(Clip(pictures, sound, 0.0, len(sound) / prepare.RATE_HZ, 1.0))
    return made


def _buzz(pitch_hz: float, draw: np.random.Generator) -> Int16Sound:
    t = np.arange(2 * prepare.RATE_HZ) / prepare.RATE_HZ
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * draw.uniform(1, 5) * t)
    voice = 6000 * swell * np.sign(np.sin(2 * np.pi * pitch_hz * t)) + draw.normal(0, 300, len(t))
    return voice.astype(np.int16)


def read_sounds(folder: Path) -> list[Int16Sound]:
    """The WAV files of a folder, 16 kHz mono int16.

    Raises:
        BadInput: ``no_sounds``, ``bad_sound``.
    """
    found = []
    for path in sorted(folder.glob("*.wav")):
        try:
            with wave.open(str(path)) as opened:
                shape = opened.getframerate(), opened.getnchannels(), opened.getsampwidth()
                raw = opened.readframes(opened.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise BadInput("bad_sound", f"{path.name}: {type(error).__name__}.") from None
        if shape != (prepare.RATE_HZ, 1, 2) or not raw:
            raise BadInput("bad_sound", f"{path.name} is not 16 kHz mono int16.")
        found.append(np.frombuffer(raw, np.int16))
    if not found:
        raise BadInput("no_sounds", f"There is no WAV file in {folder.name}.")
    return found
