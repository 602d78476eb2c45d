"""Whether a model can be used: read as its user reads it, before it is put in use."""

from __future__ import annotations

from importlib.util import find_spec

from tutor_emotion.nets.registry import Model, tensors
from tutor_emotion.nets.states import states_of


def try_out(model: Model) -> None:
    """Build what the model is for. Where torch is not installed, its numbers are read and no net.

    Raises:
        BadInput: ``bad_architecture``, ``bad_model_config``, ``bad_tensors``,
            ``bad_states_model``.
        Unavailable: ``model_corrupt``, ``model_missing``.
    """
    if model.kind == "states":
        states_of(model)
    elif find_spec("torch") is None:
        tensors(model)
    else:
        _build(model)


def _build(model: Model) -> None:
    import torch  # a web process has none

    from tutor_emotion.nets.face.expressing import Expressions
    from tutor_emotion.nets.voice.hearing import Voices

    cpu = torch.device("cpu")
    if model.kind == "expression":
        Expressions(model, cpu)
    else:
        Voices(model, cpu)
