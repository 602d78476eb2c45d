"""An evaluation as pictures and a page of words, fit to be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.run import Evaluation
from tutor_emotion.evaluation.scoring import Scored
from tutor_emotion.evaluation.summary import number

DPI = 150
BLUE, GREY, RED = "#1f5fa8", "0.55", "#b3402e"


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """``confusion.png``, ``reliability.png``, ``recall.png``, ``risk_coverage.png``, ``report.md``.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scored, figures = evaluation.scored, evaluation.figures
    drawn = {
        "confusion": confusion_picture(scored, figures),
        "reliability": reliability_picture(scored, figures),
        "recall": recall_picture(scored, figures),
        "risk_coverage": risk_picture(scored, figures),
    }
    for name, figure in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=DPI)
    (folder / "report.md").write_text(words(evaluation), encoding="utf-8")


# --- pictures ------------------------------------------------------------------------------------


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
    names = list(scored.classes)
    recall = np.array([per_class[name]["recall"] for name in names], dtype=float)
    low = np.minimum(np.nan_to_num(scored.recall_low, nan=0.0), recall)
    high = np.maximum(np.nan_to_num(scored.recall_high, nan=1.0), recall)
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


# --- words ---------------------------------------------------------------------------------------


def words(evaluation: Evaluation) -> str:
    """The page that goes with the pictures."""
    figures = evaluation.figures
    model = figures["model"]
    lines = [
        f"# {evaluation.kind}: {model['name']}",
        "",
        f"sha256 `{model['sha256']}`, {figures['n']} inputs, temperature "
        f"{number(figures['temperature'])}. What each figure means, and what it does not: "
        "`docs/evaluation.md` of the project.",
        "",
        *_overall(figures),
        *_caveats(figures),
        "## Classes",
        "",
        *_table(
            ("class", "n", "precision", "recall", "95 % interval", "F1", "AUC"),
            [
                (
                    name,
                    one["n"],
                    one["precision"],
                    one["recall"],
                    _interval(one["recall_interval"]),
                    one["f1"],
                    one["auc"],
                )
                for name, one in figures["per_class"].items()
            ],
        ),
        "![Recall of each class](recall.png)",
        "",
        "![Confusion](confusion.png)",
        "",
        "## How sure, and how right",
        "",
        "![Reliability](reliability.png)",
        "",
        "![Risk against coverage](risk_coverage.png)",
        "",
        *_groups(figures),
        *_skipped(figures),
    ]
    return "\n".join(lines)


def _overall(figures: Mapping[str, Any]) -> list[str]:
    names = ("accuracy", "uar", "macro_f1", "auc", "ece", "ece_uncalibrated", "nll")
    rows: list[tuple[Any, ...]] = [
        (name, figures[name], _interval(figures.get(f"{name}_interval"))) for name in names
    ]
    if figures.get("accuracy_strict") is not None:
        rows.append((f"accuracy_strict (n {figures['n_strict']})", figures["accuracy_strict"], ""))
    abstention = figures["abstention"]
    rows += [
        (f"abstention under {abstention['below']:g}", abstention["share"], ""),
        ("accuracy where it answers", abstention["accuracy_answered"], ""),
        ("area under risk and coverage", figures["risk_coverage"]["area"], ""),
    ]
    return _table(("figure", "value", f"95 % interval over {figures['interval_over']}"), rows)


def _caveats(figures: Mapping[str, Any]) -> list[str]:
    lines = []
    if figures["restricted"]:
        lines.append(
            f"The data holds only {', '.join(figures['classes'])}: the model chose among these. "
            "Among all of its classes its accuracy is "
            f"{number(figures['accuracy_unrestricted'])}."
        )
    lines += [f"Left out: {n} of {label}." for label, n in figures["left_out"].items()]
    lines += [f"{note[:1].upper()}{note[1:]}." for note in figures["notes"]]
    return [*(f"- {line}" for line in lines), *([""] if lines else [])]


def _groups(figures: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, title in (("group", "Groups"), ("subject", "Subjects")):
        slices = figures[f"by_{key}"]
        if not slices:
            continue
        columns = ("n", "accuracy", "uar", "coverage", "positive_rate", "false_positive_rate")
        rows = [(name, *(one[c] for c in columns)) for name, one in slices.items()]
        lines += [f"## {title}", "", *_table((key, *columns), rows)]
        gaps = figures["gaps"][key]
        if gaps:
            flagged = ", ".join(f"{name} {number(gaps[name])}" for name in gaps["flagged"])
            lines += [f"Gaps over .10: {flagged or 'none'} (smallest n {gaps['smallest_n']}).", ""]
    return lines


def _skipped(figures: Mapping[str, Any]) -> list[str]:
    if not figures["skipped"]:
        return []
    rows = [
        (one["file"], one["row"] or "", one["code"], one["reason"]) for one in figures["skipped"]
    ]
    return ["## Left out as bad", "", *_table(("file", "row", "code", "reason"), rows)]


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    shown = [[_cell(value) for value in row] for row in rows]
    return [_row(head), _row(tuple("---" for _ in head)), *map(_row, shown), ""]


def _row(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: Any) -> str:
    if value is None or isinstance(value, (int, float)):
        return number(value)
    return str(value).replace("|", "\\|").replace("\n", " ")


def _interval(pair: list[float] | None) -> str:
    return f"{number(pair[0])} to {number(pair[1])}" if pair else ""
