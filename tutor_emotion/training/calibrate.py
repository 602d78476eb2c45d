"""Refit the states model on labels of one's own, and switch off what does not help.

    python -m tutor_emotion.training.calibrate LABELS.jsonl --out DIR

For each modality: weights that shrink to the prior (`refit`), judged by folds that share no learner
(`held_out`), a temperature from those folds, and off where the AUC's lower bound is under .55
(§9.2). A modality that too few learners used stays as the prior has it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.states import LEAST_AUC, PRIOR, Rule, StatesModel, Weight, read_states
from tutor_emotion.core.types import STATES, Modality, State
from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.training import held_out, labelled, refit
from tutor_emotion.training.held_out import Interval, Reliability
from tutor_emotion.training.labelled import SOURCES, Moment, Source
from tutor_emotion.training.refit import Design, Floats, Support

# A self-report is the label itself.
REFITTED: tuple[Modality, ...] = ("face", "voice", "text", "interaction")
# [D] under these the bootstrap's interval is a guess; each side is struggle, and not.
LEARNERS, MOMENTS, LEARNERS_A_SIDE, MOMENTS_A_SIDE = 12, 100, 8, 20
WEIGHT_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """What a modality came to; every figure is of learners who were held out.

    ``per_state``: AUC of each state against the rest, where both were labelled. ``before`` and
    ``after``: reliability of P(struggle) without and with the temperature. ``low``, ``high``: 95 %
    of the weights' bootstrap, before the temperature.
    """

    modality: Modality
    learners: int
    moments: int
    strength: float
    auc: Interval
    prior_auc: Interval
    per_state: dict[State, Interval]
    temperature: float
    before: Reliability
    after: Reliability
    weights: tuple[Weight, ...]
    low: Floats
    high: Floats

    @property
    def on(self) -> bool:
        return self.auc.low >= LEAST_AUC


@dataclass(frozen=True, slots=True)
class Calibration:
    """The refitted model and why it is so. ``unjudged``: what is missing, by modality."""

    model: StatesModel
    prior: StatesModel
    judged: tuple[Judged, ...]
    unjudged: dict[Modality, str]


def calibrate(
    moments: Sequence[Moment],
    version: str,
    *,
    prior: StatesModel = PRIOR,
    folds: int = 5,
    seed: int = 0,
    weight_draws: int | None = None,
    progress: Callable[[Sequence[Modality]], Iterator[Modality]] = iter,
) -> Calibration:
    """The same moments and seed give the same model, whatever the order of the moments.

    Raises:
        BadInput: ``too_few_labels``, where no modality has enough; says how many are needed.
    """
    ordered = sorted(moments, key=lambda m: (m.learner, m.session, m.at_s, m.source))
    designs = {m: _design(ordered, m, prior) for m in REFITTED if prior.of(m)}
    lacks = {m: lacking(data) for m, (_, data) in designs.items()}
    unjudged = {m: lack for m, lack in lacks.items() if lack}
    chosen = [m for m in designs if m not in unjudged]
    if not chosen:
        best = max(designs, key=lambda m: len(designs[m][1].kind))
        raise BadInput(
            "too_few_labels",
            f"No modality has enough labelled moments; {best} comes nearest: {lacks[best]}.",
            hint="Collect more, from more learners (docs/calibration.md); the prior stays.",
        )
    draws = WEIGHT_DRAWS if weight_draws is None else weight_draws
    judged = tuple(judge(*designs[m], m, folds, seed, draws) for m in progress(chosen))
    return Calibration(_model(version, prior, judged), prior, judged, unjudged)


def lacking(data: Design) -> str:
    """What is missing for a judgement, with how much there is; empty where nothing is."""
    struggles = data.struggles
    needs = [
        ("learners", LEARNERS, len(np.unique(data.group))),
        ("moments", MOMENTS, len(data.kind)),
    ]
    for side, rows in (("of struggle", struggles), ("without struggle", ~struggles)):
        needs.append((f"moments {side}", MOMENTS_A_SIDE, int(rows.sum())))
        needs.append((f"learners {side}", LEARNERS_A_SIDE, len(np.unique(data.group[rows]))))
    return ", ".join(f"{have} of {least} {what}" for what, least, have in needs if have < least)


def judge(
    on: Support, data: Design, modality: Modality, folds: int, seed: int, weight_draws: int
) -> Judged:
    """One modality: held-out figures first, then the weights from everybody."""
    prior = np.array(FusionConfig().prior)
    draw = np.random.default_rng([seed, REFITTED.index(modality)])
    unseen = held_out.ratios(data, on, prior, data.group, folds, draw)
    temperature = round(held_out.temperature(data, unseen, prior), 3)
    weight = held_out.to_prior(data, prior)
    strength = refit.strongest(data, on, prior, held_out.folds(data.group, folds, draw))
    whole = refit.fit(data, on, prior, strength)
    low, high = held_out.weight_intervals(data, on, prior, strength, whole, weight_draws, draw)
    cold, warm = (refit.served(unseen, prior, t) for t in (1.0, temperature))
    as_it_was = refit.served(refit.log_ratios(data, on, on.nats), prior)
    wider = held_out.of_folds(folds)
    aucs = {s: _auc(cold, data, (s,), draw, wider) for s in STATES}
    auc = _auc(cold, data, ("confused", "frustrated"), draw, wider)
    prior_auc = _auc(as_it_was, data, ("confused", "frustrated"), draw)
    assert auc is not None  # both sides are there: `lacking`
    assert prior_auc is not None
    return Judged(
        modality,
        len(np.unique(data.group)),
        len(data.kind),
        strength,
        auc,
        prior_auc,
        {s: found for s, found in aucs.items() if found is not None},
        temperature,
        held_out.reliability(_struggle(cold), data.struggles, weight),
        held_out.reliability(_struggle(warm), data.struggles, weight),
        refit.replaced(on, whole.nats),
        low,
        high,
    )


def _design(
    moments: Sequence[Moment], modality: Modality, prior: StatesModel
) -> tuple[Support, Design]:
    on = refit.support(prior, modality)
    return on, refit.design(moments, modality, on.columns)


def _auc(
    p: Floats,
    data: Design,
    states: Sequence[State],
    draw: np.random.Generator,
    wider: float = 1.0,
) -> Interval | None:
    """Of those states against the rest; moments whose label leaves that open are left out."""
    positive = refit.named(data, states)
    negative = refit.named(data, [s for s in STATES if s not in states])
    told = positive | negative
    odds = p[:, [STATES.index(s) for s in states]].sum(1)
    return held_out.auc(odds[told], positive[told], data.group[told], draw, wider)


def _struggle(p: Floats) -> Floats:
    out: Floats = p[:, STATES.index("confused")] + p[:, STATES.index("frustrated")]
    return out


def _model(version: str, prior: StatesModel, judged: Sequence[Judged]) -> StatesModel:
    """The prior with what was judged in its place; an impossible one is an error here."""
    found = {j.modality: j for j in judged}
    weights = [w for w in prior.weights if w.modality not in found]
    for j in judged:
        weights += j.weights
    rules = dict(prior.rules)
    for j in judged:
        rules[j.modality] = Rule(j.on, j.temperature, _floor(j.auc.low))
    return StatesModel(version, tuple(weights), rules)


def _floor(value: float) -> float:
    """Four digits, never rounded up over a threshold."""
    return float(np.floor(value * 1e4) / 1e4)


# --- the command ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        folder = run(
            chosen.labels,
            chosen.out,
            prior=chosen.prior,
            version=chosen.version,
            folds=chosen.folds,
            seed=chosen.seed,
            source=chosen.source,
        )
    except TutorEmotionError as error:
        raise SystemExit(str(error)) from None
    import sys

    sys.stdout.write(f"{folder}\n")
    return 0


def run(
    labels: Path,
    out: Path,
    *,
    prior: Path | None = None,
    version: str | None = None,
    folds: int = 5,
    seed: int = 0,
    source: Source | None = None,
) -> Path:
    """Labels in, the folder of a states model out (with its card and pictures).

    Raises:
        BadInput: ``bad_labels``, ``bad_states_model``, ``too_few_labels``, ``bad_model_name``.
    """
    from tqdm import tqdm

    from tutor_emotion.training import calibration_report

    started_s = time.monotonic()
    moments = [m for m in labelled.read(labels) if source in (None, m.source)]
    base = read_states(prior.read_text(encoding="utf-8")) if prior else PRIOR
    number = version or calibration_report.next_version(out)

    def bar(modalities: Sequence[Modality]) -> Iterator[Modality]:
        shown = tqdm(modalities, unit="modality", disable=None)
        for modality in shown:
            shown.set_description(modality)
            yield modality

    found = calibrate(moments, number, prior=base, folds=folds, seed=seed, progress=bar)
    facts = calibration_report.Facts(labels, folds, seed, source, time.monotonic() - started_s)
    return calibration_report.write(found, moments, facts, out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tutor_emotion.training.calibrate",
        description="Refit the states model on labelled moments; folds share no learner.",
    )
    parser.add_argument("labels", type=Path, metavar="LABELS.jsonl")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--prior", type=Path, metavar="states.toml")
    parser.add_argument("--version", help="of the model; the next free number if not given")
    parser.add_argument("--folds", type=_folds, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--source", choices=SOURCES, help="labels of this source only")
    return parser


def _folds(text: str) -> int:
    if not text.isdigit() or not 2 <= int(text) <= LEARNERS:
        raise argparse.ArgumentTypeError(f"from 2 to {LEARNERS}")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
