"""From measures to learning states: the weights of every estimator, as data.

A weight says how many nats (natural-log odds) one unit of a measure gives to a state. The shipped
ones are ``PRIOR`` (``states.toml``); ``training/calibrate.py`` refits them on a site's own labels.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from tutor_emotion.core.measures import FACE_CUES, FACTS, VOICE_UNITS
from tutor_emotion.core.types import MODALITIES, STATES, Modality, State
from tutor_emotion.errors import BadInput

Form: TypeAlias = Literal["z", "above", "beyond", "present", "after_correct"]
FORMS: tuple[Form, ...] = get_args(Form)

LEAST_AUC = 0.55  # a modality whose lower confidence bound is under it is switched off (§9.2)
_MOST_NATS = 50.0  # of all the weights of one state together, after the temperature
_VERSION = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")
_SENSED: Mapping[str, frozenset[str]] = {
    "face": frozenset(FACE_CUES),
    "voice": frozenset(VOICE_UNITS),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """``nats`` for ``state`` per unit of ``measure``, which ``form`` makes a number of:

    ``z`` the learner's own standard deviations, clipped; ``above`` the share above the learner's
    usual, 0..1; ``beyond`` how far z is over 1 on either side; ``present`` 1 for a fact, else 0;
    ``after_correct`` as z, and only within ``smile_after_correct_s`` of a correct answer.
    """

    modality: Modality
    state: State
    measure: str
    form: Form
    nats: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How a modality is used: its nats are divided by ``temperature``; off, it says nothing.

    ``auc_low`` is the lower confidence bound that it was measured at, None where it never was.
    """

    on: bool = True
    temperature: float = 1.0
    auc_low: float | None = None


@dataclass(frozen=True, slots=True)
class StatesModel:
    """One mapping from measures to states.

    Raises:
        BadInput: ``bad_states_model``, for a model that cannot be.
    """

    version: str
    weights: tuple[Weight, ...]
    rules: Mapping[Modality, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(
            isinstance(self.version, str) and _VERSION.fullmatch(self.version) is not None,
            "the version is not 1 to 32 small letters, digits, dots or hyphens",
        )
        for row, weight in enumerate(self.weights, 1):
            _check_weight(weight, f"weight {row} ({weight.modality}, {weight.measure})")
        _check_once(self.weights)
        for modality, rule in self.rules.items():
            _require(modality in MODALITIES, f"{modality!r} is no modality")
            _check_rule(rule, modality)
        for modality in MODALITIES:
            _check_sum(self, modality)

    @property
    def name(self) -> str:
        """As it stands in an Estimate's ``model``."""
        return f"states/{self.version}"

    def of(self, modality: Modality) -> tuple[Weight, ...]:
        return tuple(w for w in self.weights if w.modality == modality)

    def rule(self, modality: Modality) -> Rule:
        return self.rules.get(modality, Rule())


def read_states(text: str) -> StatesModel:
    """TOML as in ``states.toml`` → the model.

    Raises:
        BadInput: ``bad_states_model``; the message names the modality and the row.
    """
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad(f"it is no TOML: {error}") from error
    return _model(raw.pop("version", None), raw)


def write_states(model: StatesModel) -> str:
    """TOML that ``read_states`` reads back as the same model."""
    lines = [f'version = "{model.version}"']
    for modality in MODALITIES:
        rule = model.rule(modality)
        lines += ["", f"[{modality}]", f"on = {str(rule.on).lower()}"]
        lines.append(f"temperature = {float(rule.temperature)!r}")
        if rule.auc_low is not None:
            lines.append(f"auc_low = {float(rule.auc_low)!r}")
        rows = [
            f'    {{ state = "{w.state}", measure = "{w.measure}", form = "{w.form}", '
            f"nats = {float(w.nats)!r} }},"
            for w in model.of(modality)
        ]
        lines += ["weights = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def states_from_config(config: Mapping[str, Any]) -> StatesModel:
    """A registry model's ``config.json`` (its ``version`` and ``states``) → the model.

    Raises:
        BadInput: ``bad_states_model``.
    """
    states = config.get("states")
    _require(isinstance(states, Mapping), "config.json has no 'states'")
    return _model(config.get("version"), states or {})


def states_to_config(model: StatesModel) -> dict[str, Any]:
    """What ``states_from_config`` reads, for a registry model's ``config.json``."""
    return {"version": model.version, "states": tomllib.loads(_body(write_states(model)))}


def _body(text: str) -> str:
    return text.partition("\n")[2]  # all but the version


def _model(version: Any, parts: Mapping[str, Any]) -> StatesModel:
    weights: list[Weight] = []
    rules: dict[Modality, Rule] = {}
    for name, part in parts.items():
        modality = next((m for m in MODALITIES if m == name), None)
        if modality is None:
            raise _bad(f"{name!r} is no modality")
        _require(isinstance(part, Mapping), f"{name} is no table")
        unknown = set(part) - {"on", "temperature", "auc_low", "weights"}
        _require(not unknown, f"{name} has unknown keys: {', '.join(sorted(unknown))}")
        rows = part.get("weights", [])
        _require(isinstance(rows, list), f"{name}.weights is no list")
        weights += [_weight(modality, row, f"{name} weight {n}") for n, row in enumerate(rows, 1)]
        rules[modality] = Rule(**{k: v for k, v in part.items() if k != "weights"})
    return StatesModel(version, tuple(weights), rules)


def _weight(modality: Modality, row: Any, where: str) -> Weight:
    keys = {"state", "measure", "form", "nats"}
    _require(isinstance(row, Mapping) and set(row) == keys, f"{where} needs {sorted(keys)}")
    weight = Weight(modality, row["state"], row["measure"], row["form"], row["nats"])
    _check_weight(weight, f"{where} ({weight.measure})")
    return weight


def _check_weight(weight: Weight, where: str) -> None:
    _require(weight.modality in MODALITIES, f"{where}: no such modality")
    _require(weight.state in STATES, f"{where}: the state is not one of {', '.join(STATES)}")
    _require(weight.form in FORMS, f"{where}: the form is not one of {', '.join(FORMS)}")
    sensed = _SENSED.get(weight.modality)
    known = FACTS.get(weight.modality, {}) if sensed is None else sensed
    known_name = isinstance(weight.measure, str) and weight.measure in known
    _require(known_name, f"{where}: no such measure of {weight.modality}")
    fact = weight.form == "present"
    _require(fact == (sensed is None), f"{where}: form {weight.form!r} is not of {weight.modality}")
    _require(
        weight.form != "after_correct" or weight.modality == "face",
        f"{where}: 'after_correct' is of the face only",
    )
    _require(_number(weight.nats), f"{where}: nats is no finite number")


def _check_once(weights: tuple[Weight, ...]) -> None:
    seen: set[tuple[str, ...]] = set()
    for row, w in enumerate(weights, 1):
        key = (w.modality, w.state, w.measure, w.form)
        _require(key not in seen, f"weight {row} repeats {' '.join(key)}")
        seen.add(key)


def _check_rule(rule: Rule, modality: str) -> None:
    _require(isinstance(rule.on, bool), f"{modality}.on is neither true nor false")
    good = _number(rule.temperature) and 0.05 <= rule.temperature <= 100
    _require(good, f"{modality}.temperature is not within 0.05 and 100")
    if rule.auc_low is not None:
        good = _number(rule.auc_low) and 0 <= rule.auc_low <= 1
        _require(good, f"{modality}.auc_low is not within 0 and 1")
        _require(
            not rule.on or rule.auc_low >= LEAST_AUC,
            f"{modality} is on although its auc_low is under {LEAST_AUC}",
        )


def _check_sum(model: StatesModel, modality: Modality) -> None:
    for state in STATES:
        total = sum(abs(w.nats) for w in model.of(modality) if w.state == state)
        _require(
            total / model.rule(modality).temperature <= _MOST_NATS,
            f"{modality}: the weights of {state} are over {_MOST_NATS:.0f} nats together",
        )


def _number(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]


def _require(good: bool, fault: str) -> None:
    if not good:
        raise _bad(fault)


def _bad(fault: str) -> BadInput:
    return BadInput(
        "bad_states_model",
        f"The model of states cannot be: {fault}.",
        hint="See tutor_emotion/core/states.toml for one that can.",
    )


PRIOR = read_states(Path(__file__).with_name("states.toml").read_text(encoding="utf-8"))
