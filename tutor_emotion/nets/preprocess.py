"""The one path from a face crop to the nets' input, in serving and in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tutor_emotion.core.types import FaceCrop, UInt8Image
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.aligned import GREY
from tutor_emotion.nets.face.expression import INPUT_PX as EXPRESSION_PX
from tutor_emotion.nets.face.mesh import INPUT_PX

MIN_CROP_PX, MAX_CROP_PX = 32, 1024


def is_readable(crop: FaceCrop) -> bool:
    """Whether a crop can be given to the nets: a square RGB uint8 picture with sane numbers."""
    pixels = crop.pixels
    return (
        isinstance(pixels, np.ndarray)
        and pixels.dtype == np.uint8
        and pixels.ndim == 3
        and pixels.shape[0] == pixels.shape[1]
        and pixels.shape[2] == 3
        and MIN_CROP_PX <= pixels.shape[0] <= MAX_CROP_PX
        and all(np.isfinite((crop.at_s, crop.scale, crop.roll_deg, crop.quality)))
    )


def mesh_input(pictures: Sequence[UInt8Image], device: torch.device) -> Tensor:
    """RGB uint8 squares (px, px, 3) → (n, 3, 256, 256) float32 in 0..1, channels last.

    Crops of the usual one size go through one copy and one resize; others, one by one.
    """
    sizes = {picture.shape for picture in pictures}
    if len(sizes) > 1:
        return torch.cat([mesh_input([picture], device) for picture in pictures])
    # np.stack copies: a crop that came over the wire is a read-only buffer.
    batch = torch.from_numpy(np.stack(pictures)).to(device).permute(0, 3, 1, 2)
    batch = batch.to(torch.float32) / 255.0
    if batch.shape[-1] != INPUT_PX:
        batch = functional.interpolate(
            batch, size=(INPUT_PX, INPUT_PX), mode="bilinear", align_corners=False
        )
    return batch.contiguous(memory_format=torch.channels_last)


def expression_input(pictures: Sequence[UInt8Image], device: torch.device) -> Tensor:
    """Square faces, grey (px, px) or RGB (px, px, 3), uint8, of 48 px or more and framed as FER+
    frames them → (n, 1, 48, 48) float32 grey in 0..1. Larger ones are shrunk by area.

    Raises:
        BadInput: ``bad_picture``, with the row of the first that is none of these.
    """
    for row, picture in enumerate(pictures):
        if not _is_face_picture(picture):
            raise BadInput(
                "bad_picture",
                f"Picture {row} is no square of {EXPRESSION_PX} to {MAX_CROP_PX} px, grey or RGB, "
                "uint8.",
            )
    if not pictures:
        return torch.zeros(0, 1, EXPRESSION_PX, EXPRESSION_PX, device=device)
    if len({picture.shape for picture in pictures}) > 1:
        return torch.cat([expression_input([picture], device) for picture in pictures])
    batch = torch.from_numpy(np.stack(pictures)).to(device).to(torch.float32) / 255.0
    grey = batch @ batch.new_tensor(GREY) if batch.dim() == 4 else batch
    size = (EXPRESSION_PX, EXPRESSION_PX)
    return functional.interpolate(grey.unsqueeze(1), size=size, mode="area")


def _is_face_picture(picture: UInt8Image) -> bool:
    return (
        isinstance(picture, np.ndarray)
        and picture.dtype == np.uint8
        and (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3))
        and picture.shape[0] == picture.shape[1]
        and EXPRESSION_PX <= picture.shape[0] <= MAX_CROP_PX
    )
