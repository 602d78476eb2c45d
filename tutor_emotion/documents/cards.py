"""What the cards and configs of our own models say of them, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from tutor_emotion.nets import registry
from tutor_emotion.nets.model_folder import CARD, Model, read_file

# Figures of ``metrics`` that a reader wants first, in this order; those that are not there are not
# told. Shares, 0 to 1.
FIGURES = {
    "accuracy": gettext_noop("accuracy"),
    "uar": gettext_noop("recall, the mean over the classes"),
    "auc": gettext_noop("AUC, one against the rest"),
    "ece": gettext_noop("calibration error"),
    "ece_uncalibrated": gettext_noop("calibration error before scaling"),
}
# Where a report by groups of people would stand. What is not named there was not measured.
GROUP_REPORTS = ("across_sex", "by_age", "by_skin", "by_group")
GROUP_WORDS = {
    "women_from_men": gettext_noop("women, by a net that heard men alone"),
    "men_from_women": gettext_noop("men, by a net that heard women alone"),
}
_LIMITS = re.compile(r"^## Limits[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Card:
    """One model of ours that is in use. ``by_group`` is empty where nothing was measured by it."""

    name: str
    slug: str
    kind: str
    stamp: str
    sha256: str
    labels: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    by_group: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    code: str
    limits: str
    text: str


def cards_in_use(weights_dir: Path) -> tuple[Card, ...]:
    """One card for each kind that has a model in use, verified. Errors as ``registry.active``."""
    return tuple(_card(model) for model in registry.active(weights_dir).values())


def _card(model: Model) -> Card:
    metrics, text = model.config.metrics, read_file(model.folder, CARD).decode()
    limits = _LIMITS.search(text)
    return Card(
        name=model.name,
        slug=model.folder.name,
        kind=model.kind,
        stamp=model.stamp,
        sha256=model.sha256,
        labels=model.config.labels,
        figures=tuple((FIGURES[k], _said(k, metrics[k])) for k in FIGURES if k in metrics),
        by_group=tuple(_by_group(metrics)),
        data=tuple(sorted(model.config.trained.data.items())),
        code=model.config.trained.code,
        limits=" ".join(limits[1].split()) if limits else "",
        text=text,
    )


def _by_group(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for report in GROUP_REPORTS:
        for name, value in metrics.get(report, {}).items():
            yield GROUP_WORDS.get(name, name.replace("_", " ")), _recall(value)
    speakers = metrics.get("by_speaker", {}).values()
    if speakers:
        yield gettext_noop("worst and best speaker"), _span(min(speakers), max(speakers))


def _recall(value: Any) -> str:
    """Of a report under several conditions of sound, from the worst to the best."""
    if isinstance(value, Mapping):
        return _span(min(value.values()), max(value.values()))
    return _percent(value)


def _span(low: float, high: float) -> str:
    return f"{_percent(low)} … {_percent(high)}"


def _said(key: str, value: float) -> str:
    return _percent(value) if key in ("accuracy", "uar") else f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
