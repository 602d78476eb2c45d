"""``manage.py describe_metrics > docs/metrics.md``: every metric, from its own definition."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tutor_emotion.telemetry import collector, metrics
from tutor_emotion.telemetry.families import FAMILIES, Family, Names

_ROOMS = (metrics, collector)  # to import them is what makes the list whole

HEAD = """# Metrics

What each web process and worker tells Prometheus ([telemetry.md](telemetry.md)). Labels are few and
closed: what is not in a list here is counted as `other`, and *names* are those of exceptions, error
codes, tables and versions in the code, at most 40 of them. None names a person, a course or a
session. This page is written by `manage.py describe_metrics`; a test keeps it true.

| metric | kind | labels | what it says |
|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Print every metric as a Markdown page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The whole page."""
    return HEAD + "".join(map(_row, FAMILIES.values()))


def _row(family: Family) -> str:
    labels = "; ".join(
        f"`{label}`: {'names' if isinstance(values, Names) else ', '.join(values)}"
        for label, values in family.labels.items()
    )
    return f"| `{family.name}` | {family.kind} | {labels} | {family.help} |\n"
