"""``all_in_one_small``: the patches of all frames → tokens of the language model.

Three learned branches see the same features of the whole picture; "face" and "body" are names, not
crops. The blocks are RegNet's bottleneck (arXiv 2003.13678) with depthwise convolutions and layer
norms in place of batch norms; their eps of 1e-5 is that of timm's ``LayerNormAct2d``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

BRANCHES = ("video", "body", "face")  # the order of the gate's three weights
NORM_EPS = 1e-5
SQUEEZE = 4  # the squeeze has a quarter of the block's input channels


class Norm(nn.LayerNorm):
    """Layer norm over the channels of (n, channels, height, width)."""

    def forward(self, maps: Tensor) -> Tensor:
        normed = functional.layer_norm(
            maps.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps
        )
        return normed.permute(0, 3, 1, 2)


class ConvNorm(nn.Module):
    """A convolution without bias, and its norm (named ``bn`` in the checkpoint)."""

    def __init__(self, channels: int, out: int, kernel: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, padding=kernel // 2, groups=groups, bias=False)
        self.bn = Norm(out, eps=NORM_EPS)

    def forward(self, maps: Tensor) -> Tensor:
        normed: Tensor = self.bn(self.conv(maps))
        return normed


class Squeeze(nn.Module):
    """Squeeze and excitation (arXiv 1709.01507)."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, reduced, 1)
        self.fc2 = nn.Conv2d(reduced, channels, 1)

    def forward(self, maps: Tensor) -> Tensor:
        scale = self.fc2(functional.silu(self.fc1(maps.mean((2, 3), keepdim=True))))
        scaled: Tensor = maps * scale.sigmoid()
        return scaled


class Block(nn.Module):
    """(n, channels, h, w) → (n, out, h, w). A change of channels has a shortcut of its own."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(channels, out)
        self.conv2 = ConvNorm(out, out, kernel=3, groups=out)
        self.se = Squeeze(out, max(1, channels // SQUEEZE))
        self.conv3 = ConvNorm(out, out)
        self.downsample = ConvNorm(channels, out) if channels != out else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        hidden = functional.silu(self.conv1(maps))
        hidden = self.se(functional.silu(self.conv2(hidden)))
        return functional.silu(self.conv3(hidden) + self.downsample(maps))


class MovingBranch(nn.Module):
    """Blocks on the patches, a 2×2×2 convolution over time and place, blocks, and a readout.

    Step t mixes the frames t−1 and t; the first sees a black one before it.
    """

    def __init__(self, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.s1 = _stage(channels, width, blocks)
        self.sampler = nn.Sequential(
            nn.Conv3d(width, width, 2, stride=(1, 2, 2), padding=(1, 0, 0)), nn.SiLU()
        )
        self.s2 = _stage(width, width, blocks)
        self.readout = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, maps: Tensor) -> Tensor:
        """(batch, frames, channels, h, w) → (batch, frames · h/2 · w/2, width)."""
        batch, frames = maps.shape[:2]
        hidden = self.s1(maps.flatten(0, 1)).unflatten(0, (batch, frames)).transpose(1, 2)
        hidden = self.sampler(hidden)[:, :, :frames].transpose(1, 2)
        hidden = self.s2(hidden.flatten(0, 1)).unflatten(0, (batch, frames))
        tokens: Tensor = self.readout(hidden.permute(0, 1, 3, 4, 2).flatten(1, 3))
        return tokens


class StillBranch(nn.Module):
    """Each patch through two linear layers, four neighbours averaged."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(channels, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, maps: Tensor) -> Tensor:
        """Shapes as MovingBranch. The mean comes before the last layer: the same, at a quarter."""
        batch, frames = maps.shape[:2]
        hidden = self.mlp[1](self.mlp[0](maps.flatten(0, 1).permute(0, 2, 3, 1)))
        pooled = functional.avg_pool2d(hidden.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
        tokens: Tensor = self.mlp[2](pooled)
        return tokens.reshape(batch, frames * tokens.shape[1] * tokens.shape[2], -1)


class Connector(nn.Module):
    """Patches (batch, frames, grid², channels) and three weights → (batch, tokens, width)."""

    def __init__(self, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.video = MovingBranch(channels, width, blocks)
        self.body = MovingBranch(channels, width, blocks)
        self.face = StillBranch(channels, width)

    def forward(self, patches: Tensor, weights: Tensor) -> Tensor:
        grid = round(patches.shape[2] ** 0.5)
        maps = patches.transpose(2, 3).reshape(*patches.shape[:2], -1, grid, grid)
        branches = torch.stack([self.video(maps), self.body(maps), self.face(maps)])
        return torch.einsum("k,kbtd->btd", weights.to(branches.dtype), branches)


def _stage(channels: int, width: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Block(channels if n == 0 else width, width) for n in range(blocks)))
