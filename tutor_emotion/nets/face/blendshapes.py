"""52 blendshapes from the mesh (MediaPipe Blendshape V2, Apache-2.0) as a torch module.

An MLP-Mixer (Tolstikhin et al. 2021) that never sees a pixel: 146 of the 478 points become 96
tokens, and one more that answers; four times the tokens, then the channels, are mixed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tutor_emotion.nets.tflite import ConstantReader, fill, read_constants

TOKENS, CHANNELS, DEPTH = 96, 64, 4

# Which points the net reads: kLandmarksSubsetIdxs of MediaPipe's face_blendshapes_graph.cc.
SUBSET = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65,
    66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136,
    144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172,
    173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283,
    284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324,
    332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385,
    386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472,
    473, 474, 475, 476, 477,
)  # fmt: skip

# The outputs in their order (kBlendshapeNames there): ARKit's names, without its tongueOut.
NAMES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft",
    "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen",
    "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
INDEX = {name: index for index, name in enumerate(NAMES)}


def _norm() -> nn.LayerNorm:
    return nn.LayerNorm(CHANNELS, eps=1e-6, bias=False)


class MixerBlock(nn.Module):
    """Mixes the tokens of each channel, then the channels of each token."""

    def __init__(self) -> None:
        super().__init__()
        self.token_norm = _norm()
        self.token_in = nn.Linear(TOKENS + 1, 384)
        self.token_out = nn.Linear(384, TOKENS + 1)
        self.channel_norm = _norm()
        self.channel_in = nn.Linear(CHANNELS, 256)
        self.channel_out = nn.Linear(256, CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        y = self.token_norm(x).transpose(1, 2)
        x = x + self.token_out(self.token_in(y).relu()).transpose(1, 2)
        mixed: Tensor = self.channel_out(self.channel_in(self.channel_norm(x)).relu())
        return x + mixed

    def load(self, reader: ConstantReader) -> None:
        reader.norm(self.token_norm)
        reader.linear(self.token_in)
        reader.linear(self.token_out)
        reader.norm(self.channel_norm)
        reader.linear(self.channel_in)
        reader.linear(self.channel_out)


class Blendshapes(nn.Module):
    """(n, 478, 2 or 3) points in pixels, any origin and scale → (n, 52) in 0..1, as in NAMES."""

    subset: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("subset", torch.tensor(SUBSET), persistent=False)
        self.tokens = nn.Linear(len(SUBSET), TOKENS)
        self.channels = nn.Linear(2, CHANNELS)
        self.answer = nn.Parameter(torch.zeros(1, 1, CHANNELS))
        self.blocks = nn.Sequential(*(MixerBlock() for _ in range(DEPTH)))
        self.head = nn.Linear(CHANNELS, len(NAMES))

    def forward(self, points: Tensor) -> Tensor:
        x = points[:, self.subset, :2]
        x = x - x.mean(1, keepdim=True)
        x = 0.5 * x / x.norm(dim=2, keepdim=True).mean(1, keepdim=True)
        x = self.tokens(x.transpose(1, 2)).transpose(1, 2)
        x = self.channels(x)
        x = torch.cat([self.answer.expand(len(x), -1, -1), x], dim=1)
        x = self.blocks(x)
        answer: Tensor = self.head(x[:, 0]).sigmoid()
        return answer

    @classmethod
    def from_tflite(cls, blob: bytes) -> Blendshapes:
        """The net with the weights of ``face_blendshapes.tflite``, ready to infer.

        Raises:
            Unavailable: ``weights_corrupt``.
        """
        net, reader = cls(), ConstantReader(read_constants(blob))
        reader.take("MUL")  # the 0.5 of ``forward``
        reader.linear(net.tokens)
        reader.linear(net.channels)
        (answer,) = reader.take("CONCATENATION")
        fill(net.answer, answer.reshape(1, 1, CHANNELS))
        for block in net.blocks:
            assert isinstance(block, MixerBlock)
            block.load(reader)
        reader.linear(net.head)
        reader.end()
        return net.requires_grad_(False).eval()
