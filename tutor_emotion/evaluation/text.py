"""Typed messages: what the lexicon makes of them, and the sentence encoder where it is there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tutor_emotion.core.lexicon import SHIPPED, Lexicon, edited
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import Item, item_of
from tutor_emotion.evaluation.job import Job, Outcome
from tutor_emotion.evaluation.label_map import ours
from tutor_emotion.evaluation.messages import LABELS, RULE_P, Case, evaluate_text
from tutor_emotion.evaluation.tables import Row, Table, read_rows, read_text
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.text import encoder
from tutor_emotion.nets.text.meaning import Meanings

STRUGGLE = frozenset({"confused", "annoyed"})
RULES = f"a phrase is there or not: the lexicon's answers all count as {RULE_P:g} sure"
_LEAST = 1e-6


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
    kept, left_out = ours(items, LABELS, job.kind, job.label_map())
    meanings = _meanings(job)
    p = evaluate_text(
        [Case(item.text, label) for item, label in kept],
        lexicon=lexicon,
        meaning=meanings.probabilities if meanings else None,
    )
    answers = Answers(
        tuple(item for item, _ in kept),
        LABELS,
        np.log(np.maximum(p, _LEAST)),
        np.array([LABELS.index(label) for _, label in kept], dtype=np.intp),
    )
    near = {row.number for row in table.rows if row["near_miss"].lower() in {"yes", "true", "1"}}
    extra = {"near_misses": _near_misses(answers, near)}
    notes = (*table.notes, RULES if meanings is None else f"{RULES}; with {meanings.version}")
    return Outcome(answers, model, STRUGGLE, left_out=left_out, notes=notes, extra=extra)


def _lexicon(job: Job) -> tuple[Lexicon, dict[str, str]]:
    """The shipped one, or under a school's edits: ``--model EDITS.toml``."""
    lexicon, version = SHIPPED, "shipped"
    if job.model:
        version = Path(job.model).name
        lexicon = edited((version, read_text(Path(job.model))))
    phrases = json.dumps(dict(sorted(lexicon.phrases.items())), ensure_ascii=False)
    digest = hashlib.sha256(phrases.encode()).hexdigest()
    return lexicon, {"name": f"lexicon/{version}", "version": version, "sha256": digest}


def _meanings(job: Job) -> Meanings | None:
    """The sentence encoder with its prototypes, where its optional file is there."""
    if not encoder.is_there(job.weights_dir):
        return None
    return Meanings(encoder.Sentences(job.weights_dir, choose_device(job.device)))


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
