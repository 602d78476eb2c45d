"""Our nets against LiteRT running the same file: golden values by independent computation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.nets.conftest import Floats, Picture
from tutor_emotion.errors import Unavailable
from tutor_emotion.nets.face.blendshapes import INDEX, NAMES, SUBSET, Blendshapes
from tutor_emotion.nets.face.mesh import INPUT_PX, FaceMesh
from tutor_emotion.nets.preprocess import mesh_input
from tutor_emotion.nets.tflite import read_constants
from tutor_emotion.nets.weights import read_weights

TOLERANCE = 1e-3
LiteRT = Callable[[str], Callable[[Floats], dict[str, Floats]]]


@dataclass(frozen=True)
class Golden:
    points: Floats  # (n, 478, 3) px
    presence: Floats  # (n,)
    blendshapes: Floats  # (n, 52)


@pytest.fixture(scope="module")
def blobs(weights_dir: Path) -> dict[str, bytes]:
    return {
        name: read_weights(weights_dir, "face_landmarker.task", f"{name}.tflite")
        for name in ("face_landmarks_detector", "face_blendshapes")
    }


@pytest.fixture(scope="module")
def golden(litert: LiteRT, pictures: list[Picture]) -> Golden:
    """LiteRT's answer to each picture, one by one."""
    mesh, blend = litert("face_landmarks_detector.tflite"), litert("face_blendshapes.tflite")
    inputs = mesh_input(pictures, torch.device("cpu")).permute(0, 2, 3, 1).numpy()
    outs = [mesh(np.ascontiguousarray(picture[None])) for picture in inputs]
    points = np.stack([out["Identity"].reshape(478, 3) for out in outs])
    logits = np.array([out["Identity_1"].item() for out in outs])
    values = [next(iter(blend(p[None, SUBSET, :2]).values())) for p in points]
    return Golden(points, 1 / (1 + np.exp(-logits)), np.stack(values))


@torch.inference_mode()
def test_the_mesh_is_litert_s(
    blobs: dict[str, bytes], golden: Golden, pictures: list[Picture], device: torch.device
):
    net = FaceMesh.from_tflite(blobs["face_landmarks_detector"]).to(device)
    mesh = net(mesh_input(pictures, device))
    assert np.abs(mesh.points.cpu().numpy() - golden.points).max() / INPUT_PX <= TOLERANCE
    assert np.abs(mesh.presence.cpu().numpy() - golden.presence).max() <= TOLERANCE


@torch.inference_mode()
def test_the_blendshapes_are_litert_s(
    blobs: dict[str, bytes], golden: Golden, device: torch.device
):
    net = Blendshapes.from_tflite(blobs["face_blendshapes"]).to(device)
    ours = net(torch.from_numpy(golden.points).to(device)).cpu().numpy()
    assert np.abs(ours - golden.blendshapes).max() <= TOLERANCE


@torch.inference_mode()
def test_the_blendshapes_are_litert_s_for_any_points(blobs: dict[str, bytes], litert: LiteRT):
    points = np.random.default_rng(1).normal(128, 50, (16, 478, 3)).astype(np.float32)
    ours = Blendshapes.from_tflite(blobs["face_blendshapes"])(torch.from_numpy(points)).numpy()
    run = litert("face_blendshapes.tflite")
    theirs = [next(iter(run(p[None, SUBSET, :2]).values())) for p in points]
    assert np.abs(ours - np.stack(theirs)).max() <= TOLERANCE


def test_golden_values_tell_a_face_from_noise_and_a_smile_from_none(golden: Golden):
    """Guards the tests above: equal nonsense would pass them."""
    smile = golden.blendshapes[0, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]]
    assert smile.min() > 0.8
    assert (golden.presence[:5] > 0.9).all()
    assert (golden.presence[-2:] < 0.1).all()


@torch.inference_mode()
def test_a_batch_gives_what_singles_give(blobs: dict[str, bytes], pictures: list[Picture]):
    mesh = FaceMesh.from_tflite(blobs["face_landmarks_detector"])
    blend = Blendshapes.from_tflite(blobs["face_blendshapes"])
    inputs = mesh_input(pictures, torch.device("cpu"))
    together = mesh(inputs)
    for row in range(len(pictures)):
        alone = mesh(inputs[row : row + 1])
        assert torch.allclose(alone.points[0], together.points[row], atol=5e-3)  # px of 256
        assert torch.allclose(
            blend(alone.points)[0], blend(together.points)[row], atol=TOLERANCE / 10
        )


def test_the_outputs_have_arkit_s_names():
    assert len(NAMES) == len(set(NAMES)) == 52
    assert len(SUBSET) == len(set(SUBSET)) == 146
    assert max(SUBSET) == 477


def test_a_file_of_another_net_is_refused(blobs: dict[str, bytes]):
    mesh, blend = blobs["face_landmarks_detector"], blobs["face_blendshapes"]
    for load, blob in (
        (FaceMesh.from_tflite, blend),
        (Blendshapes.from_tflite, mesh),
        (FaceMesh.from_tflite, b""),
        (FaceMesh.from_tflite, b"\0\0\0\0TFL3"),
        (FaceMesh.from_tflite, mesh[: len(mesh) // 2]),
    ):
        with pytest.raises(Unavailable) as error:
            load(blob)
        assert error.value.code == "weights_corrupt"
        assert not error.value.retry


def test_half_precision_is_read_as_it_is(blobs: dict[str, bytes]):
    constants = read_constants(blobs["face_landmarks_detector"])
    assert len(constants) == 72 + 34 + 69  # CONV_2D, DEPTHWISE_CONV_2D, PRELU
    for _, arrays in constants:
        for array in arrays:
            assert array.dtype == np.float32
            assert (array == array.astype(np.float16)).all()
