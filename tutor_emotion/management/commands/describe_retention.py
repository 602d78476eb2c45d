"""Print the table of periods in docs/privacy-and-law.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from tutor_emotion.conf import Settings
from tutor_emotion.services.kept import Kept, kept

HEAD = "| table | how long, by default | erased with the learner |\n|---|---|---|\n"


class Command(BaseCommand):
    help = "Print how long each table is kept, as a Markdown table."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(table(), ending="")


def table() -> str:
    """The whole table, in English, with the defaults."""
    with translation.override("en"):
        return HEAD + "".join(_rows())


def _rows() -> Iterator[str]:
    for line in sorted(kept(), key=lambda line: (not line.days, line.days, line.model)):
        name = line.model.replace("tutor_emotion_lessons.", "lessons.").replace(
            "tutor_emotion.", ""
        )
        yield f"| `{name}` | {_period(line)} | {_erased(line)} |\n"


def _period(line: Kept) -> str:
    if not line.days:
        return str(line.until)
    since = line.since.replace("__", ".")
    return f"{Settings.model_fields[line.days].default} days after `{since}` (`{line.days}`)"


def _erased(line: Kept) -> str:
    if line.whose and line.erased:
        return "yes"
    if line.named:
        return "their name is taken out"
    return "the key" if line.model.endswith(".LearnerKey") else "–"
