"""From a registry model's tensors to a torch module, with nothing missing and nothing left over."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.model_folder import WEIGHTS, Tensors
from tutor_emotion.nets.registry import Model, tensors

Net = TypeVar("Net", bound=nn.Module)


def require_architecture(model: Model, *known: str) -> None:
    """Raises:
    BadInput: ``bad_architecture``, where the code knows no such net.
    """
    if model.config.architecture not in known:
        raise BadInput(
            "bad_architecture",
            f"{model.folder.name} is a net of architecture {model.config.architecture!r}; "
            f"this version knows {', '.join(known)}.",
            hint="It was made by another version of this package.",
        )


def filled(net: Net, model: Model) -> Net:
    """``net`` with the model's numbers, ready to infer; half precision becomes single here.

    Raises:
        Unavailable: ``model_corrupt``, ``model_missing``.
        BadInput: ``bad_tensors``, for one that is missing, left over or of another shape or kind.
    """
    place = f"{model.folder.name}/{WEIGHTS}"
    found, wanted = tensors(model), net.state_dict()
    # Batch norms count their batches; nothing reads that.
    wanted = {name: value for name, value in wanted.items() if value.is_floating_point()}
    if wanted.keys() != found.keys():
        name = min(wanted.keys() ^ found.keys())
        fault = "is missing" if name in wanted else "is one too many"
        raise BadInput("bad_tensors", f"{place}: {name} {fault}.")
    for name, value in wanted.items():
        if found[name].shape != tuple(value.shape):
            raise BadInput(
                "bad_tensors",
                f"{place}: {name} is {found[name].shape}, not {tuple(value.shape)}.",
            )
    state = {name: torch.from_numpy(values).float() for name, values in found.items()}
    net.load_state_dict(state, strict=False)
    return net.requires_grad_(False).eval()


def numbers(net: nn.Module) -> Tensors:
    """What ``filled`` reads back, for ``registry.write_model``: the floating-point state."""
    return {
        name: value.numpy(force=True)
        for name, value in net.state_dict().items()
        if value.is_floating_point()
    }
