"""What both peers' nets need of TensorFlow: its SAME padding, and its order of numbers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional


def pad_same(x: Tensor, size: int, stride: int, value: float = 0.0) -> Tensor:
    """TensorFlow's SAME: as much as the last window lacks, the odd pixel at the end."""
    spare = [max(0, (-(-side // stride) - 1) * stride + size - side) for side in x.shape[2:]]
    down, across = spare
    return functional.pad(
        x, (across // 2, across - across // 2, down // 2, down - down // 2), value=value
    )


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, self.kernel_size[0], self.stride[0]))


def kernel(values: NDArray[np.float32]) -> Tensor:
    """(height, width, in, out) → (out, in, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(values.transpose(3, 2, 0, 1)))


def depthwise(values: NDArray[np.float32]) -> Tensor:
    """(height, width, channels, 1) → (channels, 1, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 3, 0, 1)))
