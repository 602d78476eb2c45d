"""An evaluation as pictures and a page of words, fit to be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutor_emotion.evaluation import drawing
from tutor_emotion.evaluation.run import Evaluation
from tutor_emotion.evaluation.summary import TITLES, beside, number, told

DPI = 150


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """``confusion.png``, ``reliability.png``, ``recall.png``, ``risk_coverage.png``, ``report.md``.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scored, figures = evaluation.scored, evaluation.figures
    drawn = {
        "confusion": drawing.confusion_picture(scored, figures),
        "recall": drawing.recall_picture(scored, figures),
    }
    if _is_sure(figures):
        drawn["reliability"] = drawing.reliability_picture(scored, figures)
        drawn["risk_coverage"] = drawing.risk_picture(scored, figures)
    for name, figure in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=DPI)
    (folder / "report.md").write_text(words(evaluation), encoding="utf-8")


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
        *_beside(figures),
        *_overall(figures),
        *_texts(figures),
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
        *_sureness(figures),
        *_groups(figures),
        *_skipped(figures),
    ]
    return "\n".join(lines)


def _is_sure(figures: Mapping[str, Any]) -> bool:
    """Whether the answers were probabilities, and not words."""
    return figures["ece"] is not None


def _sureness(figures: Mapping[str, Any]) -> list[str]:
    if not _is_sure(figures):
        return []
    return [
        "## How sure, and how right",
        "",
        "![Reliability](reliability.png)",
        "",
        "![Risk against coverage](risk_coverage.png)",
        "",
    ]


def _beside(figures: Mapping[str, Any]) -> list[str]:
    if "published" not in figures:
        return []
    return _table(("model", "WAR %", "UAR %", "source"), [tuple(row) for row in beside(figures)])


def _texts(figures: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name in ("form", "reasons", "scored"):
        if name in figures:
            lines += [f"## {TITLES[name]}", ""]
            rows = [(key, told(value)) for key, value in figures[name].items()]
            lines += _table(("figure", "value"), rows)
    return lines


def _overall(figures: Mapping[str, Any]) -> list[str]:
    names = ("accuracy", "uar", "macro_f1", "auc", "ece", "ece_uncalibrated", "nll")
    rows: list[tuple[Any, ...]] = [
        (name, figures[name], _interval(figures.get(f"{name}_interval"))) for name in names
    ]
    if figures.get("accuracy_plurality") is not None:
        rows.append(
            (f"accuracy_plurality (n {figures['n_plurality']})", figures["accuracy_plurality"], "")
        )
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
