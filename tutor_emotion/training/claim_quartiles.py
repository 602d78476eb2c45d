"""Where the thresholds of ``core/claims.toml`` come from: ``python -m
tutor_emotion.training.claim_quartiles DATA``.

Prints, as JSON, the quartiles of each claim's measure: of the face over pictures of FER+ train, of
the voice over the utterances of EMO-DB.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.core.claims import KINDS, Kind
from tutor_emotion.core.types import SAMPLE_RATE_HZ, Utterance
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face import pose
from tutor_emotion.nets.face.blendshapes import INDEX
from tutor_emotion.nets.face.reading import PRESENT_ABOVE, FaceNets
from tutor_emotion.nets.voice import prosody
from tutor_emotion.training.framing import TRAIN, drawn, look
from tutor_emotion.training.speech import Speech, read_speech

PICTURES = 500
ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")
Floats = NDArray[np.float64]


def of_faces(data: Path, weights_dir: Path, pictures: int = PICTURES) -> dict[str, Any]:
    """Quartiles by claim: angles over all faces, the rest over those that face the camera.

    Raises:
        BadInput: for data that cannot be used.
        Unavailable: ``weights_missing``, ``weights_corrupt``.
    """
    nets = FaceNets(weights_dir, choose_device("cpu"))
    points, presence = look(nets, drawn(data, pictures))
    with torch.inference_mode():
        shapes = nets.blendshapes(torch.from_numpy(points)).double().numpy()
    angles = pose.angles_deg(pose.head_rotation(points.astype(float), np.zeros(len(points))))
    there = presence > PRESENT_ABOVE
    frontal = there & pose.faces_camera(angles)
    measured: dict[str, Floats] = {name: shapes[frontal][:, at] for name, at in INDEX.items()}
    measured |= {name: angles[there][:, at] for at, name in enumerate(ANGLES)}
    return {"pictures": len(points), "frontal": int(frontal.sum())} | _quartiles("face", measured)


def of_voices(speech: Speech) -> dict[str, Any]:
    """Quartiles by claim over all utterances."""
    found = [
        prosody.measure(Utterance(0.0, len(sound) / SAMPLE_RATE_HZ, sound)).measures
        for sound in speech.sounds
    ]
    names = {name for measures in found for name in measures}
    measured = {
        name: np.array([measures[name] for measures in found if name in measures]) for name in names
    }
    return {"utterances": len(found)} | _quartiles("voice", measured)


def _quartiles(modality: str, measured: Mapping[str, Floats]) -> dict[str, Any]:
    return {
        kind.name: [
            round(float(q), 3) for q in np.percentile(_values(kind, measured), (25, 50, 75))
        ]
        for kind in KINDS.values()
        if kind.modality == modality and kind.measures and set(kind.measures) <= measured.keys()
    }


def _values(kind: Kind, measured: Mapping[str, Floats]) -> Floats:
    mean: Floats = np.mean([measured[name] for name in kind.measures], axis=0)
    return np.abs(mean) if kind.size else mean


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help=f"folder with {TRAIN} and emodb")
    parser.add_argument("--weights", type=Path, default=Path("models"), help="folder of the models")
    options = parser.parse_args(arguments)
    try:
        found = {
            "face": of_faces(options.data, options.weights),
            "voice": of_voices(read_speech(options.data / "emodb")),
        }
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
