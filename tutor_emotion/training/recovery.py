"""Does the refit find a truth that is known? The figures and the picture of docs/calibration.md.

    python -m tutor_emotion.training.recovery --out DIR

Three questions: do the weights come back, and nearer with more learners; is a modality of noise
found useless, and one of AUC .65 kept; and what would folds that share learners have claimed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.states import LEAST_AUC, PRIOR, StatesModel
from tutor_emotion.core.types import STATES, Modality
from tutor_emotion.training import held_out, refit, synthetic
from tutor_emotion.training.labelled import Moment
from tutor_emotion.training.refit import Floats
from tutor_emotion.training.synthetic import World

FOLDS = 5
PI = np.array(FusionConfig().prior)
SIZES = (20, 60, 200)
USEFUL = 0.65  # the AUC of struggle that the best of cameras reach (§0)
STRUGGLE = [STATES.index("confused"), STATES.index("frustrated")]


@dataclass(frozen=True, slots=True)
class Recovered:
    """A refit beside the truth, all in nats for one standard deviation of the regressor.

    ``slope`` of the truth on the refit: 1 is calibrated, under 1 is too sure. ``error`` is the root
    of the mean square, ``prior_error`` that of the weights that it began with.
    """

    correlation: float
    slope: float
    error: float
    prior_error: float


@dataclass(frozen=True, slots=True)
class Worth:
    """AUC of struggle: by held-out learners with its lower bound, by a random split, and of the
    true weights."""

    auc: float
    low: float
    random_split: float | None
    true: float


def recovered(moments: Sequence[Moment], true: StatesModel, modality: Modality) -> Recovered:
    on = refit.support(PRIOR, modality)
    data = refit.design(moments, modality, on.columns)
    parts = held_out.folds(data.group, 5, np.random.default_rng(0))
    strength = refit.strongest(data, on, PI, parts)
    unit = data.x.std(0)[on.column]
    found = refit.fit(data, on, PI, strength).nats * unit
    truth = refit.support(true, modality).nats * unit
    began = on.nats * unit
    return Recovered(
        float(np.corrcoef(found, truth)[0, 1]),
        float(np.cov(found, truth)[0, 1] / found.var(ddof=1)),
        float(np.sqrt(np.mean((found - truth) ** 2))),
        float(np.sqrt(np.mean((began - truth) ** 2))),
    )


def worth(
    moments: Sequence[Moment],
    true: StatesModel,
    modality: Modality,
    *,
    seed: int = 0,
    random_split: bool = False,
) -> Worth:
    on = refit.support(PRIOR, modality)
    data = refit.design(moments, modality, on.columns)
    draw = np.random.default_rng(seed)
    nats = held_out.ratios(data, on, PI, data.group, FOLDS, draw)
    found = _auc(data, nats, draw, held_out.of_folds(FOLDS))
    by_row = None
    if random_split:
        each = np.arange(len(data.kind))
        by_row = _auc(data, held_out.ratios(data, on, PI, each, FOLDS, draw), draw).value
    ideal = refit.log_ratios(data, on, refit.support(true, modality).nats)
    return Worth(found.value, found.low, by_row, _auc(data, ideal, draw).value)


def _auc(
    data: refit.Design, nats: Floats, draw: np.random.Generator, wider: float = 1.0
) -> held_out.Interval:
    score = refit.served(nats, PI)[:, STRUGGLE].sum(1)
    found = held_out.auc(score, data.struggles, data.group, draw, wider)
    assert found is not None
    return found


def learners(
    n: int, seed: int, world: World, strength: dict[Modality, float], useless: Sequence[Modality]
) -> tuple[list[Moment], StatesModel]:
    true = synthetic.truth(
        np.random.default_rng(seed + 1_000_000), strength=strength, useless=useless
    )
    return synthetic.learners(n, true, world, seed), true


def worth_that_much(
    auc: float, seed: int, modality: Modality = "face", useless: Sequence[Modality] = ()
) -> StatesModel:
    """A truth whose own weights reach that AUC, measured on 200 other learners."""
    strength: dict[Modality, float] = {modality: 1.3, **dict.fromkeys(useless, 1.0)}
    moments, true = learners(200, seed, World(), strength, useless)
    on = refit.support(true, modality)
    data = refit.design(moments, modality, on.columns)
    draw = np.random.default_rng(seed)
    has = _auc(data, refit.log_ratios(data, on, on.nats), draw).value
    # Of a Gaussian score the AUC is the normal integral of its distance over root two.
    factor = float(ndtri(auc) / ndtri(has))
    scaled = (replace(w, nats=round(w.nats * factor, 4)) for w in on.weights)
    return StatesModel("truth", (*scaled, *(w for m in useless for w in true.of(m))))


# --- the study -----------------------------------------------------------------------------------


def study(seeds: int, out: Path) -> dict[str, object]:
    """All of it; ``recovery.json`` and ``recovery.png`` in ``out``."""
    from tqdm import trange

    curves: dict[str, dict[int, list[Recovered]]] = {}
    for name, world in (("plain", World()), ("5 % wrong", World(wrong=0.05))):
        curves[name] = {n: [] for n in SIZES}
        for seed in trange(max(3, seeds // 4), desc=f"weights, {name}"):
            everyone, true = learners(SIZES[-1], seed, world, {"face": 1.6}, ())
            for n in SIZES:
                some = [m for m in everyone if m.learner < f"learner-{n:04d}"]
                curves[name][n].append(recovered(some, true, "face"))
    noise: list[Worth] = []
    useful: list[Worth] = []
    for seed in trange(seeds, desc="useless and useful"):
        true = worth_that_much(USEFUL, seed + 1000, useless=("voice",))
        moments = synthetic.learners(60, true, World(), seed)
        noise.append(worth(moments, true, "voice", seed=seed))
        useful.append(worth(moments, true, "face", seed=seed))
    split: list[Worth] = []
    for seed in trange(seeds, desc="random split"):
        # Learners who differ more, and whose voices keep more of it, than elsewhere.
        world = World(stays=0.7, temper=1.5)
        moments, true = learners(12, seed + 500, world, {"voice": 1.0}, ("voice",))
        split.append(worth(moments, true, "voice", seed=seed, random_split=True))
    figures: dict[str, object] = {
        "weights": {
            name: {n: _mean([asdict(r) for r in rows]) for n, rows in by_n.items()}
            for name, by_n in curves.items()
        },
        "useless_off": float(np.mean([w.low < LEAST_AUC for w in noise])),
        "useful_on": float(np.mean([w.low >= LEAST_AUC for w in useful])),
        "useful_true_auc": float(np.mean([w.true for w in useful])),
        "useful_auc": float(np.mean([w.auc for w in useful])),
        "noise_auc_spread": float(np.std([w.auc for w in noise])),
        "noise_half_interval": float(np.mean([(w.auc - w.low) / 1.96 for w in noise])),
        "noise_by_learner": float(np.mean([w.auc for w in split])),
        "noise_by_random_split": float(np.mean([w.random_split or 0.0 for w in split])),
        "seeds": seeds,
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "recovery.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw(curves, noise, useful, split, out / "recovery.png")
    return figures


def _mean(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {k: round(float(np.mean([row[k] for row in rows])), 4) for k in rows[0]}


def draw(
    curves: dict[str, dict[int, list[Recovered]]],
    noise: Sequence[Worth],
    useful: Sequence[Worth],
    split: Sequence[Worth],
    path: Path,
) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    error, bound, gap = figure.subplots(1, 3)
    for name, by_n in curves.items():
        error.plot(SIZES, [np.mean([r.error for r in by_n[n]]) for n in SIZES], "o-", label=name)
    prior = np.mean([r.prior_error for r in next(iter(curves.values()))[SIZES[-1]]])
    error.axhline(prior, color="C3", linestyle="--", label="the prior, unfitted")
    error.set(xscale="log", ylim=(0, None), xlabel="learners")
    error.set_xticks(SIZES, [str(n) for n in SIZES])
    error.minorticks_off()
    error.set(ylabel="error, nats for one sd", title="The weights come back")
    for at, (name, found) in enumerate((("noise", noise), ("AUC .65", useful))):
        bound.plot([at] * len(found), [w.low for w in found], "o", alpha=0.5, label=name)
    bound.axhline(LEAST_AUC, color="C3", linestyle="--")
    bound.set(xticks=[0, 1], xticklabels=["noise", "AUC .65"], xlim=(-0.6, 1.6))
    bound.set(ylabel="lower bound of the AUC", title="60 learners: under the line is off")
    gap.plot([0.3, 0.7], [0.3, 0.7], color="0.7")
    gap.plot([w.auc for w in split], [w.random_split or 0.0 for w in split], "o", alpha=0.6)
    gap.set(xlabel="AUC, learners held out", ylabel="AUC, moments held out")
    gap.set(title="Noise, 12 learners", xlim=(0.3, 0.7), ylim=(0.3, 0.7))
    error.legend(fontsize="small")
    figure.savefig(path, dpi=110)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tutor_emotion.training.recovery")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    chosen = parser.parse_args(arguments)
    study(chosen.seeds, chosen.out)


if __name__ == "__main__":
    main()
