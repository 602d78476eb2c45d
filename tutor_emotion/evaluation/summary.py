"""An evaluation as a table in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from tutor_emotion.evaluation.run import Evaluation

SHOWN_SKIPPED = 10
_SHORT = 5
TITLES = {
    "form": "What the answers look like",
    "reasons": "Whether the reasons hold",
    "scored": "The same clips by scoring the labels",
}
_GROUP_COLUMNS = ("n", "accuracy", "uar", "coverage", "positive_rate", "false_positive_rate")


def show(evaluation: Evaluation, console: Console) -> None:
    """Prints the figures that matter; `--json` has all of them."""
    figures = evaluation.figures
    model = figures["model"]
    console.print(
        f"{evaluation.kind}: {model['name']} (sha256 {model['sha256'][:8]})", markup=False
    )
    if "published" in figures:
        console.print(_beside(figures))
    console.print(_overall(figures))
    console.print(_classes(figures))
    console.print(_confusion(figures["confusion"]))
    for name, title in (("by_group", "Groups"), ("by_subject", "Subjects")):
        if figures[name]:
            console.print(_slices(title, figures[name]))
            _say_gaps(figures["gaps"][name.removeprefix("by_")], console)
    if "alarms" in figures:
        console.print(
            _pairs("Alarms", {"struggle_auc": figures["struggle_auc"], **figures["alarms"]})
        )
    for name in ("form", "reasons", "scored"):
        if name in figures:
            console.print(_pairs(TITLES[name], figures[name]))
    _say_what_is_missing(figures, console)


def _beside(figures: Mapping[str, Any]) -> Table:
    """Ours and the published rows, in per cent, as papers have them."""
    fold = f", fold {figures['fold']}" if figures["fold"] else ""
    table = Table(title=f"{figures['dataset'].upper()}{fold}, {figures['senses']}, {figures['by']}")
    for column in ("model", "WAR %", "UAR %", "source"):
        table.add_column(column, justify="right" if "%" in column else "left")
    for model, war, uar, source in beside(figures):
        table.add_row(model, war, uar, source)
    return table


def beside(figures: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """The rows of that table: ours first."""
    own = (
        figures["model"]["name"],
        f"{100 * figures['accuracy']:.2f}",
        f"{100 * figures['uar']:.2f}",
        f"this run, n {figures['n']}",
    )
    return [own] + [
        (row["model"], f"{row['war']:.2f}", f"{row['uar']:.2f}", row["source"])
        for row in figures["published"]
    ]


def _overall(figures: Mapping[str, Any]) -> Table:
    table = Table(title=f"{figures['n']} inputs, {len(figures['classes'])} classes")
    for column in ("figure", "value", "95 % interval"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name in ("accuracy", "uar"):
        low, high = figures[f"{name}_interval"]
        table.add_row(name, number(figures[name]), f"{number(low)} to {number(high)}")
    if figures.get("accuracy_plurality") is not None:
        table.add_row(
            f"accuracy_plurality (n {figures['n_plurality']})",
            number(figures["accuracy_plurality"]),
        )
    for name in ("macro_f1", "auc", "ece", "ece_uncalibrated"):
        table.add_row(name, number(figures[name]))
    abstention = figures["abstention"]
    table.add_row(f"abstention (under {abstention['below']:g})", number(abstention["share"]))
    table.add_row("accuracy where it answers", number(abstention["accuracy_answered"]))
    table.add_row("area under risk and coverage", number(figures["risk_coverage"]["area"]))
    return table


def _classes(figures: Mapping[str, Any]) -> Table:
    columns = ("n", "precision", "recall", "f1", "auc")
    table = Table("class", *columns, title="Classes")
    for name, one in figures["per_class"].items():
        table.add_row(name, *(number(one[column]) for column in columns))
    return table


def _confusion(confusion: Mapping[str, Any]) -> Table:
    heads = (name[:_SHORT] for name in confusion["classes"])
    table = Table("true", *heads, title="Confusion (rows true, columns predicted)")
    for name, row in zip(confusion["classes"], confusion["counts"], strict=True):
        table.add_row(name, *map(str, row))
    return table


def _slices(title: str, slices: Mapping[str, Mapping[str, Any]]) -> Table:
    heads = (column.removesuffix("_rate").replace("_", " ") for column in _GROUP_COLUMNS)
    table = Table("name", *heads, title=title)
    for name, one in slices.items():
        table.add_row(name, *(number(one[column]) for column in _GROUP_COLUMNS))
    return table


def _pairs(title: str, values: Mapping[str, Any]) -> Table:
    table = Table("figure", "value", title=title)
    for name, value in values.items():
        table.add_row(name, told(value))
    return table


def told(value: Any) -> str:
    """A figure, or counts by name, in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {n}" for key, n in value.items()) or "–"
    return number(value) if value is None or isinstance(value, (int, float)) else str(value)


def _say_gaps(gaps: Mapping[str, Any] | None, console: Console) -> None:
    if gaps and gaps["flagged"]:
        console.print(
            "Gaps over .10: "
            + ", ".join(f"{name} {number(gaps[name])}" for name in gaps["flagged"])
            + f" (smallest n {gaps['smallest_n']})",
            markup=False,
        )


def _say_what_is_missing(figures: Mapping[str, Any], console: Console) -> None:
    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    if figures["restricted"]:
        say(
            f"The data holds only {', '.join(figures['classes'])}: the model chose among these; "
            f"among all of its classes its accuracy is {number(figures['accuracy_unrestricted'])}."
        )
    for label, n in figures["left_out"].items():
        say(f"Left out: {n} of {label}")
    for note in figures["notes"]:
        say(f"Note: {note}")
    skipped = figures["skipped"]
    for one in skipped[:SHOWN_SKIPPED]:
        row = f", row {one['row']}" if one["row"] else ""
        say(f"Skipped {one['file']}{row}: {one['code']}: {one['reason']}")
    if len(skipped) > SHOWN_SKIPPED:
        say(f"… and {len(skipped) - SHOWN_SKIPPED} more; --json names them all.")


def number(value: float | int | None) -> str:
    """Three digits after the point; a count as it is; a dash for what is not known."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
