"""``manage.py fetch_weights``: the model files of the manifest, verified."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.fetch import Step, fetch
from tutor_emotion.nets.weights import manifest, needed


class Command(BaseCommand):
    help = "Obtain the model files that the manifest names, and refuse any with a wrong sha256."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dir", type=Path, help="Folder for the files (default: TUTOR_EMOTION['WEIGHTS_DIR'])."
        )
        parser.add_argument(
            "--optional",
            action="store_true",
            help="Also what is optional: a sentence encoder for typed messages (91 MB).",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            folder = options["dir"] or get_settings().WEIGHTS_DIR
            with _Display(self.stdout) as display:
                fetch(folder, display, manifest() if options["optional"] else needed())
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None


class _Display:
    """One bar for the file that is coming, one line for each thing that is settled."""

    def __init__(self, stream: Any) -> None:
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.bar: TaskID | None = None

    def __enter__(self) -> _Display:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, step: Step) -> None:
        file, source = step.entry.file, step.source
        if step.what == "asking":
            self.bar = self.bars.add_task(f"{file} ← {source}", total=step.entry.size_bytes)
        elif step.what == "receiving" and self.bar is not None:
            self.bars.update(self.bar, completed=step.received_bytes)
        elif step.what == "present":
            self.say(f"{file}: already here, sha256 right")
        elif step.what == "refused":
            self.say(f"{file}: not from {source}: {step.reason}")
        elif step.what == "done":
            self.say(f"{file}: {step.received_bytes / 1e6:.1f} MB from {source}, sha256 right")

    def say(self, line: str) -> None:
        if self.bar is not None:
            self.bars.remove_task(self.bar)
            self.bar = None
        self.console.print(line, markup=False)
