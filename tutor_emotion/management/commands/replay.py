"""``manage.py replay FILE.jsonl``: a recorded session through the engine again."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.core import replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import Adaptation, AffectSignal
from tutor_emotion.errors import BadInput


class Command(BaseCommand):
    help = "Run a recorded list of Estimates, Readings and events (JSON lines) through the engine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The recording; - reads standard input.")
        parser.add_argument("--json", action="store_true", help="JSON lines, for programs.")
        parser.add_argument(
            "--tail",
            type=_seconds,
            default=replay.TAIL_S,
            metavar="SECONDS",
            help="How long to go on after the last input (default: %(default)s).",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            for done in replay.run(_lines(options["file"]), EngineConfig(), tail_s=options["tail"]):
                out: tuple[AffectSignal | Adaptation, ...] = (*done.signals, *done.adaptations)
                for item in out:
                    self.stdout.write(replay.line(item) if options["json"] else _words(item))
        except BadInput as error:
            raise CommandError(str(error)) from None
        except BrokenPipeError:  # who read it has read enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86_400:
        raise ValueError(text)
    return value


def _lines(name: str) -> Iterable[str]:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise BadInput("bad_replay", "The recording is not UTF-8 text.") from None
    except OSError as error:
        fault = f"The recording cannot be read: {error.strerror or 'unknown fault'}."
        raise BadInput("bad_replay", fault) from None


def _words(item: AffectSignal | Adaptation) -> str:
    minutes, seconds = divmod(item.at_s, 60)
    clock = f"{int(minutes):3d}:{seconds:04.1f}"
    if isinstance(item, Adaptation):
        buttons = f" [{', '.join(item.choices)}]" if item.choices else ""
        cause = f", for {item.signal}" if item.signal else ""
        what = f"{item.kind} ({item.message}){buttons}"
        return f"{clock}  {item.mode:7}  {what}, pace {item.pace:+d}{cause}"
    reasons = "; ".join(f"{e.measure} {e.value:.3g} {e.unit}" for e in item.evidence)
    what = " ".join(part for part in (item.kind, item.level, item.edge) if part)
    return f"{clock}  signal   {what}, confidence {item.confidence:.2f}" + (
        f", because {reasons}" if reasons else ""
    )
