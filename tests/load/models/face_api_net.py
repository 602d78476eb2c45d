"""The expression net of npm ``@vladmandic/face-api``, from its quantised weights.

Four dense blocks of four convolutions (all but the first separable) halve 112 px to 7, averaged
and weighed to seven classes. Input: RGB 112 px, 0..255 less the mean colour, over 255.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tests.load.models.layers import SameConv, depthwise, kernel
from tutor_emotion.errors import BadInput

INPUT_PX = 112
WIDTHS = (32, 64, 128, 256)
MEAN_RGB = (122.782, 117.001, 104.298)  # of its FaceFeatureExtractor
# In the order of its outputs, by FER+'s names.
LABELS = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")


class Separable(nn.Module):
    def __init__(self, width_in: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.spread = SameConv(width_in, width_in, 3, stride, groups=width_in, bias=False)
        self.mix = nn.Conv2d(width_in, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.mix(self.spread(x))
        return out


class Dense(nn.Module):
    """Four convolutions, each fed the sum of all before it."""

    def __init__(self, width_in: int, width: int, plain: bool) -> None:
        super().__init__()
        self.conv0 = SameConv(width_in, width, 3, 2) if plain else Separable(width_in, width, 2)
        self.conv1 = Separable(width, width)
        self.conv2 = Separable(width, width)
        self.conv3 = Separable(width, width)

    def forward(self, x: Tensor) -> Tensor:
        total = functional.relu(self.conv0(x))
        x = total
        for conv in (self.conv1, self.conv2, self.conv3):
            total = total + conv(x)
            x = functional.relu(total)
        return x


class FaceExpressionNet(nn.Module):
    """(n, 3, 112, 112), mean colour taken off, over 255 → logits (n, 7) in the order of LABELS."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, *WIDTHS)
        self.dense = nn.ModuleList(
            Dense(a, b, plain=a == 3) for a, b in zip(widths, WIDTHS, strict=False)
        )
        self.fc = nn.Linear(WIDTHS[-1], len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.dense:
            x = block(x)
        out: Tensor = self.fc(x.mean((2, 3)))
        return out


def read_face_expression_net(weights: Path, manifest: Path) -> FaceExpressionNet:
    """The net with the weights of ``face_expression_model.bin``, ready to infer.

    Raises:
        BadInput: ``peer_unreadable``.
    """
    net = FaceExpressionNet()
    try:
        arrays = _arrays(weights.read_bytes(), json.loads(manifest.read_text(encoding="utf-8")))
        net.load_state_dict(_state(arrays))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise BadInput("peer_unreadable", f"{weights.name} is not that net: {error}") from None
    return net.requires_grad_(False).eval()


def _arrays(data: bytes, groups: list[dict[str, Any]]) -> dict[str, NDArray[np.float32]]:
    """Every array of a tfjs weights file; uint8 ones become ``value * scale + min``."""
    arrays, at = {}, 0
    for entry in (entry for group in groups for entry in group["weights"]):
        packing = entry.get("quantization")
        dtype = np.dtype(packing["dtype"] if packing else entry["dtype"])
        count = int(np.prod(entry["shape"]))
        end = at + count * dtype.itemsize
        if end > len(data):
            raise ValueError(f"it ends within {entry['name']}")
        values = np.frombuffer(data[at:end], dtype).astype(np.float32).reshape(entry["shape"])
        arrays[entry["name"]] = values * packing["scale"] + packing["min"] if packing else values
        at = end
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes are left over")
    return {name: values.astype(np.float32) for name, values in arrays.items()}


def _state(arrays: dict[str, NDArray[np.float32]]) -> dict[str, Tensor]:
    """tfjs names → the names of the module."""
    state = {}
    for name, values in arrays.items():
        layer, _, part = name.rpartition("/")
        place = layer.replace("/", ".").replace("dense", "dense.")
        if name == "fc/weights":
            state["fc.weight"] = torch.from_numpy(np.ascontiguousarray(values.T))
        elif part == "depthwise_filter":
            state[f"{place}.spread.weight"] = depthwise(values)
        elif part == "pointwise_filter":
            state[f"{place}.mix.weight"] = kernel(values)
        elif part == "filters":
            state[f"{place}.weight"] = kernel(values)
        elif layer in ("fc", "dense0/conv0"):
            state[f"{place}.bias"] = torch.from_numpy(values)
        else:
            state[f"{place}.mix.bias"] = torch.from_numpy(values)
    return state
