"""Which mapping from measures to states is in use: one that a site calibrated, or the prior."""

from __future__ import annotations

from pathlib import Path

from tutor_emotion.core.states import PRIOR, StatesModel, states_from_config
from tutor_emotion.nets import registry


def states_of(model: registry.Model) -> StatesModel:
    """The mapping that a registry model of kind states holds.

    Raises:
        BadInput: ``bad_states_model``.
    """
    return states_from_config({"version": model.version, "states": model.config.states})


def active_states(weights_dir: Path) -> StatesModel:
    """The active model of kind states, else the prior.

    Raises:
        BadInput: ``bad_states_model``, and as ``registry.active_one``.
        Unavailable: as ``registry.active_one``.
    """
    model = registry.active_one(weights_dir, "states")
    return PRIOR if model is None else states_of(model)
