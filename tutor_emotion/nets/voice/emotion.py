"""The voice net: seven acted emotions from one utterance against the speaker's usual.

Several small perceptrons side by side, whose logits are averaged: a few hundred training
utterances bear no more, and a mean of several is better calibrated than each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.voice.features import NAMES
from tutor_emotion.nets.voice.usual import Population

EMOTIONS = ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
ARCHITECTURE = "voice-perceptrons/1"
# Bounds that keep a config from asking for more memory than there is.
_MOST_MEMBERS, _MOST_WIDE = 64, 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the net: ``inputs`` numbers, ``members`` perceptrons of two hidden layers."""

    inputs: int = len(NAMES) + 1
    members: int = 4
    first: int = 96
    second: int = 48
    labels: int = len(EMOTIONS)


class EmotionNet(nn.Module):
    """z (n, inputs) → logits (n, labels); in training mode (members, n, labels), with dropout.

    The population's statistics are its buffers, so that one file holds all that an answer takes.
    """

    def __init__(self, shape: Shape | None = None, dropout: float = 0.3, blind: float = 0.1):
        super().__init__()
        self.shape = shape or Shape()
        self.dropout, self.blind = dropout, blind
        s = self.shape
        self.first, self.first_bias = _weights(s.members, s.inputs, s.first)
        self.second, self.second_bias = _weights(s.members, s.first, s.second)
        self.third, self.third_bias = _weights(s.members, s.second, s.labels)
        self.third.data *= 0.2
        for name in ("mean", "spread", "weight"):
            self.register_buffer(f"population_{name}", torch.ones(s.inputs - 1))

    def forward(self, z: Tensor) -> Tensor:
        x = functional.dropout(z.expand(self.shape.members, *z.shape), self.blind, self.training)
        x = functional.gelu(torch.baddbmm(self.first_bias, x, self.first))
        x = functional.dropout(x, self.dropout, self.training)
        x = functional.gelu(torch.baddbmm(self.second_bias, x, self.second))
        x = functional.dropout(x, self.dropout, self.training)
        logits = torch.baddbmm(self.third_bias, x, self.third)
        return logits if self.training else logits.mean(0)

    @property
    def population(self) -> Population:
        mean, spread, weight = (
            self.get_buffer(f"population_{name}").double().numpy(force=True)
            for name in ("mean", "spread", "weight")
        )
        return Population(mean, spread, weight)

    def set_population(self, population: Population) -> None:
        for name in ("mean", "spread", "weight"):
            values = torch.as_tensor(getattr(population, name), dtype=torch.float32)
            self.get_buffer(f"population_{name}").copy_(values)


def _weights(members: int, inputs: int, outputs: int) -> tuple[nn.Parameter, nn.Parameter]:
    scale = (2.0 / inputs) ** 0.5
    return (
        nn.Parameter(torch.randn(members, inputs, outputs) * scale),
        nn.Parameter(torch.zeros(members, 1, outputs)),
    )


def load_net(
    config: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], name: str = "voice"
) -> EmotionNet:
    """The net of a model folder, in evaluation mode.

    Raises:
        BadInput: ``bad_model``: another architecture, labels or shape, or numbers that are not
            finite.
    """
    if config.get("architecture") != ARCHITECTURE:
        raise _bad(name, f"its architecture is {config.get('architecture')!r}, not {ARCHITECTURE}")
    if tuple(config.get("labels", ())) != EMOTIONS:
        raise _bad(name, f"its labels are not {', '.join(EMOTIONS)}")
    try:
        shape = Shape(**config.get("shape", {}))
        wide = max(shape.inputs, shape.first, shape.second, shape.labels)
        net = EmotionNet(shape) if shape.members <= _MOST_MEMBERS and wide <= _MOST_WIDE else None
    except (TypeError, ValueError, RuntimeError):
        raise _bad(name, "its shape is none of a net of perceptrons") from None
    if net is None:
        raise _bad(name, f"it has over {_MOST_MEMBERS} members, or layers over {_MOST_WIDE}")
    if net.shape.inputs != len(NAMES) + 1 or net.shape.labels != len(EMOTIONS):
        raise _bad(name, f"it takes {net.shape.inputs} numbers, not {len(NAMES) + 1}")
    try:
        net.load_state_dict({key: torch.as_tensor(np.array(v)) for key, v in tensors.items()})
    except RuntimeError as error:
        raise _bad(name, str(error).splitlines()[-1].strip()) from None
    for key, value in net.state_dict().items():
        if not bool(torch.isfinite(value).all()):
            raise _bad(name, f"{key} is not finite")
    return net.eval()


def _bad(name: str, why: str) -> BadInput:
    return BadInput("bad_model", f"The model {name} cannot be used: {why}.")
