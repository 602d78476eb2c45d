"""From a crop and its mesh to the picture that the expression net was trained on.

FER+ frames its faces much tighter than our ingest does, and the net has seen nothing else. So a
turn, a scale and a shift lay the eyes and the mouth where they are in FER+, on the device.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tutor_emotion.nets.face.expression import INPUT_PX
from tutor_emotion.nets.face.mesh import INPUT_PX as MESH_PX

# Mesh points whose mean is an anchor: the corners of the learner's right eye, left eye, mouth.
ANCHORS = ((33, 133), (362, 263), (61, 291))
# Where they are in FER+, px of the 48 (x right, y down): medians over its training pictures, made
# symmetric; `python -m tutor_emotion.training.framing DATA` measures them again.
PLACES = ((15.2, 18.9), (32.8, 18.9), (24.0, 37.0))
GREY = (0.299, 0.587, 0.114)  # luma of ITU-R BT.601
_OVER = 2  # samples for each side of an output pixel, on a picture of half the mesh's size


def aligned_grey(pictures: Tensor, points: Tensor) -> Tensor:
    """The faces as FER+ would frame them.

    Args:
        pictures: (n, 3, 256, 256) RGB in 0..1, the mesh's input.
        points: (n, 478, 2 or 3) in px of it; those that are no numbers give some picture.

    Returns:
        (n, 1, 48, 48) grey in 0..1. What is outside of the crop repeats its edge.
    """
    weights = pictures.new_tensor(GREY).view(1, 3, 1, 1).expand(-1, -1, 2, 2) / 4
    grey = functional.conv2d(pictures, weights, stride=2)
    side = INPUT_PX * _OVER
    grid = functional.affine_grid(
        similarity(points), [len(points), 1, side, side], align_corners=False
    )
    samples = functional.grid_sample(grey, grid, padding_mode="border", align_corners=False)
    return functional.avg_pool2d(samples, _OVER)


def similarity(points: Tensor) -> Tensor:
    """(n, 478, 2 or 3) px of the mesh's input → (n, 2, 3), from places in the small picture to
    those in the crop, both in -1..1: the least squares of turn, scale and shift (Umeyama 1991)."""
    places = points.new_tensor(PLACES) / (INPUT_PX / 2) - 1
    corners = points[:, torch.tensor(ANCHORS, device=points.device), :2].nan_to_num(0.0, 0.0, 0.0)
    seen = corners.mean(2) / (MESH_PX / 2) - 1
    place, at = places - places.mean(0), seen - seen.mean(1, keepdim=True)
    spread = place.square().sum()
    cos = (place * at).sum((1, 2)) / spread
    sin = (place[:, 0] * at[:, :, 1] - place[:, 1] * at[:, :, 0]).sum(1) / spread
    turn = torch.stack([cos, -sin, sin, cos], 1).view(-1, 2, 2)
    shift = seen.mean(1) - turn @ places.mean(0)
    return torch.cat([turn, shift.unsqueeze(2)], 2)
