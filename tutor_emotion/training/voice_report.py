"""Pictures and the model card of a voice net, with that net's own figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tutor_emotion.evaluation import metrics
from tutor_emotion.nets.voice.emotion import EMOTIONS

CARD = Path(__file__).with_name("cards") / "voice.md"
CONDITIONS = {
    "clean": "as recorded",
    "telephone": "telephone band (300 to 3400 Hz)",
    "noise_10_db": "noise, 10 dB under the voice",
    "telephone_noise_reverb": "telephone, that noise, and a room of 0.3 s",
}


def draw_report(
    out: Path,
    losses: Mapping[str, Sequence[float]],
    logits: NDArray[np.float64],
    labels: NDArray[np.intp],
    figures: Mapping[str, Any],
) -> None:
    """``curves.png``, ``confusion.png`` and ``history.json`` in ``out``."""
    history = {"losses": losses, "metrics": figures}
    (out / "history.json").write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")
    _draw_curves(out / "curves.png", losses)
    _draw_confusion(out / "confusion.png", logits, labels, figures["uar"])


def _draw_curves(path: Path, losses: Mapping[str, Sequence[float]]) -> None:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, line in losses.items():
        axes.plot(np.arange(1, len(line) + 1), line, label=name, lw=0.8)
    axes.set(xlabel="epoch", ylabel="training loss", title="Voice net, each fold")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=5, ncols=3)
    figure.savefig(path, dpi=110)


def _draw_confusion(
    path: Path, logits: NDArray[np.float64], labels: NDArray[np.intp], uar: float
) -> None:
    counts = metrics.confusion(metrics.softmax(logits), labels)
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), n in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(n), ha="center", va="center", color=colour)
    ticks = range(len(EMOTIONS))
    axes.set_xticks(ticks, EMOTIONS, rotation=45, ha="right")
    axes.set_yticks(ticks, EMOTIONS)
    axes.set(xlabel="answered", ylabel="acted", title=f"Speaker left out, UAR {uar:.3f}")
    figure.savefig(path, dpi=110)


def written_card(config: Mapping[str, Any], version: str) -> str:
    """The model card, filled with the figures in ``config``."""
    figures, made_by = config["metrics"], config["trained"]
    seeds, heard, svm = figures["seeds"], figures["by_heard"], figures["svm"]
    return Template(CARD.read_text(encoding="utf-8")).substitute(
        version=version,
        parameters=f"{figures['parameters']:,}",
        members=config["shape"]["members"],
        numbers=config["input"]["numbers"],
        n=figures["n"],
        uar=_percent(figures["uar"]),
        mean=_percent(seeds["mean"]),
        sd="not known" if seeds["sd"] is None else f"{seeds['sd'] * 100:.1f} points",
        seeds=len(seeds["uar"]),
        accuracy=_percent(figures["accuracy"]),
        auc=f"{figures['auc']:.3f}",
        ece=f"{figures['ece']:.3f}",
        ece_uncalibrated=f"{figures['ece_uncalibrated']:.3f}",
        temperature=f"{config['temperature']:.3f}",
        svm=_rows(svm, lambda name, uar: f"| {name.replace('_', ' ')} | {_percent(uar)} |"),
        per_class=_rows(
            figures["per_class"],
            lambda name, one: (
                f"| {name} | {one['n']} | {_percent(one['precision'])} "
                f"| {_percent(one['recall'])} |"
            ),
        ),
        conditions=_rows(
            figures["conditions"],
            lambda name, one: (
                f"| {CONDITIONS[name]} | {_percent(one['uar'])} | "
                f"{(one['uar'] - figures['uar']) * 100:+.1f} |"
            ),
        ),
        heard=_rows(heard, lambda name, one: f"| {name} | {one['n']} | {_percent(one['uar'])} |"),
        speakers=", ".join(f"{s} {_percent(u)}" for s, u in figures["by_speaker"].items()),
        sexes=_sexes(figures["across_sex"]),
        speed=", ".join(f"{ms} ms for {name}" for name, ms in figures["ms"].items()),
        seed=made_by["seed"],
        code=made_by["code"],
        threads=made_by["threads"],
        torch=made_by["torch"],
        minutes=max(1, round(made_by["seconds"] / 60)),
        data="\n".join(f"- `{name}`: {digest}" for name, digest in made_by["data"].items()),
    )


def _rows(table: Mapping[str, Any], row: Any) -> str:
    return "\n".join(row(name, value) for name, value in table.items())


def _sexes(found: Mapping[str, Mapping[str, float]] | None) -> str:
    if found is None:
        return "The corpus does not say who is a man and who a woman."
    told = (
        f"{name.replace('_', ' ')}: {_percent(one['clean'])}, over a bad line "
        f"{_percent(one['telephone_noise_reverb'])}"
        for name, one in found.items()
    )
    return "Fitted to one sex and asked of the other, " + "; ".join(told) + "."


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share * 100:.1f} %"
