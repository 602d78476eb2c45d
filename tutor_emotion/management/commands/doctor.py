"""``manage.py doctor``: looks at this deployment and says what to do."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, cast

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tutor_emotion import doctor
from tutor_emotion.doctor import CHECKS, NAMES, Check, Diagnosis

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


class Command(BaseCommand):
    help = (
        "Check this deployment: servers, relay, models, clock, law, secrets. Ends with 1 on fail."
    )
    requires_system_checks: list[str] = []  # it runs them itself, and tells of the rest too

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", action="append", choices=NAMES, metavar="NAME", help=", ".join(NAMES)
        )
        parser.add_argument("--json", action="store_true", help="One JSON value, for programs.")

    def handle(self, *_: Any, **options: Any) -> None:
        only = options["only"] or NAMES
        found = doctor.examine([check for check in CHECKS if check.name in only])
        if options["json"]:
            self.stdout.write(json.dumps(_as_data(found), indent=2))
        else:
            self._show(found)
        self.stdout.flush()
        if any(one.state == "fail" for _, one in found):
            sys.exit(1)

    def _show(self, found: Sequence[tuple[Check, Diagnosis]]) -> None:
        table = Table("check", "", "what was found, and what to do", show_lines=False)
        for check, one in found:
            words = Text(one.said)
            if one.hint:
                words.append(f"\n→ {one.hint}", style="bold")
            table.add_row(check.name, Text(one.state, style=STYLES[one.state]), words)
        console = Console(
            file=cast(Any, self.stdout), highlight=False, no_color=not self.stdout.isatty()
        )
        console.print(table)


def _as_data(found: Sequence[tuple[Check, Diagnosis]]) -> list[dict[str, str]]:
    return [
        {"check": check.name, "state": one.state, "said": one.said, "hint": one.hint}
        for check, one in found
    ]
