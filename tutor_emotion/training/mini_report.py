"""What came of the seeds: tables and pictures of omni-mini's three stages, side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tutor_emotion.errors import BadInput
from tutor_emotion.training.mini import FIGURES, STAGES
from tutor_emotion.training.omni_run import LOG

# seed → stage → what ``mini`` wrote of it
Seeds = Mapping[int, Mapping[str, Mapping[str, Any]]]
NAMES = {"cold": "cold start", "sft": "more SFT", "grpo": "GRPO"}
SHARES = ("war", "uar", "form", "grounded", "untold")
SHOWN = (*SHARES, "claims")
HEADS = {
    "war": "accuracy",
    "uar": "unweighted recall",
    "form": "in form",
    "grounded": "claims borne out",
    "untold": "claims nobody measured",
    "claims": "claims an answer",
}
COLOURS = {"cold": "0.75", "sft": "#c98b2b", "grpo": "#2b6cb0"}
CURVES = ("reward", "accuracy", "form", "grounding", "length", "kl", "entropy", "varied")


def read_seeds(out: Path) -> Seeds:
    """The seeds of a run that went through all stages.

    Raises:
        BadInput: ``run_missing``, where there is none.
    """
    found: dict[int, dict[str, Any]] = {}
    for folder in sorted(out.glob("seed-*"), key=lambda path: int(path.name[5:])):
        files = {stage: folder / stage / FIGURES for stage in STAGES}
        if all(file.is_file() for file in files.values()):
            found[int(folder.name[5:])] = {
                stage: json.loads(file.read_text(encoding="utf-8")) for stage, file in files.items()
            }
    if not found:
        raise BadInput("run_missing", f"{out} holds no finished run.", hint="Train first.")
    return found


def summary(seeds: Seeds) -> dict[str, Any]:
    """Condition → stage → figure → mean, standard deviation (0 for one seed), each seed's."""
    first = next(iter(seeds.values()))
    return {
        condition: {
            stage: {
                name: _told([one[stage]["conditions"][condition][name] for one in seeds.values()])
                for name in figures
            }
            for stage in STAGES
        }
        for condition, figures in first["cold"]["conditions"].items()
    }


def tables(seeds: Seeds) -> str:
    """Markdown: one row a condition and stage, and how far GRPO is above more SFT."""
    found = summary(seeds)
    head = "| clips | model | " + " | ".join(HEADS[name] for name in SHOWN) + " |"
    rows = [head, "|---|---|" + "---|" * len(SHOWN)]
    for condition, stages in found.items():
        for stage, figures in stages.items():
            cells = " | ".join(_cell(name, figures[name]) for name in SHOWN)
            rows.append(f"| {condition} | {NAMES[stage]} | {cells} |")
    return "\n".join(rows)


def differences(seeds: Seeds) -> str:
    """Markdown: GRPO less more SFT, accuracy and recall in points, each seed's and their mean."""
    rows = ["| clips | accuracy, by seed | mean | unweighted recall, by seed | mean |"]
    rows.append("|---|---|---|---|---|")
    for condition, stages in summary(seeds).items():
        cells = []
        for name in ("war", "uar"):
            pairs = zip(stages["grpo"][name]["each"], stages["sft"][name]["each"], strict=True)
            gains = [100 * (rl - sft) for rl, sft in pairs]
            cells += [", ".join(f"{gain:+.1f}" for gain in gains), f"{np.mean(gains):+.1f}"]
        rows.append(f"| {condition} | {' | '.join(cells)} |")
    return "\n".join(rows)


def draw_stages(seeds: Seeds, path: Path) -> None:
    """Accuracy by condition and stage: a bar for the mean, a dot for each seed."""
    found = summary(seeds)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    for place, stage in enumerate(STAGES):
        at = np.arange(len(found)) + (place - 1) * 0.27
        told = [one[stage]["war"] for one in found.values()]
        means = [100 * one["mean"] for one in told]
        axes.bar(at, means, 0.25, color=COLOURS[stage], label=NAMES[stage])
        for x, one in zip(at, told, strict=True):
            axes.plot([x] * len(one["each"]), 100 * np.array(one["each"]), "k.", markersize=4)
    axes.set_xticks(range(len(found)), list(found), rotation=15)
    axes.set(ylabel="accuracy, %", ylim=(0, 100), title="omni-mini on held-out clips")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(ncols=len(STAGES), frameon=False)
    figure.savefig(path, dpi=110)


def draw_curves(out: Path, seeds: Seeds, path: Path) -> None:
    """How reinforcement went: each seed a line."""
    figure = Figure(figsize=(9, 7), layout="constrained")
    panels = figure.subplots(-(-len(CURVES) // 2), 2, sharex=True)
    for seed in seeds:
        lines = _log(out / f"seed-{seed}" / "grpo" / LOG)
        for panel, name in zip(panels.flat, CURVES, strict=True):
            panel.plot([line["step"] for line in lines], [line[name] for line in lines], lw=1)
            panel.set_title(name, fontsize="medium")
            panel.grid(alpha=0.3)
    for panel in panels[-1]:
        panel.set_xlabel("step")
    figure.suptitle("GRPO, a line a seed")
    figure.savefig(path, dpi=110)


def _log(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _told(values: Sequence[float | None]) -> dict[str, Any]:
    """Of the seeds that have a value: one that claims nothing has no share of true claims."""
    there = [value for value in values if value is not None]
    sd = float(np.std(there, ddof=1)) if len(there) > 1 else 0.0
    return {"mean": float(np.mean(there)) if there else None, "sd": sd, "each": list(values)}


def shown(name: str, value: float | None, sd: float | None = None) -> str:
    """A figure as the tables have it: shares in %, claims as they are; a dash for none."""
    if value is None:
        return "–"
    times, digits = (100, 1) if name in SHARES else (1, 2)
    spread = "" if sd is None else f" ± {times * sd:.{digits}f}"
    return f"{times * value:.{digits}f}{spread}"


def _cell(name: str, told: Mapping[str, Any]) -> str:
    several = sum(value is not None for value in told["each"]) > 1
    return shown(name, told["mean"], told["sd"] if several else None)
