"""Metrics whose labels are few and closed, whatever is given to them.

A label's values are listed at its metric. What is not in the list is counted as ``other``: a
browser may close its socket with any of 65,536 codes, and none of them may become a time series.
Lists that the code alone knows (names of exceptions, codes of errors) are bounded in number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias, TypeVar

from prometheus_client import Counter, Gauge, Histogram

PREFIX = "tutor_emotion_"
OTHER = "other"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,59}")


@dataclass
class Names:
    """Values that are names in the code: at most ``most`` of them, and then ``other``. Those of
    ``first`` begin at zero."""

    first: Sequence[str] = ()
    most: int = 40
    seen: set[str] = field(default_factory=set)

    def __contains__(self, value: str) -> bool:
        if value in self.first or value in self.seen:
            return True
        if len(self.seen) >= self.most or not _NAME.fullmatch(value):
            return False
        self.seen.add(value)
        return True


Values: TypeAlias = "Sequence[str] | Names"


@dataclass(frozen=True)
class Family:
    """One metric as the documentation and the tests know it. ``name`` is the exposed one."""

    name: str
    kind: str
    help: str
    labels: dict[str, Values]


FAMILIES: dict[str, Family] = {}


class _Closed:
    """``labels`` as Prometheus' own, by keyword, with every value that is not listed as other."""

    _name: str

    def labels(self, *_: object, **values: object) -> Any:
        listed = _LISTED[self._name]
        closed = {
            label: value if value in listed[label] else OTHER
            for label, value in ((label, str(value)) for label, value in values.items())
        }
        return super().labels(**closed)  # type: ignore[misc]


_LISTED: dict[str, dict[str, Values]] = {}


class ClosedCounter(_Closed, Counter):
    """A Counter with closed labels."""


class ClosedGauge(_Closed, Gauge):
    """A Gauge with closed labels."""


class ClosedHistogram(_Closed, Histogram):
    """A Histogram with closed labels."""


Made = TypeVar("Made", ClosedCounter, ClosedGauge, ClosedHistogram)


def counter(name: str, help_: str, **labels: Values) -> ClosedCounter:
    """``tutor_emotion_<name>_total``; each listed combination begins at zero."""
    made = ClosedCounter(PREFIX + name, help_, list(labels))
    return _known(made, f"{PREFIX}{name}_total", "counter", help_, labels)


def gauge(name: str, help_: str, **labels: Values) -> ClosedGauge:
    """``tutor_emotion_<name>``."""
    made = ClosedGauge(PREFIX + name, help_, list(labels))
    return _known(made, PREFIX + name, "gauge", help_, labels)


def histogram(name: str, help_: str, edges: Sequence[float], **labels: Values) -> ClosedHistogram:
    """``tutor_emotion_<name>``; ``edges`` are the upper bounds of its buckets."""
    made = ClosedHistogram(PREFIX + name, help_, list(labels), buckets=edges)
    return _known(made, PREFIX + name, "histogram", help_, labels)


def _known(made: Made, name: str, kind: str, help_: str, labels: dict[str, Values]) -> Made:
    FAMILIES[name] = Family(name, kind, help_, labels)
    _LISTED[made._name] = labels  # Prometheus has no public name for it
    listed = [v.first if isinstance(v, Names) else v for v in labels.values()]
    if labels:
        # An alert on a rate needs the zero before the first one.
        for chosen in product(*listed):
            made.labels(**dict(zip(labels, chosen, strict=True)))
    return made
