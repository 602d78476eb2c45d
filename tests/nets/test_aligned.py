"""The picture that the expression net sees live is framed as those that it was trained on."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.nets import models
from tests.nets.conftest import Picture, crop
from tests.nets.test_compact import window
from tutor_emotion.errors import BadInput
from tutor_emotion.nets import preprocess, registry
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.face.aligned import ANCHORS, PLACES, aligned_grey, similarity
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.face.expression import EXPRESSIONS
from tutor_emotion.nets.face.reading import FaceNets
from tutor_emotion.training.framing import framing

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def nets(weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> FaceNets:
    model = models.expression(tmp_path_factory.mktemp("models"))
    return FaceNets(weights_dir, CPU, model)


def points_at(anchors: np.ndarray) -> torch.Tensor:
    """A mesh whose anchors are at (3, 2) px of the 256."""
    points = torch.zeros(1, 478, 3)
    for pair, place in zip(ANCHORS, anchors, strict=True):
        points[0, list(pair), :2] = torch.tensor(place, dtype=torch.float32)
    return points


def turned(anchors: np.ndarray, degrees: float, scale: float) -> np.ndarray:
    a = np.radians(degrees)
    return scale * anchors @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])


@pytest.mark.parametrize("degrees", [0, 20, -35])
def test_turn_scale_and_shift_are_found(degrees: float):
    places = np.array(PLACES)
    anchors = turned(places - 24, degrees, 3.0) + np.array([120, 140])
    theta = similarity(points_at(anchors))[0].numpy()
    back = (theta @ np.c_[places / 24 - 1, np.ones(3)].T).T
    assert np.allclose((back + 1) * 128, anchors, atol=1e-3)


def test_the_eyes_and_the_mouth_come_to_their_places(nets: FaceNets, face: Picture):
    """A real face, turned and shrunk: the mesh finds its anchors where FER+ has them."""
    middle = (95.5, 95.5)
    views = [
        cv2.warpAffine(face, cv2.getRotationMatrix2D(middle, angle, zoom), (192, 192))
        for angle, zoom in ((0, 1.0), (15, 1.0), (-20, 0.8))
    ]
    batch = preprocess.mesh_input(views, CPU)
    with torch.inference_mode():
        grey = aligned_grey(batch, nets.mesh(batch).points)
    assert grey.shape == (3, 1, 48, 48)
    assert 0 <= grey.min() <= grey.max() <= 1
    # The mesh wants room around a face: the small picture goes into the middle of a larger one.
    around = [
        cv2.copyMakeBorder((g * 255).astype(np.uint8), 8, 8, 8, 8, cv2.BORDER_REPLICATE)
        for g in grey[:, 0].numpy()
    ]
    large = [cv2.cvtColor(cv2.resize(g, (192, 192)), cv2.COLOR_GRAY2RGB) for g in around]
    with torch.inference_mode():
        again = nets.mesh(preprocess.mesh_input(large, CPU))
    seen = again.points[:, torch.tensor(ANCHORS), :2].mean(2).numpy() / 4 - 8
    assert np.abs(seen - np.array(PLACES)).max() < 3.0
    assert np.abs(np.diff(grey.numpy(), axis=0)).mean() < 0.08


def test_grey_is_the_luma_of_colours(nets: FaceNets):
    flat = torch.tensor([1.0, 0.5, 0.25]).view(1, 3, 1, 1).expand(1, -1, 256, 256)
    grey = aligned_grey(flat, points_at(np.array([(90, 100), (160, 100), (125, 180)])))
    assert grey.flatten().numpy() == pytest.approx(0.299 + 0.587 * 0.5 + 0.114 * 0.25, abs=1e-5)


def test_a_bad_mesh_spoils_no_neighbour(nets: FaceNets, face: Picture):
    batch = preprocess.mesh_input([face] * 3, CPU)
    with torch.inference_mode():
        points = nets.mesh(batch).points.clone()
        alone = aligned_grey(batch[:1], points[:1])
        points[1] = float("nan")
        together = aligned_grey(batch, points)
    assert torch.isfinite(together).all()
    assert torch.allclose(together[[0, 2]], alone, atol=1e-6)


# --- what the Runner makes of it -----------------------------------------------------------------


def runner_with(weights_dir: Path, folder: Path) -> CompactRunner:
    """The Runner on a folder of its own, with an expression model in use."""
    for path in weights_dir.iterdir():
        if path.is_file() and path.suffix in (".task", ".onnx"):
            (folder / path.name).symlink_to(path.resolve())
    model = models.expression(folder / "own", "100")
    registry.activate(folder, model.name)
    return CompactRunner(folder, "cpu")


def test_expressions_are_measures_and_the_model_says_so(
    weights_dir: Path, tmp_path: Path, face: Picture, pictures: list[Picture]
):
    runner = runner_with(weights_dir, tmp_path)
    stamp = registry.active(tmp_path)["expression"].stamp
    assert f" {stamp}" in runner.version
    assert runner.version.startswith("compact/2+64184e22 expression/100+")
    crops = [crop(face), crop(pictures[1], 0.2)]
    both, one, other, none = (
        readings[0]
        for readings in runner.run(
            [window(crops), window(crops[:1]), window(crops[1:]), window([crop(pictures[-1])])]
        )
    )
    labels = [f"expression_{label}" for label in EXPRESSIONS]
    assert sum(both.measures[label] for label in labels) == pytest.approx(1, abs=1e-5)
    for label in labels:
        mean = (one.measures[label] + other.measures[label]) / 2
        assert both.measures[label] == pytest.approx(mean, abs=1e-3)
    assert both.model == f"compact/2+64184e22 {stamp}"
    assert none.measures == {}


def test_a_bad_crop_is_left_out_and_its_neighbours_have_expressions(
    weights_dir: Path, tmp_path: Path, face: Picture
):
    runner = runner_with(weights_dir, tmp_path)
    good = crop(face)
    bad = [crop(face[:100]), crop(face, roll_deg=float("nan"))]
    (alone,), (among,), hopeless = runner.run([window([good]), window([*bad, good]), window(bad)])
    assert hopeless == []
    for label in EXPRESSIONS:
        name = f"expression_{label}"
        assert among.measures[name] == pytest.approx(alone.measures[name], abs=1e-5)


def test_a_model_that_is_not_whole_does_not_start(weights_dir: Path, tmp_path: Path):
    runner_with(weights_dir, tmp_path)
    path = tmp_path / "own" / "expression-100" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(Exception, match="model_corrupt"):
        CompactRunner(tmp_path, "cpu")


# --- the net by itself, as evaluation uses it ----------------------------------------------------


def test_probabilities_are_scaled_logits(tmp_path: Path):
    net = Expressions(models.expression(tmp_path), CPU)
    grey = torch.rand(5, 1, 48, 48, generator=torch.manual_seed(0))
    expected = torch.softmax(net.logits(grey) / 0.7, 1)
    assert torch.equal(net.look(grey), expected)
    assert net.look(grey[:0]).shape == (0, 8)
    alone = torch.cat([net.look(one[None]) for one in grey])
    assert torch.allclose(alone, expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 48, 48), (1, 3, 48, 48), (1, 1, 64, 64)])
def test_another_shape_is_refused(tmp_path: Path, shape: tuple[int, ...]):
    net = Expressions(models.expression(tmp_path), CPU)
    with pytest.raises(BadInput, match="bad_picture"):
        net.logits(torch.zeros(shape))


def test_any_square_of_48_px_or_more_becomes_the_input():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (48, 48), dtype=np.uint8)
    double = small.repeat(2, 0).repeat(2, 1)
    colour = np.stack([small] * 3, 2)
    odd = cv2.resize(small, (112, 112), interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    out = preprocess.expression_input([small, double, colour, odd], CPU)
    assert out.shape == (4, 1, 48, 48)
    for row in range(3):
        assert np.allclose(out[row, 0].numpy(), small / 255, atol=1e-5)
    assert abs(out[3].mean().item() - out[0].mean().item()) < 0.02
    assert preprocess.expression_input([], CPU).shape == (0, 1, 48, 48)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((47, 47), np.uint8),
        np.zeros((48, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64), np.float32),
        np.zeros((0, 0), np.uint8),
    ],
)
def test_a_picture_that_is_none_is_named_by_its_row(picture: np.ndarray):
    with pytest.raises(BadInput, match="Picture 1 is no square"):
        preprocess.expression_input([np.zeros((48, 48), np.uint8), picture], CPU)


# --- where the places come from ------------------------------------------------------------------


def test_the_places_are_those_of_ferplus(weights_dir: Path):
    data = os.environ.get("TUTOR_EMOTION_DATA", "")
    if not data or not Path(data).is_dir():
        pytest.skip("TUTOR_EMOTION_DATA names no folder with FER+")
    found = framing(Path(data), weights_dir, pictures=160)
    assert found["frontal"] > 80
    assert np.abs(np.array(found["anchors_px"]) - np.array(PLACES)).max() < 1.2


def test_framing_says_what_is_wrong_with_its_data(weights_dir: Path, tmp_path: Path):
    with pytest.raises(BadInput, match="data_missing"):
        framing(tmp_path, weights_dir)
    np.savez(
        tmp_path / "ferplus_train.npz",
        images=np.random.default_rng(0).integers(0, 256, (4, 48, 48), dtype=np.uint8),
        votes=np.eye(4, 10, dtype=np.uint8) * 10,
    )
    with pytest.raises(BadInput, match="no_faces"):
        framing(tmp_path, weights_dir)
