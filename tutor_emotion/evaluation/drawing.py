"""The four pictures of an evaluation, fit to be printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.scoring import Scored

BLUE, GREY, RED = "#1f5fa8", "0.55", "#b3402e"


def confusion_picture(scored: Scored, figures: Mapping[str, Any]) -> Figure:
    """Rows are the truth; colour is the share of the row, the small number its count."""
    counts = np.array(figures["confusion"]["counts"])
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    k = len(scored.classes)
    figure = Figure(figsize=(1.9 + 0.72 * k, 1.7 + 0.62 * k), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row in range(k):
        for column in range(k):
            share = shares[row, column]
            colour = "white" if share > 0.55 else "0.15" if share else "0.6"
            text = f"{share:.2f}\n({counts[row, column]})" if share else "0"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    labels = [f"{name} ({n})" for name, n in zip(scored.classes, counts.sum(1), strict=True)]
    axes.set_xticks(range(k), scored.classes, rotation=35, ha="right")
    axes.set_yticks(range(k), labels)
    axes.set(xlabel="predicted", ylabel="true (how many)", title=_title(figures))
    figure.colorbar(image, ax=axes, label="share of the true class", fraction=0.046, pad=0.02)
    return figure


def reliability_picture(scored: Scored, figures: Mapping[str, Any]) -> Figure:
    """Before and after the temperature; under each how many inputs a bin holds."""
    figure = Figure(figsize=(8.4, 4.8), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, height_ratios=(4, 1))
    for column, (name, p, ece) in enumerate(
        (
            ("before (temperature 1)", scored.uncalibrated, figures["ece_uncalibrated"]),
            (
                f"after (temperature {figures['temperature']:.2f})",
                scored.calibrated,
                figures["ece"],
            ),
        )
    ):
        _reliability(grid[0, column], grid[1, column], metrics.reliability(p, scored.truth))
        grid[0, column].set_title(f"{name}: ECE {ece:.3f}", fontsize=10)
    grid[0, 0].set_ylabel("share that was right")
    grid[1, 0].set_ylabel("inputs")
    figure.suptitle(f"Reliability, {metrics.BINS} bins — {_title(figures)}", fontsize=11)
    return figure


def _reliability(axes: Axes, below: Axes, found: metrics.Reliability) -> None:
    edges = np.linspace(0, 1, metrics.BINS + 1)
    middle, width = (edges[1:] + edges[:-1]) / 2, 1 / metrics.BINS
    full = found.n > 0
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="as sure as right")
    axes.bar(
        middle[full], found.accuracy[full], width * 0.92, color=BLUE, alpha=0.85, label="measured"
    )
    for x, sure, right in zip(
        middle[full], found.confidence[full], found.accuracy[full], strict=True
    ):
        axes.plot([x, x], [right, sure], color=RED, linewidth=2.2, solid_capstyle="butt")
    axes.plot([], [], color=RED, linewidth=2.2, label="gap to what was said")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=8, loc="upper left", frameon=False)
    axes.grid(alpha=0.25)
    below.bar(middle, found.n, width * 0.92, color=GREY)
    below.set_xlabel("top probability")
    below.grid(alpha=0.25, axis="y")


def recall_picture(scored: Scored, figures: Mapping[str, Any]) -> Figure:
    """The recall of each class with its 95 % interval; the dashed line is their mean."""
    per_class = figures["per_class"]
    held = [at for at, name in enumerate(scored.classes) if per_class[name]["n"]]
    names = [scored.classes[at] for at in held]
    recall = np.array([per_class[name]["recall"] for name in names], dtype=float)
    low = np.minimum(np.nan_to_num(scored.recall_low[held], nan=0.0), recall)
    high = np.maximum(np.nan_to_num(scored.recall_high[held], nan=1.0), recall)
    figure = Figure(figsize=(7, 1.4 + 0.42 * len(names)), layout="constrained")
    axes = figure.subplots()
    at = np.arange(len(names))[::-1]
    axes.barh(at, recall, color=BLUE, alpha=0.85, height=0.62)
    axes.errorbar(
        recall, at, xerr=[recall - low, high - recall], fmt="none", ecolor="0.15", capsize=3
    )
    axes.axvline(
        figures["uar"],
        color=RED,
        linestyle="--",
        linewidth=1.2,
        label=f"mean (UAR) {figures['uar']:.3f}",
    )
    axes.axvline(
        1 / len(names),
        color=GREY,
        linestyle=":",
        linewidth=1.2,
        label=f"chance {1 / len(names):.3f}",
    )
    axes.set_yticks(at, [f"{name} ({per_class[name]['n']})" for name in names])
    axes.set(xlim=(0, 1), xlabel=f"recall, 95 % interval over {figures['interval_over']}")
    axes.set_title(_title(figures), fontsize=10)
    axes.grid(alpha=0.25, axis="x")
    figure.legend(fontsize=8, loc="outside lower right", ncols=2, frameon=False)
    return figure


def risk_picture(scored: Scored, figures: Mapping[str, Any]) -> Figure:
    """What share is wrong, if only the surest are answered; the cross is the threshold in use."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    curve, abstention = scored.curve, figures["abstention"]
    axes.plot(curve.coverage, curve.risk, color=BLUE, label=f"model (area {curve.area:.3f})")
    total = float(curve.risk[-1])
    axes.axhline(total, color=GREY, linestyle="--", linewidth=1, label="silent at random")
    axes.plot(
        curve.coverage,
        np.maximum(0.0, 1 - (1 - total) / curve.coverage),
        color=GREY,
        linestyle=":",
        linewidth=1.2,
        label="silent where wrong (best possible)",
    )
    if abstention["accuracy_answered"] is not None:
        axes.plot(
            1 - abstention["share"],
            1 - abstention["accuracy_answered"],
            "x",
            color=RED,
            markersize=9,
            markeredgewidth=2,
            label=f"silent under {abstention['below']:g}",
            clip_on=False,
        )
    top = max(0.05, float(curve.risk[len(curve.risk) // 20 :].max()), total)
    axes.set(xlim=(0, 1), ylim=(0, min(1.0, 1.15 * top)))
    axes.set(xlabel="coverage: share that is answered", ylabel="risk: share of these that is wrong")
    axes.set_title(_title(figures), fontsize=10)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, frameon=False)
    return figure


def _title(figures: Mapping[str, Any]) -> str:
    return f"{figures['model']['name']}, n = {figures['n']}, accuracy {figures['accuracy']:.3f}"
