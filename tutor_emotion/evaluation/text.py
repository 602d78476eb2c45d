"""Typed messages: what the lexicon makes of them, against what people said they mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.estimators import text as texts
from tutor_emotion.core.lexicon import SHIPPED, Lexicon, edited
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import Item, item_of
from tutor_emotion.evaluation.job import Job, Outcome
from tutor_emotion.evaluation.label_map import ours
from tutor_emotion.evaluation.scoring import Answers
from tutor_emotion.evaluation.tables import Row, Table, read_rows, read_text

CLASSES = ("confused", "annoyed", "bored", "none", "safety")
STRUGGLE = frozenset({"confused", "annoyed"})
ONLY_RULES = "words are there or not: an answer has no degrees, and ece is the share of errors"
_LEAST = 1e-6

Shares: TypeAlias = NDArray[np.float64]


def run(job: Job) -> Outcome:
    """``text``, ``label``, and where known ``subject``, ``group`` or ``language``, ``near_miss``.

    Raises:
        BadInput: ``bad_list``, ``data_repeats``, ``data_missing``, ``bad_lexicon``, and as
            ``label_map.ours``.
    """
    lexicon, model = _lexicon(job)
    table = read_rows(
        job.path,
        needs=("text", "label"),
        knows=("subject", "group", "split", "language", "near_miss", "note"),
    )
    _refuse_repeats(job.path, table)
    items = [_item(job.path, row) for row in table.rows]
    kept, left_out = ours(items, CLASSES, job.kind, job.label_map())
    shares = [shares_of(item.text, lexicon) for item, _ in kept]
    answers = Answers(
        tuple(item for item, _ in kept),
        CLASSES,
        np.log(np.maximum(np.array(shares), _LEAST)),
        np.array([CLASSES.index(label) for _, label in kept], dtype=np.intp),
    )
    near = {row.number for row in table.rows if row["near_miss"].lower() in {"yes", "true", "1"}}
    extra = {"near_misses": _near_misses(answers, near)}
    notes = (*table.notes, ONLY_RULES)
    return Outcome(answers, model, STRUGGLE, left_out=left_out, notes=notes, extra=extra)


def shares_of(message: str, lexicon: Lexicon) -> Shares:
    """(5,) by CLASSES: 1 for what the message says, shared where it says several things at once."""
    if texts.is_alarming(message, lexicon):
        said: Sequence[str] = ("safety",)
    else:
        said = texts.said(message, lexicon).holds or ("none",)
    return np.array([(name in said) / len(said) for name in CLASSES])


def _lexicon(job: Job) -> tuple[Lexicon, dict[str, str]]:
    """The shipped one, or under a school's edits: ``--model EDITS.toml``."""
    lexicon, version = SHIPPED, "shipped"
    if job.model:
        version = Path(job.model).name
        lexicon = edited((version, read_text(Path(job.model))))
    phrases = json.dumps(dict(sorted(lexicon.phrases.items())), ensure_ascii=False)
    digest = hashlib.sha256(phrases.encode()).hexdigest()
    return lexicon, {"name": f"lexicon/{version}", "version": version, "sha256": digest}


def _item(path: Path, row: Row) -> Item:
    item = item_of(path, row, name=path.name, text=row["text"])
    return replace(item, group=item.group or row["language"])


def _refuse_repeats(path: Path, table: Table) -> None:
    first: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        before = first.setdefault((row["text"].casefold(), row["subject"]), row)
        if before is not row:
            raise BadInput(
                "data_repeats",
                f"{path.name}, rows {before.number} and {row.number} hold the same text.",
            )


def _near_misses(answers: Answers, near: set[int]) -> dict[str, Any] | None:
    """The messages that were written to mislead: how many are read rightly all the same."""
    rows = np.array([item.row in near for item in answers.items])
    if not rows.any():
        return None
    right = answers.logits.argmax(1) == answers.truth
    return {
        "n": int(rows.sum()),
        "accuracy": float(right[rows].mean()),
        "accuracy_others": float(right[~rows].mean()) if not rows.all() else None,
    }
