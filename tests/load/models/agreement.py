"""Whether our torch modules of the peers' nets are the peers' nets: the originals beside them.

``fer``: the quantised copy that its package runs by default. ``face-api``: the package's own code,
under Node, with its own reading of the same weights.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.load.models import obtain
from tests.load.models.face_api_net import INPUT_PX
from tests.load.models.nets import Net, Probabilities

PICTURES = 50
NODE_TIMEOUT_S = 300.0
SCRIPT = Path(__file__).with_name("face_api_original.mjs")


def compare(nets: Mapping[str, Net], folder: Path, images: NDArray[np.uint8]) -> dict[str, Any]:
    """By peer: share of the same top class and the greatest difference of a probability, or why
    that was not measured."""
    some = images[np.linspace(0, len(images) - 1, min(PICTURES, len(images))).astype(np.intp)]
    return {
        "fer, its own LiteRT file (quantised)": _fer(nets, some),
        "face-api, its own code under Node": _face_api(nets, folder, some),
    }


def _fer(nets: Mapping[str, Net], images: NDArray[np.uint8]) -> dict[str, Any]:
    if not {"fer", "fer (LiteRT)"} <= nets.keys():
        return {"not_measured": "a file of fer is missing"}
    return _difference(nets["fer"].look(images), nets["fer (LiteRT)"].look(images))


def _face_api(nets: Mapping[str, Net], folder: Path, images: NDArray[np.uint8]) -> dict[str, Any]:
    if "face-api" not in nets or not obtain.is_right(folder, obtain.FACE_API_CODE):
        return {"not_measured": "a file of face-api is missing"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=path)
    if node is None:
        return {"not_measured": "there is no Node"}
    net = nets["face-api"]
    # Enlarged here, so that what is compared is the net and not two ways to resize.
    large = np.stack([cv2.resize(image, (INPUT_PX, INPUT_PX)) for image in images])
    try:
        original = _under_node(node, folder, np.repeat(large[..., None], 3, -1))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return {"not_measured": str(error)[:200]}
    ours = net.answer(net.ways[net.own_way](large.astype(np.uint8)))
    return _difference(ours, original)


def _under_node(node: str, folder: Path, rgb: NDArray[np.uint8]) -> Probabilities:
    """Squares (n, px, px, 3) → (n, 7), as the package itself answers.

    Raises:
        OSError, SubprocessError, ValueError: where it does not.
    """
    with tempfile.TemporaryDirectory(prefix="tutor-emotion-") as temporary:
        pictures = Path(temporary) / "pictures.bin"
        pictures.write_bytes(np.ascontiguousarray(rgb, np.uint8).tobytes())
        entries = (obtain.FACE_API_CODE, obtain.FACE_API_MANIFEST, obtain.FACE_API_WEIGHTS)
        files = [str((folder / entry.file).resolve()) for entry in entries]
        command = [node, str(SCRIPT), *files, str(pictures), str(rgb.shape[1])]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=NODE_TIMEOUT_S, check=True
        )
    found = np.array(json.loads(done.stdout.splitlines()[-1]), dtype=np.float64)
    if found.shape != (len(rgb), 7):
        raise ValueError(f"Node answered {found.shape} for {len(rgb)} pictures")
    return found


def _difference(ours: Probabilities, original: Probabilities) -> dict[str, Any]:
    return {
        "n": len(ours),
        "same_top_class": float((ours.argmax(1) == original.argmax(1)).mean()),
        "greatest_difference": float(np.abs(ours - original).max()),
    }
