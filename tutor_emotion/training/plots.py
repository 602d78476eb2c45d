"""Pictures of how a training went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure


def draw_curves(history: Sequence[dict[str, float]], path: Path, title: str) -> None:
    """Loss on the left axis, every figure between 0 and 1 on the right one, by epoch."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    epochs = [line["epoch"] for line in history]
    lines = left.plot(epochs, [line["loss"] for line in history], color="0.45", label="loss")
    shares = [k for k in history[-1] if k not in ("epoch", "loss", "seconds")]
    for name, dash in zip(shares, ("-", "--", ":", "-."), strict=False):
        lines += right.plot(epochs, [line[name] for line in history], dash, label=name)
    left.set(xlabel="epoch", ylabel="training loss", title=title)
    right.set(ylabel="held out", ylim=(0, 1))
    left.grid(alpha=0.3)
    figure.legend(handles=lines, loc="outside lower center", ncols=len(lines), frameon=False)
    figure.savefig(path, dpi=110)


def draw_panels(
    history: Sequence[dict[str, float]], names: Sequence[str], path: Path, title: str
) -> None:
    """One small picture a figure, by step."""
    rows = -(-len(names) // 2)
    figure = Figure(figsize=(9, 2.1 * rows), layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(rows, 2, sharex=True, squeeze=False)
    steps = [line["step"] for line in history]
    for panel, name in zip(panels.flat, names, strict=False):
        panel.plot(steps, [line[name] for line in history], color="0.25", linewidth=1)
        panel.set_title(name.replace("_", " "), fontsize="medium")
        panel.grid(alpha=0.3)
    for panel in panels.flat[len(names) :]:
        panel.remove()
    for panel in panels[-1]:
        panel.set_xlabel("step")
    figure.savefig(path, dpi=110)
