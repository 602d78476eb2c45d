"""How FER+ frames a face: ``python -m tutor_emotion.training.framing DATA``.

Prints, as JSON, where the anchors of ``nets/face/aligned.py`` are in its training pictures: the
median place of each in px of the 48, and by how much pictures differ from it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.evaluation.ferplus import plurality, read_faces
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face import pose
from tutor_emotion.nets.face.aligned import ANCHORS
from tutor_emotion.nets.face.expression import INPUT_PX
from tutor_emotion.nets.face.mesh import INPUT_PX as MESH_PX
from tutor_emotion.nets.face.reading import PRESENT_ABOVE, FaceNets

TRAIN = "ferplus_train.npz"
PAD_PX = 8  # the mesh expects room around a face; of 0 to 20, 6 to 10 find nearly as many as 0
PICTURES, SEED, CHUNK = 600, 0, 8
Floats = NDArray[np.float32]


def framing(data: Path, weights_dir: Path, pictures: int = PICTURES) -> dict[str, Any]:
    """Median and spread (1.4826 median absolute deviations) of each anchor, of frontal faces.

    Raises:
        BadInput: for data that cannot be used, or shows no face.
        Unavailable: ``weights_missing``, ``weights_corrupt``.
    """
    nets = FaceNets(weights_dir, choose_device("cpu"))
    points, presence = look(nets, drawn(data, pictures))
    angles = pose.angles_deg(pose.head_rotation(points.astype(float), np.zeros(len(points))))
    frontal = (presence > PRESENT_ABOVE) & pose.faces_camera(angles)
    if not frontal.any():
        raise BadInput("no_faces", f"{TRAIN}: the mesh finds no frontal face in it.")
    anchors = points[frontal][:, np.array(ANCHORS), :2].mean(2) * _share() - PAD_PX
    middle = np.median(anchors, axis=0)
    spread = 1.4826 * np.median(np.abs(anchors - middle), axis=0)
    return {
        "pictures": len(points),
        "frontal": int(frontal.sum()),
        "anchors_px": _rounded(middle),
        "spread_px": _rounded(spread),
    }


def _rounded(places: Floats) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in places]


def _share() -> float:
    return (INPUT_PX + 2 * PAD_PX) / MESH_PX


def drawn(data: Path, pictures: int) -> Tensor:
    """Pictures of FER+ train that most raters gave one label, uint8 (n, 48, 48): always the same.

    Raises:
        BadInput: for data that cannot be used.
    """
    faces = read_faces(data / TRAIN)
    rows = np.flatnonzero(plurality(faces.votes) >= 0)
    return torch.from_numpy(faces.images[np.random.default_rng(SEED).permutation(rows)[:pictures]])


@torch.inference_mode()
def look(nets: FaceNets, images: Tensor) -> tuple[Floats, Floats]:
    """uint8 (n, 48, 48) → points (n, 478, 3) in px of the mesh's input, presence (n,)."""
    padded = functional.pad(images.unsqueeze(1).float() / 255, (PAD_PX,) * 4, mode="replicate")
    points, presence = [], []
    for part in torch.split(padded, CHUNK):
        large = functional.interpolate(part, size=(MESH_PX, MESH_PX), mode="bicubic")
        rgb = large.clamp(0, 1).expand(-1, 3, -1, -1)
        mesh = nets.mesh(rgb.contiguous(memory_format=torch.channels_last))
        points.append(mesh.points.numpy())
        presence.append(mesh.presence.numpy())
    return np.concatenate(points), np.concatenate(presence)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help=f"folder with {TRAIN}")
    parser.add_argument("--weights", type=Path, default=Path("models"), help="folder of the models")
    parser.add_argument("--pictures", type=int, default=PICTURES)
    options = parser.parse_args(arguments)
    try:
        found = framing(options.data, options.weights, options.pictures)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
