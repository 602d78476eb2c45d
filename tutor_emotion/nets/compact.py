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
from tutor_emotion.nets.registry import Model, active
from tutor_emotion.nets.voice import prosody
from tutor_emotion.nets.voice.emotion import EMOTIONS
from tutor_emotion.nets.voice.hearing import Heard, Voices
from tutor_emotion.nets.weights import model_file

log = logging.getLogger(__name__)


class CompactRunner:
    """Face (mesh, blendshapes, pose) and voice (prosody); with the expression net and the voice net
    where the registry has one in use. ``version`` names all that runs, a Reading's what it is of.

    Raises:
        Unavailable: ``weights_missing``, ``weights_corrupt``, ``no_device``; ``model_missing``,
            ``model_corrupt``, ``model_unrecorded``.
        BadInput: ``bad_device``; ``bad_active_file``, ``bad_architecture``, ``bad_model_config``,
            ``bad_tensors``.
    """

    spec = WindowSpec()

    def __init__(self, weights_dir: Path, device: str = "auto") -> None:
        self.device = choose_device(device)
        models = active(Path(weights_dir))
        expression, voice = models.get("expression"), models.get("voice")
        own = f"compact/2+{model_file(BUNDLE).sha256[:8]}"
        self.version = _stamped(own, expression, voice)
        self._face_version = _stamped(own, expression)
        self._voice_version = _stamped(own, voice)
        self._faces = FaceNets(Path(weights_dir), self.device, expression)
        self._hearing = Voices(voice, self.device) if voice else None

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
        faces = read_faces(self._faces, windows, self._face_version)
        return [
            [*([face] if face else []), *voices]
            for face, voices in zip(faces, self._voices(windows), strict=True)
        ]

    def _voices(self, windows: Sequence[Window]) -> list[list[Reading]]:
        said = [window.utterances for window in windows]
        heard: list[list[Heard | None]] = [[None] * len(utterances) for utterances in said]
        if self._hearing and any(said):
            heard = self._hearing.hear_speakers(said)
        return [
            [
                self._voice(utterance, one)
                for utterance, one in zip(utterances, ones, strict=True)
                if _is_readable(utterance)
            ]
            for utterances, ones in zip(said, heard, strict=True)
        ]

    def _voice(self, utterance: Utterance, heard: Heard | None) -> Reading:
        measured = prosody.measure(utterance)
        measures = measured.measures
        if heard is not None:
            named = zip(EMOTIONS, heard.probabilities, strict=True)
            measures = measures | {f"voice_{label}": float(p) for label, p in named}
        return Reading(
            "voice",
            utterance.start_s,
            utterance.end_s,
            measures,
            measured.quality,
            1,
            self._voice_version,
            learned=heard.learned if heard is not None else utterance.usual,
        )


def _stamped(own: str, *models: Model | None) -> str:
    return " ".join([own, *(model.stamp for model in models if model is not None)])


def _is_readable(utterance: Utterance) -> bool:
    if prosody.is_readable(utterance):
        return True
    log.warning("an utterance could not be read and was left out")
    return False
