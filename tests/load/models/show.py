"""The result as tables on the screen and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

WORDS = {True: "[green]met[/]", False: "[red]not met[/]", None: "[yellow]not measured[/]"}

SEVEN = "seven common classes, {n_common} pictures"
TABLES = (
    ("accuracy", "accuracy", f"Right, %: {SEVEN}"),
    ("accuracy", "uar", f"Unweighted average recall, %: {SEVEN}"),
    ("accuracy", "ece", f"Expected calibration error, %: {SEVEN}, as the nets answer"),
    ("accuracy", "accuracy_majority", "Right, %: by majority, {n_majority} pictures"),
    ("eight", "accuracy", "Right, %: all eight classes, {n} pictures"),
    ("eight", "uar", "Unweighted average recall, %: all eight classes"),
)


def print_result(result: Mapping[str, Any], console: Console) -> None:
    """Every figure that a person would ask for; the JSON has the rest."""
    for peer, why in result["missing"].items():
        console.print(f"[yellow]{peer} is left out: {why}")
    for name, facts in result["nets"].items():
        if facts["ways"]:
            ways = len(facts["ways"])
            console.print(f"{name}: prepared by “{facts['way']}”, the best for it of {ways}")
    for key, value, title in TABLES:
        if result[key]:
            console.print(_conditions(result[key], value, title.format(**result["data"])))
    console.print(_times(result["time_ms"], "ms a picture (of processor time), by batch"))
    if "ms" in result["face_path"]:
        console.print(
            _times(
                result["face_path"]["ms"],
                "ms a face, whole path (of processor time), by batch",
            )
        )
    machine = result["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load_average'][0]} "
        f"when the times were taken"
    )
    for name, found in result["agreement"].items():
        console.print(f"{name}: {_agreement(found)}")
    for goal in result["goals"]:
        console.print(f"{WORDS[goal['met']]}: {goal['goal']} ({goal['measured']})")


def _conditions(scores: Mapping[str, Any], value: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", min_width=min(len(title) + 4, 96))
    table.add_column("")
    names = list(scores)
    for name in names:
        table.add_column(name, justify="right")
    for condition in scores[names[0]]:
        row = [scores[name][condition][value] for name in names]
        table.add_row(
            condition.replace("_", " "), *("–" if v is None else f"{100 * v:.1f}" for v in row)
        )
    return table


def _times(times: Mapping[str, Mapping[str, Mapping[str, float]]], title: str) -> Table:
    table = Table(title=title, title_justify="left", min_width=min(len(title) + 4, 96))
    table.add_column("")
    for batch in next(iter(times.values()), {}):
        table.add_column(batch, justify="right")
    for name, by_batch in times.items():
        table.add_row(name, *(_both(times) for times in by_batch.values()))
    return table


def _both(times: Mapping[str, float]) -> str:
    return f"{times['wall']:.2f} ({times['cpu']:.2f})"


def _agreement(found: Mapping[str, Any]) -> str:
    if "not_measured" in found:
        return f"not measured ({found['not_measured']})"
    return (
        f"the same top class on {100 * found['same_top_class']:.0f} % of {found['n']} pictures, "
        f"probabilities within {found['greatest_difference']:.1g}"
    )


def draw(result: Mapping[str, Any], file: Path) -> None:
    """Accuracy by condition on the left, time by batch on the right."""
    figure = Figure(figsize=(12, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    scores = result["accuracy"]
    names = list(scores)
    conditions: Sequence[str] = list(scores[names[0]]) if names else []
    for at, name in enumerate(names):
        places = [place + (at - (len(names) - 1) / 2) * 0.8 / len(names) for place in
                  range(len(conditions))]  # fmt: skip
        heights = [100 * scores[name][condition]["accuracy"] for condition in conditions]
        left.bar(places, heights, 0.8 / len(names), label=name)
    labels = [condition.replace("_", " ") for condition in conditions]
    left.set_xticks(range(len(conditions)), labels, rotation=30, ha="right")
    left.set(ylabel="right, % (seven classes)", ylim=(0, 100), title="Accuracy")
    left.grid(axis="y", alpha=0.3)
    left.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    path = result["face_path"].get("ms", {})
    for name, by_batch in {**result["time_ms"], **path}.items():
        walls = [times["wall"] for times in by_batch.values()]
        right.plot(list(by_batch), walls, "--" if name in path else "-", marker="o", label=name)
    right.set(xlabel="batch", ylabel="ms a picture", yscale="log", title="One CPU thread")
    right.grid(alpha=0.3)
    right.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15))
    figure.savefig(file, dpi=120)
