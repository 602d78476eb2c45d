"""Clips as the omni loops draw them, and what is done to them to be judged away from training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.evaluation.webcam import degraded
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.training.examples import Example
from tutor_emotion.training.mini_data import LABELS, Clip, frame
from tutor_emotion.training.mini_texts import answer_only, reason
from tutor_emotion.training.rooms import Room, heard_in

# Texts without a reason, for live Windows are scored by the word alone (r1_omni/scoring.py).
ANSWER_ONLY = 0.25
NOISE_SIGMA = 25.0  # of 255
SOUND_NOISE = Room(snr_db=5.0)


@dataclass(frozen=True, slots=True, eq=False)
class ClipSet:
    """Faces uint8 (n, 48, 48) and voices by row, the clips that pair them, and what was measured of
    each row. It is an ``Examples``: clip ``i`` is drawn with a new text each time; of the share
    ``lost`` of them the voice is missing, or the face, which is half as frequent."""

    config: OmniConfig
    images: NDArray[np.uint8]
    sounds: Sequence[Int16Sound]
    clips: tuple[Clip, ...]
    face_measures: Sequence[Mapping[str, float]]
    voice_measures: Sequence[Mapping[str, float]]
    has_face: bool = True
    has_voice: bool = True
    lost: float = 0.0

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def labels(self) -> Sequence[str]:
        return [LABELS[clip.label] for clip in self.clips]

    def draw(self, index: int, generator: Generator) -> Example:
        """That clip, its face mirrored or not, with some true text."""
        clip = self.clips[index]
        image = self.images[clip.face]
        if torch.rand((), generator=generator) < 0.5:
            image = image[:, ::-1]
        rng = np.random.default_rng(int(torch.randint(2**31, (), generator=generator)))
        short, lost = rng.random() < ANSWER_ONLY, rng.random()
        left = self
        if lost < self.lost:
            voiceless = lost < self.lost * 2 / 3
            left = replace(self, has_voice=not voiceless, has_face=voiceless)
        measures, label = left.measures(index), LABELS[clip.label]
        text = answer_only(label) if short else reason(measures, label, rng)
        return left._example(clip, image, measures, text)

    def plain(self, index: int) -> Example:
        """That clip as it is, without a text: to be judged on."""
        clip = self.clips[index]
        return self._example(clip, self.images[clip.face], self.measures(index), "")

    def measures(self, index: int) -> dict[str, float]:
        """The compact Runner's, of what is there of that clip."""
        clip = self.clips[index]
        face = self.face_measures[clip.face] if self.has_face else {}
        voice = self.voice_measures[clip.voice] if self.has_voice else {}
        return {**face, **voice}

    def part(self, rows: slice) -> ClipSet:
        """Some of the clips."""
        return replace(self, clips=self.clips[rows])

    def _example(
        self, clip: Clip, image: NDArray[np.uint8], measures: Mapping[str, float], text: str
    ) -> Example:
        return Example(
            prepare.frames([frame(image)], self.config) if self.has_face else None,
            prepare.mel(self.sounds[clip.voice], self.config) if self.has_voice else None,
            LABELS[clip.label],
            measures,
            text,
        )


def _faces(change: str) -> Callable[[ClipSet], ClipSet]:
    return lambda clips: replace(clips, images=degraded(clips.images, change))


def _face_noise(clips: ClipSet) -> ClipSet:
    rng = np.random.default_rng(len(clips))
    noisy = clips.images + rng.normal(0, NOISE_SIGMA, clips.images.shape)
    return replace(clips, images=np.clip(np.rint(noisy), 0, 255).astype(np.uint8))


def _sound_noise(clips: ClipSet) -> ClipSet:
    rng = np.random.default_rng(len(clips))
    return replace(clips, sounds=[heard_in(sound, SOUND_NOISE, rng) for sound in clips.sounds])


# What no training clip and no tower has met. What is claimed is judged by what was measured of the
# clip before the change: that is what was there. A modality that is gone was not measured.
CONDITIONS: Mapping[str, Callable[[ClipSet], ClipSet]] = MappingProxyType(
    {
        "clean": lambda clips: clips,
        "face noise": _face_noise,
        "face blurred": _faces("blurred"),
        "face dark": _faces("dark"),
        "sound noise": _sound_noise,
        "face only": lambda clips: replace(clips, has_voice=False),
        "voice only": lambda clips: replace(clips, has_face=False),
    }
)
