"""``manage.py r1_omni``: what R1-Omni weighs, whether a downloaded checkpoint may be used, and how
often a shadow Runner agrees with the live one."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.inference.agreement import Agreement, Agreements


class Command(BaseCommand):
    help = "Describe the R1-Omni model, check a checkpoint's folder, or show a shadow's agreement."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        describe = verbs.add_parser("describe", help="Parameters of the full-size model, by part.")
        check = verbs.add_parser(
            "check",
            help="Read a whole checkpoint, ask about its usage policy, and keep its sha256s.",
        )
        check.add_argument("folder", type=Path)
        check.add_argument(
            "--yes",
            action="store_true",
            help="For scripts: I have read R1-Omni's usage policy, and the law permits my use.",
        )
        check.add_argument(
            "--sha256",
            action="append",
            default=[],
            type=_promise,
            metavar="FILE=HEX",
            help="What the publisher names for a file; for several, say it again.",
        )
        agreement = verbs.add_parser(
            "agreement", help="How often SHADOW_RUNNER says the same as RUNNER of live Windows."
        )
        agreement.add_argument("--forget", action="store_true", help="Begin to count anew.")
        for one in (describe, check, agreement):
            one.add_argument("--json", action="store_true", help="One JSON value, for programs.")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            done = getattr(self, f"_{options['verb']}")(options)
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(done, indent=2))

    def _describe(self, options: dict[str, Any]) -> dict[str, Any]:
        from tutor_emotion.nets.r1_omni.describe import describe  # transformers: seconds to import

        done = describe()
        if not options["json"]:
            for part, count in done["parts"].items():
                kept = done["served"]["parts"][part]
                self.stdout.write(f"{part:<10} {count:>13,}  served {kept:>13,}")
            total = done["served"]["parameters"]
            self.stdout.write(f"{'all':<10} {done['parameters']:>13,}  served {total:>13,}")
        return done

    def _check(self, options: dict[str, Any]) -> dict[str, Any]:
        from tutor_emotion.nets.r1_omni.checkpoint import check

        folder: Path = options["folder"]
        found = check(
            folder,
            today=timezone.localdate().isoformat(),
            acknowledge=options["yes"],
            ask=self._asked,
            promised=dict(options["sha256"]),
        )
        if not options["json"]:
            self.stdout.write(
                f"{folder.name}: {len(found.files)} files, whole; {len(found.ignored)} tensors are "
                f"never used. Fingerprint {found.fingerprint[:16]}."
            )
        return {
            "folder": folder.name,
            "fingerprint": found.fingerprint,
            "files": list(found.files),
            "ignored": list(found.ignored),
            "acknowledged": found.acknowledged,
        }

    def _agreement(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        counts = Agreements(get_settings().REDIS_URL)
        if options["forget"]:
            counts.forget()
        found = counts.read()
        if not options["json"]:
            if not found:
                self.stdout.write("Nothing is counted yet. It needs SHADOW_RUNNER, and learners.")
            for pair in found:
                self.stdout.write(f"{pair.live} | {pair.shadow}: {pair.skipped} Windows skipped")
                for one in pair.agreements:
                    self.stdout.write(f"  {_in_words(one)}")
        return [asdict(pair) for pair in found]

    def _asked(self) -> bool:
        """Show the policy to a person and ask; a script has to say ``--yes``."""
        from tutor_emotion.nets.r1_omni.record import POLICY

        self.stderr.write(POLICY)
        if not sys.stdin.isatty():
            return False
        return input("Have you read it, and does the law permit your use? [yes/no] ") == "yes"


def _promise(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"([^=]+)=([0-9a-fA-F]{64})", text)
    if found is None:
        raise ArgumentTypeError("as model.safetensors=, then 64 hexadecimal digits")
    return found[1], found[2]


def _in_words(one: Agreement) -> str:
    if one.share is None:
        return f"{one.of}: no Window that both could read"
    kappa = "none" if one.kappa is None else f"{one.kappa:.3f}"
    alone = f"only live {one.only_live}, only shadow {one.only_shadow}"
    return f"{one.of}: {one.both} Windows, {one.share:.1%} alike, kappa {kappa}; {alone}"
