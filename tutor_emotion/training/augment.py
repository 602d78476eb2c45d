"""What a webcam does to a face, on a whole batch at once: pose, light, blur, noise, blocks, hands.

All of it is drawn from one generator, so that a seed gives the same pictures again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

# JPEG's own luminance table (ITU-T T.81, annex K).
_QUANTISERS = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 "
    "62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 "
    "98 112 100 103 99"
)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much of each; a ``p_`` is the share of pictures that meet it."""

    rotate_deg: float = 12.0
    zoom: float = 0.14
    shift: float = 0.07
    light: float = 0.3
    p_blur: float = 0.2
    p_coarse: float = 0.15
    p_noise: float = 0.25
    p_blocks: float = 0.2
    p_hidden: float = 0.3


def augmented(x: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """(n, 1, 48, 48) in 0..1 → the same, as webcams might have seen it."""
    x = _moved(x, how, generator)
    x = _lit(x, how, generator)
    for share, change in (
        (how.p_blur, _blurred),
        (how.p_coarse, _coarse),
        (how.p_noise, _noisy),
        (how.p_blocks, _blocky),
        (how.p_hidden, _hidden),
    ):
        rows = torch.rand(len(x), generator=generator) < share
        if rows.any():
            x[rows] = change(x[rows], generator)
    return x.clamp_(0.0, 1.0)


def _uniform(n: int, low: float, high: float, generator: Generator) -> Tensor:
    return torch.rand(n, generator=generator) * (high - low) + low


def _moved(x: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Turned, nearer or farther, off centre, mirrored."""
    n = len(x)
    angle = _uniform(n, -how.rotate_deg, how.rotate_deg, generator) * (math.pi / 180)
    zoom = torch.exp(_uniform(n, -how.zoom, how.zoom, generator))
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    shift = (torch.rand(n, 2, generator=generator) - 0.5) * (4 * how.shift)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    theta = torch.stack(
        [
            torch.stack([cos * mirror, -sin, shift[:, 0]], 1),
            torch.stack([sin * mirror, cos, shift[:, 1]], 1),
        ],
        1,
    )
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    return functional.grid_sample(
        x, grid, mode="bilinear", padding_mode="border", align_corners=False
    )


def _lit(x: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Gamma, contrast, and a lamp from one side."""
    n = len(x)
    gamma = torch.exp(_uniform(n, -how.light, how.light, generator)).view(n, 1, 1, 1)
    x = x.clamp(1e-4, 1.0) ** gamma
    side = (torch.rand(n, 2, generator=generator) - 0.5) * how.light
    line = torch.linspace(-1, 1, x.shape[-1])
    slope = side[:, :1, None] * line[None, None, :] + side[:, 1:, None] * line[None, :, None]
    return x * (1 + slope.unsqueeze(1))


def _blurred(x: Tensor, generator: Generator) -> Tensor:
    """Out of focus: a Gaussian of 0.4 to 1.6 px, each picture its own."""
    n = len(x)
    sigma = _uniform(n, 0.4, 1.6, generator).view(n, 1)
    taps = torch.exp(-0.5 * (torch.arange(-4.0, 5.0) / sigma) ** 2)
    taps = taps / taps.sum(1, keepdim=True)
    y = functional.pad(x, (4, 4, 4, 4), mode="reflect").transpose(0, 1)
    y = functional.conv2d(y, taps.view(n, 1, 1, 9), groups=n)
    return functional.conv2d(y, taps.view(n, 1, 9, 1), groups=n).transpose(0, 1)


def _coarse(x: Tensor, generator: Generator) -> Tensor:
    """Far from the camera: 20 to 36 px, enlarged again."""
    px = int(torch.randint(20, 37, (1,), generator=generator))
    small = functional.interpolate(x, size=(px, px), mode="area")
    return functional.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)


def _noisy(x: Tensor, generator: Generator) -> Tensor:
    """A dark room's sensor: noise of 0.01 to 0.08."""
    sigma = _uniform(len(x), 0.01, 0.08, generator).view(-1, 1, 1, 1)
    return x + sigma * torch.randn(x.shape, generator=generator)


def _blocky(x: Tensor, generator: Generator) -> Tensor:
    """A poor connection: 8x8 cosine blocks, quantised as by JPEG of quality 12 to 50."""
    n, px = len(x), x.shape[-1]
    quality = _uniform(n, 12, 50, generator).view(n, 1, 1, 1, 1)
    table = torch.tensor([float(v) for v in _QUANTISERS.split()]).view(8, 8)
    steps = table.view(1, 1, 8, 1, 8) * (50.0 / quality)
    basis = _cosines()
    tiles = (x * 255 - 128).view(n, px // 8, 8, px // 8, 8)
    found = torch.einsum("ia,nxayb,jb->nxiyj", basis, tiles, basis)
    found = torch.round(found / steps) * steps
    tiles = torch.einsum("ia,nxiyj,jb->nxayb", basis, found, basis)
    return ((tiles.reshape(n, 1, px, px) + 128) / 255).contiguous()


def _cosines() -> Tensor:
    """The 8-point DCT-II, orthonormal, (frequency, position)."""
    at = (torch.arange(8) + 0.5) * math.pi / 8
    basis = torch.cos(torch.arange(8.0).view(8, 1) * at) * 0.5
    basis[0] /= math.sqrt(2)
    return basis


def _hidden(x: Tensor, generator: Generator) -> Tensor:
    """A hand, hair, a cup: an ellipse of one grey over up to a third of the face."""
    n, px = len(x), x.shape[-1]
    centre = torch.rand(n, 2, generator=generator) * 2 - 1
    radius = _uniform(2 * n, 0.15, 0.6, generator).view(n, 2)
    line = torch.linspace(-1, 1, px)
    across = (line.view(1, 1, px) - centre[:, 0].view(n, 1, 1)) / radius[:, 0].view(n, 1, 1)
    down = (line.view(1, px, 1) - centre[:, 1].view(n, 1, 1)) / radius[:, 1].view(n, 1, 1)
    inside = (across**2 + down**2 < 1).unsqueeze(1)
    return torch.where(inside, _uniform(n, 0.0, 1.0, generator).view(n, 1, 1, 1), x)
