"""Say whether the ledger of consents is as it was appended."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion import chain, services
from tutor_emotion.errors import BadInput
from tutor_emotion.telemetry import marks

log = logging.getLogger(__name__)
MOST_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Verify the ledger of consents, or an exported file of it. Ends with 1 where an entry was "
        "changed, is missing, stands elsewhere or was cut off, and names it. Whoever can rewrite "
        "the whole table can rewrite its hashes: keep the head elsewhere, and give it to --expect."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--expect", default="", metavar="HASH", help="a head kept elsewhere")
        parser.add_argument("--file", type=Path, metavar="LEDGER.jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        path, expect = options["file"], options["expect"].lower()
        if expect and not (len(expect) == 64 and set(expect) <= set("0123456789abcdef")):
            raise CommandError("--expect takes the 64 hexadecimal digits of a head.")
        try:
            if path is not None:
                head, faults = chain.examine(_lines(path), expect=expect)
            else:
                kept = services.ledger_head()
                head, faults = chain.examine(services.ledger_entries(), kept=kept, expect=expect)
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from None
        except (BadInput, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from None
        log.info("ledger head %d %s, faults %d", head.number, head.hash, len(faults))
        self.stdout.write(f"head: {head.number} {head.hash}")
        for fault in faults[:MOST_SHOWN]:
            self.stderr.write(f"{fault.kind}: {fault.message}")
        if faults:
            raise CommandError(f"The ledger is not whole: {len(faults)} faults.")
        if path is None:
            marks.done("verify_ledger")
        self.stdout.write("The ledger is whole.")


def _lines(path: Path) -> Iterator[chain.Entry]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield chain.from_line(line, number)
