"""From a crop to the nets' input."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
import torch

from tests.nets.conftest import Picture, crop
from tutor_emotion.nets.preprocess import is_readable, mesh_input

CPU = torch.device("cpu")


def test_a_crop_becomes_a_float_picture(face: Picture):
    (picture,) = mesh_input([face], CPU)
    assert picture.shape == (3, 256, 256)
    assert picture.dtype == torch.float32
    assert 0.0 <= picture.min() < picture.max() <= 1.0


def test_the_resize_is_bilinear_as_opencv_s(face: Picture):
    ours = mesh_input([face], CPU)[0].permute(1, 2, 0).numpy()
    theirs = cv2.resize(face.astype(np.float32) / 255, (256, 256), interpolation=cv2.INTER_LINEAR)
    assert np.abs(ours - theirs).max() < 1e-4


def test_a_picture_of_the_right_size_is_not_touched():
    exact = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    ours = (mesh_input([exact], CPU)[0] * 255).round().to(torch.uint8)
    assert (ours.permute(1, 2, 0).numpy() == exact).all()


def test_crops_of_several_sizes_keep_their_order(face: Picture):
    small = np.asarray(cv2.resize(face, (96, 96)), dtype=np.uint8)
    mixed = mesh_input([face, small, face], CPU)
    assert torch.equal(mixed[0], mixed[2])
    assert torch.equal(mixed[1], mesh_input([small], CPU)[0])


def test_a_read_only_crop_from_the_wire_is_taken(face: Picture):
    wired = np.frombuffer(face.tobytes(), dtype=np.uint8).reshape(face.shape)
    assert torch.equal(mesh_input([wired], CPU), mesh_input([face], CPU))


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((192, 100, 3), np.uint8),
        np.zeros((192, 192), np.uint8),
        np.zeros((192, 192, 4), np.uint8),
        np.zeros((192, 192, 3), np.float32),
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((2048, 2048, 3), np.uint8),
        b"not an array",
    ],
    ids=str,
)
def test_anything_else_is_not_readable(pixels: Picture):
    assert not is_readable(crop(pixels))


@pytest.mark.parametrize("field", ["at_s", "scale", "roll_deg", "quality"])
def test_a_number_that_is_none_makes_a_crop_unreadable(face: Picture, field: str):
    assert is_readable(crop(face))
    assert not is_readable(dataclasses.replace(crop(face), **{field: float("nan")}))
