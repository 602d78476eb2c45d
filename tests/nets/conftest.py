"""Weights, real faces, and LiteRT as the independent opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import FaceCrop, Utterance
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.device import cpu_threads
from tutor_emotion.nets.fetch import fetch
from tutor_emotion.nets.weights import read_weights

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    """Torch's threads are the process's: what a test sets must not slow the next one."""
    before = torch.get_num_threads()
    torch.set_num_threads(cpu_threads())
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The project's model files, fetched once if they are not there."""
    folder = get_settings().WEIGHTS_DIR
    fetch(folder)
    return folder


@pytest.fixture(scope="session")
def face() -> Picture:
    """A real face, cut as the ingest does: RGB (192, 192, 3). NASA's Eileen Collins, who smiles."""
    portrait = skimage.data.astronaut()[38:198, 142:302]
    return np.asarray(cv2.resize(portrait, (192, 192)), dtype=np.uint8)


@pytest.fixture(scope="session")
def pictures(face: Picture) -> list[Picture]:
    """Faces in several states, and two that are none."""
    centre = (95.5, 95.5)
    turned = [
        cv2.warpAffine(face, cv2.getRotationMatrix2D(centre, angle, zoom), (192, 192))
        for angle, zoom in ((15, 1.0), (-25, 1.2), (0, 0.8))
    ]
    noise = np.random.default_rng(0).integers(0, 256, (192, 192, 3), dtype=np.uint8)
    dark = (face // 4).astype(np.uint8)
    all_of_them = [face, face[:, ::-1], *turned, dark, noise, np.zeros_like(face)]
    return [np.ascontiguousarray(picture, dtype=np.uint8) for picture in all_of_them]


@pytest.fixture(scope="session")
def litert(weights_dir: Path) -> Callable[[str], Callable[[Floats], dict[str, Floats]]]:
    """A net of the bundle, run by LiteRT: input → outputs by name."""

    def load(member: str) -> Callable[[Floats], dict[str, Floats]]:
        blob = read_weights(weights_dir, "face_landmarker.task", member)
        net: Any = Interpreter(model_content=blob, num_threads=1)
        net.allocate_tensors()

        def run(value: Floats) -> dict[str, Floats]:
            net.set_tensor(net.get_input_details()[0]["index"], value)
            net.invoke()
            return {o["name"]: net.get_tensor(o["index"]) for o in net.get_output_details()}

        return run

    return load


@pytest.fixture(scope="session")
def runner(weights_dir: Path) -> CompactRunner:
    return CompactRunner(weights_dir, "cpu")


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> torch.device:
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("this machine has no GPU")
    return torch.device(request.param)


def crop(pixels: Picture, at_s: float = 0.0, **other: Any) -> FaceCrop:
    values = {"scale": 0.5, "roll_deg": 0.0, "quality": 1.0, **other}
    return FaceCrop(at_s=at_s, media_s=at_s, pixels=pixels, **values)


def utterance(sound: NDArray[np.float64], **other: Any) -> Utterance:
    """Sound in -1..1 at 16 kHz."""
    samples = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
    return Utterance(0.0, len(samples) / 16_000, samples, **other)
