"""A calibration as a model folder: its config, a card that says how far to trust it, pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tutor_emotion.core.states import LEAST_AUC, states_to_config
from tutor_emotion.core.types import STATES
from tutor_emotion.nets.model_folder import folder_name, write_model
from tutor_emotion.training.calibrate import Calibration, Judged
from tutor_emotion.training.held_out import BINS, Interval, Reliability
from tutor_emotion.training.labelled import Moment, Source
from tutor_emotion.training.refit import STRENGTHS

RELIABILITY, WEIGHTS = "reliability.png", "weights.png"
_LEAST_SHARE = 0.003  # of all moments; a bin of fewer says nothing


@dataclass(frozen=True, slots=True)
class Facts:
    """How the run was made, for the config and the card."""

    labels: Path
    folds: int
    seed: int
    source: Source | None
    seconds: float


def next_version(out: Path) -> str:
    """One more than the largest whole number among ``states-*`` in that folder."""
    taken = [f.name.removeprefix("states-") for f in out.glob("states-*") if f.is_dir()]
    return str(1 + max((int(t) for t in taken if t.isdigit()), default=0))


def write(found: Calibration, moments: Sequence[Moment], facts: Facts, out: Path) -> Path:
    """``out/states-<version>/``; the folder.

    Raises:
        BadInput: ``bad_model_name``, ``model_exists``.
    """
    version = found.model.version
    folder_name(f"states/{version}")
    model = write_model(
        out,
        kind="states",
        version=version,
        config={
            "architecture": "map-multinomial-logistic",
            "labels": list(STATES),
            "trained": _trained(facts),
            "metrics": {j.modality: _metrics(j) for j in found.judged},
            "states": states_to_config(found.model)["states"],
        },
        tensors={},
        card=card(found, moments, facts),
    )
    draw_reliability(found.judged, model.folder / RELIABILITY)
    draw_weights(found, model.folder / WEIGHTS)
    return model.folder


def _trained(facts: Facts) -> dict[str, Any]:
    from tutor_emotion.training import calibrate, held_out, labelled, refit
    from tutor_emotion.training.provenance import provenance

    recipe = {"folds": facts.folds, "strengths": list(STRENGTHS), "source": facts.source or "all"}
    sources = (calibrate, held_out, labelled, refit)
    return provenance([facts.labels], sources, facts.seed, recipe) | {
        "seconds": round(facts.seconds, 1)
    }


def _metrics(j: Judged) -> dict[str, Any]:
    return {
        "learners": j.learners,
        "moments": j.moments,
        "auc_struggle": _three(j.auc),
        "auc_struggle_of_the_prior": _three(j.prior_auc),
        "auc_by_state": {state: _three(found) for state, found in j.per_state.items()},
        "ece_struggle_uncalibrated": round(j.before.ece, 4),
        "ece_struggle": round(j.after.ece, 4),
        "temperature": j.temperature,
        "strength_of_the_prior": j.strength,
        "on": j.on,
    }


def _three(found: Interval) -> list[float]:
    return [round(v, 4) for v in (found.value, found.low, found.high)]


# --- the card ------------------------------------------------------------------------------------


def card(found: Calibration, moments: Sequence[Moment], facts: Facts) -> str:
    """CARD.md; nothing in it is of one learner."""
    version = found.model.version
    lines = [
        f"# states/{version}: from measures to learning states",
        "",
        f"Refit of `states/{found.prior.version}` on a site's own labels. Every figure is of"
        f" learners who were held out ({facts.folds} folds that share no learner, seed"
        f" {facts.seed}); brackets hold 95 % of a bootstrap over learners, made wider for what the"
        " folds' fits share (docs/calibration.md).",
        "",
        "## Data",
        "",
        *_data(moments),
        "",
        "## Modalities",
        "",
        "| modality | learners | moments | AUC struggle | the prior's | temperature | ECE before →"
        " after | in use |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(j) for j in found.judged),
        "",
        *(_why(j) for j in found.judged),
        *(f"- **{m}** stays as the prior has it: {lack}." for m, lack in found.unjudged.items()),
        "",
        "ECE is of P(struggle), 15 bins, moments weighted so that each label is as frequent as the"
        " engine's prior has it.",
        "",
        "| modality | " + " | ".join(STATES) + " |",
        "|---|" + "---|" * len(STATES),
        *(_states(j) for j in found.judged),
        "",
        "AUC of a state against the rest; a dash where no label is that state alone.",
        "",
        f"![Reliability]({RELIABILITY})",
        "",
        f"![Weights against the prior]({WEIGHTS})",
        "",
        "## Limits",
        "",
        "- Labels are what learners or teachers *said*. Self-reports and observers measure"
        " different things, and who reports is not a sample of who learns.",
        "- It holds for these learners, lessons and devices; another site measures again.",
        "- The folds of a modality are of the same courses: a new course was not tested.",
        "- Nobody may use it for marks, discipline, attendance, hiring or the diagnosis of anyone;"
        " nor with camera or microphone where the law forbids that.",
        "",
    ]
    return "\n".join(lines)


def _data(moments: Sequence[Moment]) -> list[str]:
    labels = Counter("|".join(s for s in STATES if s in m.label) for m in moments)
    sources = Counter(m.source for m in moments)
    versions = sorted({v for m in moments for v in m.model.values()})
    return [
        f"- {len(moments)} labelled moments of {len({m.learner for m in moments})} learners in"
        f" {len({m.session for m in moments})} sessions",
        "- by label: " + ", ".join(f"{name} {n}" for name, n in labels.most_common()),
        "- by source: " + ", ".join(f"{name} {n}" for name, n in sources.most_common()),
        "- measured by: " + (", ".join(versions) if versions else "not recorded"),
    ]


def _row(j: Judged) -> str:
    cells = (
        j.modality,
        str(j.learners),
        str(j.moments),
        _words(j.auc),
        _words(j.prior_auc),
        f"{j.temperature:.2f}",
        f"{j.before.ece:.3f} → {j.after.ece:.3f}",
        "yes" if j.on else "**no**",
    )
    return "| " + " | ".join(cells) + " |"


def _why(j: Judged) -> str:
    if j.on:
        return (
            f"- **{j.modality}** is used: the lower bound {j.auc.low:.3f} is {LEAST_AUC} or more."
        )
    return (
        f"- **{j.modality}** is switched off: the lower bound of its AUC is {j.auc.low:.3f}, under"
        f" {LEAST_AUC}. These data do not show that it tells struggle from ease."
    )


def _states(j: Judged) -> str:
    cells = [_words(j.per_state[s]) if s in j.per_state else "–" for s in STATES]
    return f"| {j.modality} | " + " | ".join(cells) + " |"


def _words(found: Interval) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


# --- the pictures --------------------------------------------------------------------------------


def draw_reliability(judged: Sequence[Judged], path: Path) -> None:
    """What was said of P(struggle) against what was so, a panel a modality, dots by weight."""
    figure = Figure(figsize=(3.6 * len(judged), 3.8), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(judged), sharey=True))
    for axis, j in zip(axes, judged, strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        _dots(axis, j.before, "0.55", "o", f"before, ECE {j.before.ece:.3f}")
        _dots(axis, j.after, "C0", "s", f"after, ECE {j.after.ece:.3f}")
        axis.set(title=j.modality, xlabel="P(struggle) said", xlim=(0, 1), ylim=(0, 1))
        axis.legend(loc="upper left", fontsize="small")
    axes[0].set_ylabel("share that struggled")
    figure.savefig(path, dpi=110)


def _dots(axis: Any, found: Reliability, color: str, marker: str, label: str) -> None:
    some = found.share > _LEAST_SHARE
    size = 12 + 120 * np.sqrt(found.share[some] * BINS / 4)
    axis.scatter(
        found.said[some],
        found.so[some],
        s=size,
        c=color,
        marker=marker,
        alpha=0.75,
        label=label,
        linewidths=0,
    )


def draw_weights(found: Calibration, path: Path) -> None:
    """Each refitted weight with its interval, and where the prior had it."""
    rows = [
        (f"{w.modality}: {w.state} ← {w.measure} ({w.form})", w.nats, low, high, before.nats, j.on)
        for j in found.judged
        for w, low, high, before in zip(
            j.weights, j.low, j.high, found.prior.of(j.modality), strict=True
        )
    ]
    at = np.arange(len(rows))[::-1]
    figure = Figure(figsize=(8, 1.6 + 0.22 * len(rows)), layout="constrained")
    axis = figure.subplots()
    for y, (_, nats, low, high, _, on) in zip(at, rows, strict=True):
        color = "C0" if on else "0.6"
        axis.plot([low, high], [y, y], color=color, linewidth=2, alpha=0.6)
        axis.plot(nats, y, "o", color=color, markersize=4)
    axis.plot([r[4] for r in rows], at, "|", color="C3", markersize=10, label="prior")
    axis.plot([], [], "o-", color="C0", label="refitted, 95 % of the bootstrap")
    axis.plot([], [], "o-", color="0.6", label="of a modality that is switched off")
    axis.axvline(0, color="0.8", linewidth=1, zorder=0)
    axis.set_yticks(at, [r[0] for r in rows], fontsize="x-small")
    axis.set_xlabel("nats per unit")
    figure.legend(fontsize="small", loc="outside upper center", ncols=3)
    figure.savefig(path, dpi=110)
