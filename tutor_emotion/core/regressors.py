"""What the weights multiplied: an Estimate's evidence turned back into numbers to refit them on."""

from __future__ import annotations

import math

from tutor_emotion.core.measures import MISSES, SHOWN_AS
from tutor_emotion.core.states import StatesModel, Weight
from tutor_emotion.core.types import Estimate, Evidence


def regressors(given: Estimate, model: StatesModel) -> dict[str, float]:
    """``measure:form`` → the regressor, in the weight's own unit; what is 0 is left out.

    ``model`` is the one that the Estimate was made with: times its weights, and over its
    temperature, they are the evidence again. What it does not weigh (the leaning of a model that
    names states itself) has none; nor has a modality that it switches off.
    """
    temperature = model.rule(given.modality).temperature
    found: dict[str, float] = {}
    for weight in model.of(given.modality):
        for item in given.evidence:
            if (item.state, item.measure) == (weight.state, _shown(weight)):
                value = _regressor(weight, item, temperature)
                if value:
                    found[f"{weight.measure}:{weight.form}"] = value
    return found


def _shown(weight: Weight) -> str:
    return SHOWN_AS.get(weight.measure, weight.measure)


def _regressor(weight: Weight, item: Evidence, temperature: float) -> float:
    z = item.z or 0.0
    if weight.form == "present":
        if weight.measure not in MISSES:
            return 1.0
        nth = min(int(item.value), len(MISSES))
        return 1.0 if nth > 0 and MISSES[nth - 1] == weight.measure else 0.0
    if weight.form == "above":
        return max(0.0, min(1.0, item.value - (item.usual or 0.0)))
    if weight.form == "beyond":
        return max(0.0, abs(z) - 1.0)
    if weight.form == "after_correct":
        # Only a while after a correct answer; by the same measure another form may have spoken.
        due = math.isclose(item.nats * temperature, weight.nats * z, abs_tol=1e-9)
        return z if due else 0.0
    return z
