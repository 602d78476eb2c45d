"""Synthetic learners with a known truth: a refit that cannot find it here finds nothing anywhere.

    python -m tutor_emotion.training.synthetic --learners 60 --out labelled.jsonl

States wander as the engine's filter has it (§9.4). Each regressor is drawn from a base density
that the state tilts, p(x | state) ~ base(x) * exp(w x): so its log-likelihood ratio is exactly w x
plus a constant, and the w are the truth. What a learner keeps and what lingers from moment to
moment comes in by a Gaussian copula, which leaves those densities as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

from tutor_emotion.core import fusion
from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.states import PRIOR, StatesModel, Weight
from tutor_emotion.core.types import STATES, Modality, State
from tutor_emotion.training import labelled, refit
from tutor_emotion.training.labelled import LABEL_OF_TAP, Moment
from tutor_emotion.training.refit import Floats, Ints

TAPS: Mapping[State, Mapping[str, float]] = {
    "engaged": {"fine": 1.0},
    "neutral": {"fine": 1.0},
    "confused": {"confused": 0.5, "stuck": 0.5},
    "frustrated": {"stuck": 1.0},
    "bored": {"bored": 1.0},
}
_GRID = np.linspace(0.0, 1.0, 201)
_SHARE = np.exp(-_GRID / 0.12)  # most of the time a little, now and then a lot
_PRESENT = 0.06  # of all moments, for each fact
_LEAST, _MOST = 1e-6, 1 - 1e-6


@dataclass(frozen=True, slots=True)
class World:
    """How the learners are. Variances are of the copula's unit normal; times in seconds.

    ``stays``: the share of variance that a learner never loses (their face, whatever the baseline
    left of it); ``lingers_s``: over which the rest fades from one moment to the next; ``temper``:
    how far learners' own base rates lie apart (sd of the log); ``eager``: how much more often one
    reports in each state; ``wrong``: the share of reports that name another state.
    """

    stays: float = 0.15
    lingers_s: float = 30.0
    temper: float = 0.5
    session_s: float = 2400.0
    reports_in_h: float = 45.0
    eager: Mapping[State, float] = field(
        default_factory=lambda: {"confused": 2.0, "frustrated": 2.0, "bored": 1.5}
    )
    wrong: float = 0.0
    taps: bool = False  # the four taps of the product, not the five states
    present: Mapping[Modality, float] = field(
        default_factory=lambda: {"face": 0.65, "voice": 0.4, "interaction": 0.9, "text": 0.3}
    )


def truth(
    draw: np.random.Generator,
    *,
    strength: Mapping[Modality, float],
    useless: Sequence[Modality] = (),
    prior: StatesModel = PRIOR,
    spread: float = 0.5,
) -> StatesModel:
    """A true model that is not the prior: its weights times ``strength``, each off by ``spread`` of
    the modality's typical weight; those of ``useless`` are 0."""
    weights: list[Weight] = []
    for modality, factor in strength.items():
        own = prior.of(modality)
        typical = float(np.sqrt(np.mean([w.nats**2 for w in own])))
        for w in own:
            nats = factor * (w.nats + spread * typical * draw.standard_normal())
            weights.append(replace(w, nats=0.0 if modality in useless else round(nats, 4)))
    return StatesModel("truth", tuple(weights))


def learners(n: int, model: StatesModel, world: World, seed: int) -> list[Moment]:
    """The labelled moments of ``n`` learners, in order."""
    draw = np.random.default_rng(seed)
    on = {m: refit.support(model, m) for m in world.present if model.of(m)}
    found: list[Moment] = []
    for i in range(n):
        found += _learner(f"learner-{i:04d}", on, world, draw)
    return found


def _learner(
    name: str, on: Mapping[Modality, refit.Support], world: World, draw: np.random.Generator
) -> list[Moment]:
    at_s, state = _reports(world, draw)
    drawn = {m: _regressors(on[m], state, at_s, world, draw) for m in on}
    found = []
    for i, second in enumerate(at_s):
        here = [m for m in on if draw.random() < world.present[m]]
        features = {m: dict(zip(on[m].columns, map(float, drawn[m][i]), strict=True)) for m in here}
        # One look at the clock: rounding must not make two moments one.
        label = labelled.label(_said(STATES[state[i]], world, draw))
        found.append(Moment(name, f"{name}-1", round(second, 3), "self_report", label, features))
    return found


def _reports(world: World, draw: np.random.Generator) -> tuple[list[float], Ints]:
    """When this learner reports, and the state that they are in then.

    Whoever is in an ``eager`` state reports more often: the labels are not drawn from the prior.
    """
    settings = _tempered(world, draw)
    # Once a learner: a matrix exponential for every wait took most of the time.
    speeds, modes = np.linalg.eig(fusion.generator(settings))
    back = np.linalg.inv(modes)
    eager = np.array([world.eager.get(s, 1.0) for s in STATES])
    fastest = eager.max() * world.reports_in_h / 3600
    state, at_s = int(draw.choice(len(STATES), p=settings.prior)), 0.0
    times: list[float] = []
    states: list[int] = []
    while True:
        wait_s = draw.exponential(1 / fastest)
        at_s += wait_s
        if at_s > world.session_s:
            return times, np.array(states, dtype=np.intp)
        chances = np.maximum(((modes[state] * np.exp(speeds * wait_s)) @ back).real, 0.0)
        state = int(draw.choice(len(STATES), p=chances / chances.sum()))
        if draw.random() < eager[state] / eager.max():
            times.append(at_s)
            states.append(state)


def _tempered(world: World, draw: np.random.Generator) -> FusionConfig:
    """The filter's settings with this learner's own base rates."""
    usual = FusionConfig()
    while True:
        p = np.array(usual.prior) * np.exp(world.temper * draw.standard_normal(len(STATES)))
        a, b, c, d, e = (p / p.sum()).tolist()
        flow = p / np.array(usual.dwell_s)
        if 2 * flow.max() < 0.99 * flow.sum():  # else no generator has this prior
            return replace(usual, prior=(a, b, c, d, e))


def _regressors(
    on: refit.Support, state: Ints, at_s: Sequence[float], world: World, draw: np.random.Generator
) -> Floats:
    """(moments, measures)."""
    full = on.full(on.nats)[state]
    latent = _latent(at_s, len(on.columns), world, draw)
    u = np.clip(ndtr(latent), _LEAST, _MOST)
    columns = [
        _tilted(name.split(":")[1], u[:, j], full[:, j]) for j, name in enumerate(on.columns)
    ]
    return np.array(columns).T.reshape(len(at_s), len(on.columns))


def _latent(at_s: Sequence[float], n: int, world: World, draw: np.random.Generator) -> Floats:
    """(moments, n) unit normals: what stays with the learner and what fades."""
    kept = np.sqrt(world.stays) * draw.standard_normal(n)
    out = np.zeros((len(at_s), n))
    fading, before_s = draw.standard_normal(n), 0.0
    for i, second in enumerate(at_s):
        keep = np.exp(-(second - before_s) / world.lingers_s)
        fading = keep * fading + np.sqrt(1 - keep**2) * draw.standard_normal(n)
        out[i], before_s = kept + np.sqrt(1 - world.stays) * fading, second
    return out


def _tilted(form: str, u: Floats, nats: Floats) -> Floats:
    """The quantile ``u`` of base(x) * exp(nats * x)."""
    if form in ("z", "after_correct"):
        out: Floats = ndtri(u) + nats
        return out
    if form == "present":
        odds = _PRESENT / (1 - _PRESENT) * np.exp(nats)
        return (u > 1 / (1 + odds)).astype(float)
    weight = _SHARE * np.exp(nats[:, None] * _GRID)
    cumulative = np.cumsum(weight, axis=1) / weight.sum(1, keepdims=True)
    found: Floats = _GRID[np.minimum((cumulative < u[:, None]).sum(1), len(_GRID) - 1)]
    return found


def _said(state: State, world: World, draw: np.random.Generator) -> str:
    if draw.random() < world.wrong:
        state = STATES[draw.integers(len(STATES))]
    if not world.taps:
        return state
    chances = TAPS[state]
    return LABEL_OF_TAP[str(draw.choice(list(chances), p=list(chances.values())))]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tutor_emotion.training.synthetic",
        description="Labelled moments of learners who are not, and the truth that made them.",
    )
    parser.add_argument("--learners", type=int, default=60)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--useless", nargs="*", default=["voice"], metavar="MODALITY")
    parser.add_argument("--wrong", type=float, default=0.05, help="share of reports that are wrong")
    parser.add_argument("--taps", action="store_true", help="the product's taps, not five states")
    chosen = parser.parse_args(arguments)
    model = truth(
        np.random.default_rng(chosen.seed + 1_000_000),
        strength={"face": 1.6, "voice": 1.0, "interaction": 1.0, "text": 1.0},
        useless=chosen.useless,
    )
    world = World(wrong=chosen.wrong, taps=chosen.taps)
    labelled.write(learners(chosen.learners, model, world, chosen.seed), chosen.out)
    from tutor_emotion.core.states import write_states

    chosen.out.with_suffix(".truth.toml").write_text(write_states(model), encoding="utf-8")


if __name__ == "__main__":
    main()
