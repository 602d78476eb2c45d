"""What the compact Runner's nets measure of each face and each voice: what a reason may claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.types import FaceCrop, Int16Sound, Utterance, Window
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face.reading import FaceNets, read_faces
from tutor_emotion.nets.voice import prosody
from tutor_emotion.training.mini_data import frame

Measures = Mapping[str, float]
CHUNK = 64


def of_faces(images: NDArray[np.uint8], weights_dir: Path) -> list[dict[str, float]]:
    """Blendshapes and pose of each grey face (n, 48, 48); nothing where the mesh finds none.

    Raises:
        Unavailable: ``weights_missing``, ``weights_corrupt``.
    """
    nets = FaceNets(weights_dir, choose_device("cpu"))
    found: list[dict[str, float]] = []
    for at in range(0, len(images), CHUNK):
        windows = [_window(image) for image in images[at : at + CHUNK]]
        readings = read_faces(nets, windows, "compact")
        found += [dict(reading.measures) if reading else {} for reading in readings]
    return found


def of_voices(sounds: Sequence[Int16Sound]) -> list[dict[str, float]]:
    """The prosody of each utterance, 16 kHz mono."""
    return [
        prosody.measure(Utterance(0.0, len(sound) / 16_000, sound)).measures for sound in sounds
    ]


def _window(image: NDArray[np.uint8]) -> Window:
    crop = FaceCrop(0.0, 0.0, frame(image), 0.5, 0.0, 1.0)
    return Window(0, 0.0, 1.0, (crop,), (), "ok", "off", frames_sampled=1)


def other_run(path: Path) -> BadInput:
    """For measures that were kept of other clips than those of this run."""
    return BadInput(
        "other_run",
        f"{path} holds the measures of other clips.",
        hint="Give another --out, or remove it.",
    )
