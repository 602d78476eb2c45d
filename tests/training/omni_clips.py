"""A few clips that a tiny omni model can tell apart, with texts about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer
from tutor_emotion.nets.r1_omni.answers import ANSWER, ANSWERED, THINK, THOUGHT, write
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training.examples import Example

LABELS = ("sad", "joy")
SMILE = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}
FROWN = {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0}
TEXTS = {"sad": write("No.", "sad"), "joy": write("Smile.", "joy")}


class ShortTokens(Tokens):
    """A token a byte, one for each word of TEXTS, and a prompt of a few bytes: it stays quick."""

    def __init__(self, folder: Path) -> None:
        super().__init__(bytes_tokenizer(folder))
        self._tokenizer.add_tokens([THINK, THOUGHT, ANSWER, ANSWERED, *LABELS, "Smile.", "No."])

    def prompt(self, video, audio, instruction="?"):
        asked = super().prompt(video, audio, instruction)
        parts = tuple(p if isinstance(p, str) else p[-4:] for p in asked.parts)
        return replace(asked, parts=parts)


@dataclass(frozen=True)
class Clips:
    """Clip ``i`` is of label ``i % 2``: bright and loud, or not, with a noise of its draw."""

    texts: tuple[str, ...]
    video: bool = True
    audio: bool = True

    @property
    def labels(self):
        return [LABELS[i % 2] for i in range(len(self.texts))]

    def draw(self, index, generator):
        is_joy = index % 2
        noise = torch.rand((), generator=generator) * 0.1
        frames = torch.full((TINY.num_frames, 3, 32, 32), 2.0 * is_joy - 1.0) + noise
        mel = torch.full((16, 60), 2.0 * is_joy - 1.0) + noise
        return Example(
            frames if self.video else None,
            mel if self.audio else None,
            LABELS[is_joy],
            SMILE if is_joy else FROWN,
            self.texts[index],
        )


def told(count: int = 4) -> Clips:
    return Clips(tuple(TEXTS[LABELS[i % 2]] for i in range(count)))


def fresh(seed: int = 0, config: OmniConfig = TINY) -> Omni:
    """As a model is initialised, without ``tiny``'s large noise: it can learn."""
    torch.manual_seed(seed)
    return Omni(config).eval()


class Joyful(Clips):
    """Only clips of joy, told once rightly and once wrongly: who imitates them is right half the
    time, and learns by reward what is seen."""

    @property
    def labels(self):
        return ["joy"] * len(self.texts)

    def draw(self, index, generator):
        return replace(super().draw(1, generator), text=self.texts[index])


def joyful() -> Joyful:
    return Joyful((TEXTS["sad"], TEXTS["joy"]), video=False)
