"""What the compact Runner measures of a clip, against which a reason is held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tutor_emotion.core.types import SAMPLE_RATE_HZ, FaceCrop, Utterance, Window
from tutor_emotion.evaluation.clips import Decoded
from tutor_emotion.media.cropping import FaceCropper
from tutor_emotion.nets.compact import CompactRunner


class Measures(Protocol):
    """Measures by name of each clip; a name is missing where it could not be measured."""

    def of(self, clips: Sequence[Decoded]) -> list[dict[str, float]]: ...


class CompactMeasures:
    """The face in the clip's pictures, as live; the whole sound as one utterance, as in the data
    that the claims' thresholds were measured on.

    Raises:
        Unavailable: ``weights_missing`` and the others of ``CompactRunner``.
    """

    def __init__(self, weights_dir: Path, device: str = "auto") -> None:
        self._runner = CompactRunner(weights_dir, device)
        self._cropper = FaceCropper(weights_dir, crop_px=self._runner.spec.crop_px)

    def of(self, clips: Sequence[Decoded]) -> list[dict[str, float]]:
        readings = self._runner.run([self._window(clip) for clip in clips])
        return [
            {
                name: value
                for reading in found
                for name, value in reading.measures.items()
                if math.isfinite(value)
            }
            for found in readings
        ]

    def _window(self, clip: Decoded) -> Window:
        crops: list[FaceCrop] = []
        for pixels, at_s in zip(clip.pictures, clip.at_s, strict=True):
            crop = self._cropper.look(pixels, at_s=at_s, media_s=at_s).crop
            if crop is not None:
                crops.append(crop)
        said: tuple[Utterance, ...] = ()
        if clip.sound is not None:
            said = (Utterance(0.0, len(clip.sound) / SAMPLE_RATE_HZ, clip.sound),)
        return Window(
            seq=0,
            start_s=0.0,
            end_s=clip.seconds,
            crops=tuple(crops),
            utterances=said,
            face="ok" if crops else "no_face",
            voice="ok" if said else "no_sound",
            frames_sampled=len(clip.pictures),
        )
