"""Small models with random numbers, in the one format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from tutor_emotion.core.states import PRIOR, states_to_config
from tutor_emotion.nets import registry
from tutor_emotion.nets.face.expression import (
    ARCHITECTURE,
    EXPRESSIONS,
    Expression,
    ExpressionShape,
)
from tutor_emotion.nets.modules import numbers
from tutor_emotion.nets.registry import Model

SMALL = ExpressionShape(widths=(8, 8, 16, 16), depths=(0, 1, 0, 1))
TRAINED: dict[str, Any] = {"data": {}, "code": "unknown", "seed": 0, "recipe": {}}


def expression(folder: Path, version: str = "1", seed: int = 0, **other: Any) -> Model:
    """An expression model under ``folder``; ``other`` replaces keys of its config."""
    torch.manual_seed(seed)
    net = Expression(SMALL)
    for module in net.modules():  # else each batch norm would be the one that a new net has
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    config = {
        "architecture": ARCHITECTURE,
        "shape": SMALL.as_config(),
        "labels": EXPRESSIONS,
        "input": {"px": 48, "channels": "grey", "range": [0, 1]},
        "temperature": 0.7,
        "trained": TRAINED,
        "metrics": {},
        **other,
    }
    return registry.write_model(
        folder,
        kind="expression",
        version=version,
        config=config,
        tensors=numbers(net),
        card=f"# expression {version}\n",
    )


def states(folder: Path, version: str = "2") -> Model:
    """The prior under another version, as a calibration writes one."""
    config = {
        "architecture": "map-multinomial-logistic",
        "trained": TRAINED,
        "states": states_to_config(PRIOR)["states"],
    }
    return registry.write_model(
        folder, kind="states", version=version, config=config, tensors={}, card="# states\n"
    )
