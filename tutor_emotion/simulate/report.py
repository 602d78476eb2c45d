"""What a person sees of simulated learners: a line while they run, a table at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tutor_emotion.simulate.measure import Measure

WIDTH = 100
CONNECTED = "all connected"  # what --tell-connected says


def line(measures: Sequence[Measure], elapsed_s: float) -> str:
    """Where they are now."""
    connected = sum(m.connect_s is not None for m in measures)
    estimates = sum(m.estimates for m in measures)
    return f"{connected} of {len(measures)} connected · {elapsed_s:.0f} s · {estimates} estimates"


def table(whole: Mapping[str, Any]) -> str:
    """One result as a table of plain text; a row for each learner where there are several."""
    rows = whole.get("learners", [whole])
    grid = Table(title=f"{whole['connected']} connected, {whole['lost']} lost")
    for name in ("learner", "connect s", "estimates", "p50 ms", "p95 ms", "face", "voice"):
        grid.add_column(name, overflow="fold")
    for name in ("signals", "adaptations", "error"):
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*_cells(row))
    return _plain(grid)


def steps_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a site carried, step by step."""
    grid = Table(title="How many learners at once")
    for name in ("learners", "passed", "connected", "lost", "connect s", "p50 ms", "p95 ms", "cpu"):
        grid.add_column(name)
    for row in rows:
        grid.add_row(
            str(row["count"]),
            "yes" if row["passed"] else "no",
            str(row["connected"]),
            str(row["lost"]),
            _number(row["connect_seconds"]),
            _number(row["latency_ms"]["p50"]),
            _number(row["latency_ms"]["p95"]),
            f"{row['sender_cpu']:.0%}",
        )
    return _plain(grid)


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        str(row.get("learner", "")),
        _number(row["connect_seconds"]),
        str(row["estimates"]),
        _number(row["latency_ms"]["p50"]),
        _number(row["latency_ms"]["p95"]),
        _counts(row["windows"]["face"]),
        _counts(row["windows"]["voice"]),
        ", ".join(f"{s['kind']} {s['edge']} {s['at_s']:.0f}s" for s in row["signals"]),
        ", ".join(f"{a['kind']} {a['outcome']}".strip() for a in row["adaptations"]),
        ", ".join(row["errors"]),
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {count}" for word, count in counts.items())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _plain(grid: Table) -> str:
    console = Console(width=WIDTH, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(grid)
    return captured.get()
