"""How well typed messages are understood: the lexicon alone, and with the sentence encoder.

Cases are a CSV (columns ``text``, ``label``; others are kept) or TOML (``[[case]]`` with the same
keys). Labels: confused, annoyed, bored, none, safety.
"""

from __future__ import annotations

import csv
import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.estimators import text as texts
from tutor_emotion.core.lexicon import SHIPPED, Lexicon
from tutor_emotion.errors import BadInput

LABELS = ("confused", "annoyed", "bored", "none", "safety")
FEELINGS = ("confused", "annoyed", "bored")
Meaning = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]  # Meanings.probabilities
# What a rule's answer is worth as a probability: the share of the dev half that it got right.
RULE_P = 0.95


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    label: str
    language: str = ""
    near_miss: bool = False
    subject: str = ""
    group: str = ""

    @property
    def half(self) -> Literal["dev", "test"]:
        """By a hash of the text alone, so that nobody chose it."""
        return "test" if hashlib.sha256(self.text.encode()).digest()[0] % 2 else "dev"


@dataclass(frozen=True, slots=True)
class Score:
    """One label: ``n`` cases of it; what a division by nothing leaves undefined is None."""

    n: int
    precision: float | None
    recall: float | None
    f1: float | None


def read_cases(path: Path) -> list[Case]:
    """A CSV or TOML file of labelled messages.

    Raises:
        BadInput: ``bad_cases``, naming file and row.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, None, f"it cannot be read ({type(error).__name__})") from None
    rows: list[Any]
    if path.suffix == ".toml":
        try:
            rows = tomllib.loads(content).get("case", [])
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise _bad(path, None, f"it is no TOML: {error}") from None
    else:
        try:
            rows = list(csv.DictReader(content.splitlines()))
        except csv.Error as error:
            raise _bad(path, None, f"it is no CSV: {error}") from None
    if not isinstance(rows, list) or not rows:
        raise _bad(path, None, "it has no cases")
    cases = [_case(row, path, number) for number, row in enumerate(rows, 1)]
    seen: dict[str, int] = {}
    for number, case in enumerate(cases, 1):
        if case.text in seen:
            raise _bad(path, number, f"it repeats row {seen[case.text]}")
        seen[case.text] = number
    return cases


def _case(row: Any, path: Path, number: int) -> Case:
    said, label = (row.get("text"), row.get("label")) if isinstance(row, Mapping) else (None, None)
    if not isinstance(said, str) or not said.strip():
        raise _bad(path, number, "there is no text")
    if label not in LABELS:
        raise _bad(path, number, f"the label {label!r} is not one of {', '.join(LABELS)}")
    near = row.get("near_miss", False)
    return Case(
        said,
        label,
        str(row.get("language") or ""),
        near is True or str(near).lower() in ("yes", "true", "1"),
        str(row.get("subject") or ""),
        str(row.get("group") or ""),
    )


def evaluate_text(
    cases: Sequence[Case], *, lexicon: Lexicon = SHIPPED, meaning: Meaning | None = None
) -> NDArray[np.float64]:
    """Probabilities (n, 5) in the order of LABELS; ``argmax`` is what the product would do.

    With ``meaning`` (``Meanings.probabilities``) messages in which the lexicon found nothing are
    read by the encoder, as live.
    """
    out = np.full((len(cases), len(LABELS)), (1 - RULE_P) / (len(LABELS) - 1))
    silent = []
    for number, case in enumerate(cases):
        out[number, LABELS.index(_label(case.text, lexicon))] = RULE_P
        if meaning and texts.wants_meaning(case.text, lexicon):
            silent.append(number)
    if meaning and silent:
        found = meaning([cases[number].text for number in silent])
        for number, meant in zip(silent, found, strict=True):
            if meant:
                out[number] = _shared(meant)
    return out


def _label(message: str, lexicon: Lexicon) -> str:
    if texts.is_alarming(message, lexicon):
        return "safety"
    holds = texts.said(message, lexicon).holds
    return holds[0] if holds else "none"


def _shared(meant: Mapping[str, float]) -> NDArray[np.float64]:
    """Each kind was asked on its own; the strongest that is over a half wins, as in the engine."""
    row = np.full(len(LABELS), 1e-3)
    best = max(FEELINGS, key=lambda kind: meant[kind])
    for kind in FEELINGS:
        row[LABELS.index(kind)] = meant[kind] if kind == best else min(meant[kind], 0.1)
    row[LABELS.index("none")] = 1 - meant[best]
    shared: NDArray[np.float64] = row / row.sum()
    return shared


def scores(cases: Sequence[Case], probabilities: NDArray[np.float64]) -> dict[str, Score]:
    """Precision, recall and F1 of each label but ``none``."""
    truth = np.array([LABELS.index(case.label) for case in cases])
    given = probabilities.argmax(axis=1)
    return {
        label: _score(truth == number, given == number)
        for number, label in enumerate(LABELS)
        if label != "none"
    }


def _score(is_so: NDArray[np.bool_], said: NDArray[np.bool_]) -> Score:
    hits, n, found = int((is_so & said).sum()), int(is_so.sum()), int(said.sum())
    precision, recall = hits / found if found else None, hits / n if n else None
    return Score(n, precision, recall, 2 * hits / (n + found) if n + found else None)


def false_alarms(cases: Sequence[Case], probabilities: NDArray[np.float64]) -> tuple[int, int]:
    """(alarms, cases) among near misses that say nothing: neither feeling nor danger."""
    none = LABELS.index("none")
    rows = [n for n, case in enumerate(cases) if case.near_miss and case.label == "none"]
    return sum(int(probabilities[n].argmax() != none) for n in rows), len(rows)


def fit(margins: NDArray[np.float64], is_kind: NDArray[np.bool_]) -> tuple[float, float]:
    """(threshold, temperature) of ``p = 1 / (1 + exp((threshold - margin) / temperature))``.

    Logistic regression by Newton's method on (n,) margins, with a slight pull (a Gaussian prior of
    standard deviation 30 on the slope) so that cases that can be told apart do not end in a step.
    """
    x = np.column_stack([margins, np.ones_like(margins)]).astype(float)
    pull = np.array([1 / 30**2, 1e-6])
    w = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -50, 50)))
        gradient = x.T @ (p - is_kind) + pull * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.linalg.solve(hessian, gradient)
        w = w - step
        if float(np.abs(step).max()) < 1e-9:
            break
    slope, bias = float(w[0]), float(w[1])
    if slope <= 0 or not math.isfinite(slope):
        raise BadInput("no_signal", "The margins do not grow with what they should tell.")
    return -bias / slope, 1 / slope


def _bad(path: Path, row: int | None, fault: str) -> BadInput:
    where = path.name if row is None else f"{path.name}, row {row}"
    return BadInput("bad_cases", f"{where}: {fault}.", hint="Columns: text, label, near_miss …")
