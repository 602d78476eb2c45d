"""The 478-point face mesh (MediaPipe Face Mesh V2, Apache-2.0) as a torch module.

A plain residual net of bottlenecks: 256 px in, halved seven times, one head for the points and
one for whether there is a face at all. 72 convolutions, 1.2 million weights.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from tutor_emotion.nets.tflite import ConstantReader, read_constants

INPUT_PX = 256
POINTS = 478
WIDTHS = (16, 32, 64, 128, 128, 128, 128)  # channels after each halving
BLOCKS = 4  # bottlenecks that follow each halving


class Mesh(NamedTuple):
    """``points`` (n, 478, 3): x right, y down, z away from the camera, all in pixels of the
    256 px input; ``presence`` (n,): 0..1 that there is a face."""

    points: Tensor
    presence: Tensor


class Bottleneck(nn.Module):
    """1x1 to half the channels, 3x3 per channel, 1x1 back, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.reduce = nn.Conv2d(width, half, 1)
        self.reduce_act = nn.PReLU(half)
        self.spread = nn.Conv2d(half, half, 3, padding=1, groups=half)
        self.expand = nn.Conv2d(half, width, 1)
        self.act = nn.PReLU(width)

    def shortcut(self, x: Tensor) -> Tensor:
        return x

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(self.spread(self.reduce_act(self.reduce(x))))
        out: Tensor = self.act(y.add_(self.shortcut(x)))
        return out

    def load(self, reader: ConstantReader) -> None:
        reader.conv(self.reduce)
        reader.prelu(self.reduce_act)
        reader.conv(self.spread)
        reader.conv(self.expand)
        reader.prelu(self.act)


class Halving(Bottleneck):
    """A bottleneck whose first convolution is 2x2 with stride 2; the shortcut is pooled and
    padded with empty channels."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__(width)
        self.reduce = nn.Conv2d(width_in, width // 2, 2, stride=2)
        self.new_channels = width - width_in

    def shortcut(self, x: Tensor) -> Tensor:
        pooled = functional.max_pool2d(x, 2)
        return functional.pad(pooled, (0, 0, 0, 0, 0, self.new_channels))


class FaceMesh(nn.Module):
    """(n, 3, 256, 256) RGB 0..1 → Mesh."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, WIDTHS[0], 3, stride=2)
        self.stem_act = nn.PReLU(WIDTHS[0])
        blocks = [Bottleneck(WIDTHS[0]) for _ in range(BLOCKS)]
        for before, width in pairwise(WIDTHS):
            blocks.append(Halving(before, width))
            blocks += [Bottleneck(width) for _ in range(BLOCKS)]
        self.blocks = nn.Sequential(*blocks)
        self.tongue = nn.Conv2d(WIDTHS[-1], 1, 2)  # in the file, and of no use to us
        self.presence = nn.Conv2d(WIDTHS[-1], 1, 2)
        self.points = nn.Conv2d(WIDTHS[-1], POINTS * 3, 2)

    def forward(self, pictures: Tensor) -> Mesh:
        # TensorFlow's SAME with stride 2 pads an even side at its end only.
        x = self.stem_act(self.stem(functional.pad(pictures, (0, 1, 0, 1))))
        x = self.blocks(x)
        return Mesh(
            self.points(x).reshape(-1, POINTS, 3),
            self.presence(x).flatten().sigmoid(),
        )

    @classmethod
    def from_tflite(cls, blob: bytes) -> FaceMesh:
        """The net with the weights of ``face_landmarks_detector.tflite``, ready to infer.

        Raises:
            Unavailable: ``weights_corrupt``.
        """
        net, reader = cls(), ConstantReader(read_constants(blob))
        reader.conv(net.stem)
        reader.prelu(net.stem_act)
        for block in net.blocks:
            assert isinstance(block, Bottleneck)
            block.load(reader)
        for head in (net.tongue, net.presence, net.points):
            reader.conv(head)
        reader.end()
        return net.requires_grad_(False).eval()
