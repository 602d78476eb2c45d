"""The one path from a face crop to the nets' input, in serving and in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tutor_emotion.core.types import FaceCrop, UInt8Image
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
