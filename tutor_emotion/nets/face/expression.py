"""Which of eight expressions raters would see in a face: our own net, trained on FER+.

A plain residual net on a 48 px grey face. It predicts the *distribution* of ten raters' votes, not
the one right label, so that an ambiguous face gives an ambiguous answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

# The order of FER+ (Barsoum et al. 2016); a change of it would be another architecture.
EXPRESSIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
ARCHITECTURE = "residual-se/1"
INPUT_PX = 48
_FLAT = 0.02  # standard deviation of a picture without contrast, of 0..1


@dataclass(frozen=True, slots=True)
class ExpressionShape:
    """The numbers that make the architecture. ``widths``: channels after each halving, 48 px
    first; ``depths``: residual blocks there."""

    widths: tuple[int, ...] = (16, 48, 96, 192)
    depths: tuple[int, ...] = (0, 1, 2, 2)
    dropout: float = 0.3

    def as_config(self) -> dict[str, object]:
        return asdict(self)


class Residual(nn.Module):
    """Two 3x3 convolutions added to their input, weighed by channel (squeeze and excitation,
    Hu et al. 2018)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = _conv(width, width)
        self.squeeze = nn.Conv2d(width, width // 8, 1)
        self.excite = nn.Conv2d(width // 8, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(functional.relu(self.first(x)))
        weight = self.excite(functional.relu(self.squeeze(y.mean((2, 3), keepdim=True))))
        return functional.relu(x + y * torch.sigmoid(weight))


class Expression(nn.Module):
    """(n, 1, 48, 48) grey in 0..1 → logits (n, 8) in the order of EXPRESSIONS."""

    def __init__(self, shape: ExpressionShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or ExpressionShape()
        stages: list[nn.Module] = []
        width_in = 1
        for at, (width, depth) in enumerate(zip(shape.widths, shape.depths, strict=True)):
            stages += [_conv(width_in, width, stride=2 if at else 1), nn.ReLU(inplace=True)]
            stages += [Residual(width) for _ in range(depth)]
            width_in = width
        self.body = nn.Sequential(*stages)
        self.head = nn.Linear(width_in, len(EXPRESSIONS))

    def forward(self, x: Tensor) -> Tensor:
        seen = self.body(standardised(x)).mean((2, 3))
        logits: Tensor = self.head(functional.dropout(seen, self.shape.dropout, self.training))
        return logits


def _conv(width_in: int, width: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width)
    )


def standardised(x: Tensor) -> Tensor:
    """Each picture with mean 0 and standard deviation 1: a lamp's brightness says nothing."""
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) / x.std((1, 2, 3), keepdim=True).clamp_min(_FLAT)


def fused(net: nn.Module) -> nn.Module:
    """The same net for inference, batch norms folded into their convolutions (in place)."""
    net.eval()
    for name, child in net.named_children():
        pair = list(child) if isinstance(child, nn.Sequential) else []
        match pair:
            case [nn.Conv2d() as conv, nn.BatchNorm2d() as norm]:
                setattr(net, name, torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm))
            case _:
                fused(child)
    return net
