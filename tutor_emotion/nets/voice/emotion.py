"""The voice net: seven acted emotions from one utterance against the speaker's usual.

Several small perceptrons side by side, whose logits are averaged: a few hundred training
utterances bear no more, and a mean of several is better calibrated than each.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.model_folder import CONFIG
from tutor_emotion.nets.modules import filled, require_architecture
from tutor_emotion.nets.registry import Model
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


def load_net(model: Model) -> EmotionNet:
    """The net of a registry model of kind voice, in evaluation mode.

    Raises:
        BadInput: ``bad_architecture``, ``bad_model_config``, ``bad_tensors``.
        Unavailable: ``model_missing``, ``model_corrupt``.
    """
    require_architecture(model, ARCHITECTURE)
    if model.config.labels != EMOTIONS:
        raise _bad_config(model, f"labels are not {', '.join(EMOTIONS)}")
    try:
        shape = Shape(**model.config.shape)
        wide = max(shape.inputs, shape.first, shape.second, shape.labels)
        fits = 1 <= shape.members <= _MOST_MEMBERS and 1 <= wide <= _MOST_WIDE
    except TypeError:
        raise _bad_config(model, "shape is none of a net of perceptrons") from None
    if not fits or (shape.inputs, shape.labels) != (len(NAMES) + 1, len(EMOTIONS)):
        raise _bad_config(
            model,
            f"shape is none of {len(NAMES) + 1} numbers to {len(EMOTIONS)} labels, with at most "
            f"{_MOST_MEMBERS} members and layers of {_MOST_WIDE}",
        )
    try:
        net = EmotionNet(shape)
    except (TypeError, RuntimeError):
        raise _bad_config(model, "shape is none of a net of perceptrons") from None
    return filled(net, model)


def _bad_config(model: Model, fault: str) -> BadInput:
    return BadInput("bad_model_config", f"{model.folder.name}/{CONFIG}: {fault}.")
