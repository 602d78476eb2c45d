"""The published rows that a result is shown beside (``omni_published.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tutor_emotion.evaluation.clip_set import Dataset

_FILE = Path(__file__).with_suffix(".toml")


def published(dataset: Dataset) -> list[dict[str, Any]]:
    """``model``, ``war`` and ``uar`` in per cent, and ``source``, in the file's order."""
    return [
        {"model": row["model"], "war": war, "uar": uar, "source": row["source"]}
        for row in _rows()
        if dataset in row
        for war, uar in [row[dataset]]
    ]


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["row"]
    return rows
