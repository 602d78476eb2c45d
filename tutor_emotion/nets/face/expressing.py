"""The expression net in use: grey faces in, probabilities of EXPRESSIONS out."""

from __future__ import annotations

import torch
from torch import Tensor

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.expression import (
    ARCHITECTURE,
    EXPRESSIONS,
    INPUT_PX,
    Expression,
    ExpressionShape,
    fused,
)
from tutor_emotion.nets.model_folder import CONFIG
from tutor_emotion.nets.modules import filled, require_architecture
from tutor_emotion.nets.registry import Model


class Expressions:
    """One registry model of kind expression on one device, in single precision.

    Raises:
        BadInput: ``bad_architecture``, ``bad_model_config``, ``bad_tensors``.
        Unavailable: ``model_missing``, ``model_corrupt``.
    """

    def __init__(self, model: Model, device: torch.device) -> None:
        require_architecture(model, ARCHITECTURE)
        if model.config.labels != EXPRESSIONS:
            raise _bad_config(model, f"labels are not {', '.join(EXPRESSIONS)}")
        self.model, self.device = model, device
        net = fused(filled(Expression(_shape(model)), model))
        self._net = net.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def logits(self, grey: Tensor) -> Tensor:
        """(n, 1, 48, 48) grey in 0..1, as ``preprocess.expression_input`` makes → (n, 8)."""
        if grey.shape[1:] != (1, INPUT_PX, INPUT_PX):
            raise BadInput("bad_picture", f"The net reads (n, 1, 48, 48), not {tuple(grey.shape)}.")
        if not len(grey):
            return grey.new_zeros(0, len(EXPRESSIONS))
        logits: Tensor = self._net(grey.contiguous(memory_format=torch.channels_last))
        return logits

    @torch.inference_mode()
    def look(self, grey: Tensor) -> Tensor:
        """The same → probabilities (n, 8), by the model's own temperature."""
        return torch.softmax(self.logits(grey) / self.model.config.temperature, dim=1)


def _shape(model: Model) -> ExpressionShape:
    """The shape that the config names, if it is one that can be built here."""
    raw = model.config.shape
    try:
        shape = ExpressionShape(
            widths=tuple(int(width) for width in raw["widths"]),
            depths=tuple(int(depth) for depth in raw["depths"]),
            dropout=float(raw.get("dropout", 0.0)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_config(model, f"shape cannot be read: {error!r}") from None
    # Bounds that keep a config from asking for more memory than there is.
    same = 1 <= len(shape.widths) == len(shape.depths) <= 6
    if not same or not all(8 <= w <= 1024 for w in shape.widths):
        raise _bad_config(model, "widths are not one to six numbers of 8 to 1024, a depth for each")
    if not all(0 <= d <= 16 for d in shape.depths) or not 0 <= shape.dropout < 1:
        raise _bad_config(model, "depths are not within 0 and 16, or dropout not within 0 and 1")
    return shape


def _bad_config(model: Model, fault: str) -> BadInput:
    return BadInput("bad_model_config", f"{model.folder.name}/{CONFIG}: {fault}.")
