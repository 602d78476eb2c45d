"""The school's results as the Markdown tables of docs/simulation.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tutor_emotion.simulate.school.showing import number

_ORDER = (
    "none",
    "performance_only",
    "unknown",
    "face",
    "voice",
    "interaction",
    "without_face",
    "without_voice",
    "all",
    "better_face",
)
# Figure, title, digits, times.
_ALARMS = (
    ("alarms_per_hour", "alarms/h", 1, 1),
    ("precision", "precision", 2, 1),
    ("precision_by_chance", "by chance", 2, 1),
    ("precision_at_once", "at once", 2, 1),
    ("recall", "recall", 2, 1),
    ("delay_s", "delay s", 0, 1),
)
_SIGNALS = (
    ("suspect_per_hour", "suspect/h", 1, 1),
    ("suspect_precision", "suspect right", 2, 1),
    ("suspect_precision_at_once", "suspect at once", 2, 1),
    ("strong_precision_at_once", "strong at once", 2, 1),
)
_LEARNING = (
    ("time_to_mastery_s", "median time to mastery s", 0, 1),
    ("time_restricted_mean_s", "restricted mean s", 0, 1),
    ("mastered_share", "mastered %", 1, 100),
    ("known_share", "truly known %", 1, 100),
    ("struggle_share", "struggling %", 1, 100),
)
_BESIDES = (
    ("offers_per_hour", "offers/h", 1, 1),
    ("taken_share", "taken %", 0, 100),
    ("flags_per_hour", "flags/h", 1, 1),
    ("practice_per_hour", "because of wheel-spinning/h", 1, 1),
    ("practice_precision", "skill not known %", 0, 100),
    ("right_share", "first answers right %", 0, 100),
    ("spun_share", "skills not mastered in 10 %", 1, 100),
)
_PAIRS = (
    ("face", "unknown"),
    ("voice", "unknown"),
    ("without_voice", "interaction"),
    ("without_face", "interaction"),
    ("all", "interaction"),
    ("all", "without_face"),
    ("all", "without_voice"),
    ("better_face", "without_face"),
    ("interaction", "performance_only"),
    ("all", "performance_only"),
)
_BROUGHT = (*_ALARMS[:2], *_ALARMS[4:], _SIGNALS[2], *_LEARNING[1:])

Column = tuple[str, str, int, int]


def tables(results: Mapping[str, Any]) -> str:
    """All of them, each under its heading."""
    names = [name for name in _ORDER if name in results]
    alone = [name for name in names if name != "none"]
    pairs = [(a, b) for a, b in _PAIRS if a in results and b in results]
    learning = _LEARNING[1:]
    parts = (
        ("Alarms", _figures(results, names, _ALARMS)),
        ("Signals", _figures(results, alone, _SIGNALS)),
        ("Learning", _figures(results, names, _LEARNING)),
        ("Against none", _differences(results, [(name, "none") for name in alone], learning)),
        ("What each brings", _differences(results, pairs, _BROUGHT)),
        ("Besides", _figures(results, names, _BESIDES, intervals=False)),
        ("Accuracies", _accuracies(results)),
    )
    return "\n".join(f"### {title}\n\n{table}\n" for title, table in parts)


def _figures(
    results: Mapping[str, Any],
    names: Sequence[str],
    columns: Sequence[Column],
    *,
    intervals: bool = True,
) -> str:
    rows = []
    for name in names:
        one = results[name]
        cells = [
            _cell(one[key], one["interval"][key] if intervals else None, digits, times)
            for key, _, digits, times in columns
        ]
        rows.append([f"`{name}`", *cells])
    return _table(["", *(title for _, title, _, _ in columns)], rows)


def _differences(
    results: Mapping[str, Any], pairs: Sequence[tuple[str, str]], columns: Sequence[Column]
) -> str:
    rows = []
    for name, other in pairs:
        against = results[name]["against"].get(other)
        if against is None:
            continue
        cells = [
            _cell(against[key]["difference"], against[key]["interval"], digits, times, "+")
            for key, _, digits, times in columns
        ]
        rows.append([f"`{name}` less `{other}`", *cells])
    return _table(["", *(title for _, title, _, _ in columns)], rows)


def _accuracies(results: Mapping[str, Any]) -> str:
    rows = [
        [f"{source} in `{name}`", *(number(value, 3) for value in found.values())]
        for name, one in results.items()
        for source, found in one["auc"].items()
    ]
    asked = next((list(f) for one in results.values() for f in one["auc"].values()), [])
    return _table(["AUC", *asked], rows)


def _cell(
    value: float | None,
    interval: list[float | None] | None,
    digits: int,
    times: int,
    sign: str = "",
) -> str:
    text = _times(value, digits, times, sign)
    if value is None or interval is None:
        return text
    low, high = (_times(end, digits, times, sign) for end in interval)
    return f"{text} ({low} … {high})"


def _times(value: float | None, digits: int, times: int, sign: str) -> str:
    return number(None if value is None else value * times, digits, sign)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
