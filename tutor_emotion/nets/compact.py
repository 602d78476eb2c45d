"""The ``compact`` Runner: measures from small nets and signal processing, on a CPU or a GPU.

It satisfies ``tutor_emotion.inference.runner.Runner`` and keeps no state: the same Windows give
the same Readings, whoever else is in the batch.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tutor_emotion.core.types import FaceCrop, Reading, Utterance, Window, WindowSpec
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face.reading import BUNDLE, CHUNK, FaceNets, read_faces
from tutor_emotion.nets.voice import prosody
from tutor_emotion.nets.weights import model_file

log = logging.getLogger(__name__)


class CompactRunner:
    """Face (mesh, blendshapes, pose) and voice (prosody).

    Raises:
        Unavailable: ``weights_missing``, ``weights_corrupt`` or ``no_device``.
        BadInput: ``bad_device``.
    """

    spec = WindowSpec()

    def __init__(self, weights_dir: Path, device: str = "auto") -> None:
        self.device = choose_device(device)
        self.version = f"compact/1+{model_file(BUNDLE).sha256[:8]}"
        self._faces = FaceNets(Path(weights_dir), self.device)

    def warm_up(self) -> None:
        """Run the batch sizes that are usual, so that the first learner does not wait for it."""
        pixels = np.zeros((self.spec.crop_px, self.spec.crop_px, 3), dtype=np.uint8)
        crop = FaceCrop(0.0, 0.0, pixels, 0.5, 0.0, 1.0)
        for count in {1, round(self.spec.frames_per_s), CHUNK[self.device.type]}:
            self._faces.look([crop] * count)
        prosody.measure(Utterance(0.0, 1.0, np.zeros(16_000, dtype=np.int16)))

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        """The face's Reading of each Window, then one a readable utterance.

        Crops and utterances that are not what they should be (shape, type, numbers) are left out;
        their neighbours are read.
        """
        faces = read_faces(self._faces, windows, self.version)
        return [
            [*([face] if face else []), *self._voices(window)]
            for face, window in zip(faces, windows, strict=True)
        ]

    def _voices(self, window: Window) -> list[Reading]:
        readings = []
        for utterance in window.utterances:
            if not prosody.is_readable(utterance):
                log.warning("an utterance could not be read and was left out")
                continue
            heard = prosody.measure(utterance)
            readings.append(
                Reading(
                    "voice",
                    utterance.start_s,
                    utterance.end_s,
                    heard.measures,
                    heard.quality,
                    1,
                    self.version,
                )
            )
        return readings
