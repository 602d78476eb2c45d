"""``manage.py evaluate face|voice|text|engine PATH``: how good a model is, on labelled data."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, cast, get_args

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.evaluation.job import Job, Progress, quietly
from tutor_emotion.evaluation.label_map import Kind
from tutor_emotion.evaluation.run import Evaluation, evaluate
from tutor_emotion.evaluation.scoring import ABSTAIN_BELOW
from tutor_emotion.evaluation.summary import show


class Command(BaseCommand):
    help = "Measure a model on labelled pictures, sounds, messages or recordings."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=get_args(Kind))
        parser.add_argument(
            "path", type=Path, help="A folder, a CSV, an .npz: see docs/evaluation.md."
        )
        parser.add_argument(
            "--labels", default="", metavar="MAP", help="Label map: a TOML file, or one of ours."
        )
        parser.add_argument(
            "--model",
            default="",
            metavar="NAME",
            help="As expression/2, or a model's folder (default: the one in use).",
        )
        parser.add_argument(
            "--json", action="store_true", help="One object on stdout, for programs."
        )
        parser.add_argument(
            "--report", type=Path, metavar="FOLDER", help="Write pictures and report.md there."
        )
        parser.add_argument(
            "--strict", action="store_true", help="A bad input is an error, not left out."
        )
        parser.add_argument(
            "--abstain-below",
            type=_share,
            default=ABSTAIN_BELOW,
            metavar="P",
            help="A top probability under it counts as no answer (default: %(default)s).",
        )
        parser.add_argument(
            "--split",
            type=_seed,
            metavar="SEED",
            help="Fit the temperature on half of the subjects, drawn with this seed; measure the "
            "others.",
        )
        parser.add_argument(
            "--order-seed",
            type=_seed,
            default=0,
            metavar="SEED",
            help="Order in which each speaker's utterances are heard (default: %(default)s).",
        )
        parser.add_argument(
            "--subject-from",
            type=_pattern,
            metavar="REGEX",
            help="Finds in class/file.wav of whom it is: its first group.",
        )
        parser.add_argument("--device", default="auto", help="Torch device (default: %(default)s).")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            done = evaluate(_job(options))
            if options["report"] is not None:
                _write_report(done, options["report"])
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            # In ASCII: a file's name may hold bytes that no encoding of a terminal takes.
            self.stdout.write(json.dumps(done.figures, allow_nan=False))
        else:
            show(done, Console(file=cast(IO[str], self.stdout), highlight=False))


def _job(options: dict[str, Any]) -> Job:
    return Job(
        kind=options["kind"],
        path=options["path"],
        weights_dir=get_settings().WEIGHTS_DIR,
        labels=options["labels"],
        model=options["model"],
        device=options["device"],
        strict=options["strict"],
        order_seed=options["order_seed"],
        split_seed=options["split"],
        abstain_below=options["abstain_below"],
        progress=_progress(),
        subject_from=options["subject_from"],
    )


def _progress() -> Progress:
    """Bars on stderr, where a person looks on."""
    try:
        from tqdm import tqdm
    except ImportError:
        return quietly

    def bar(what: str, items: list[Any]) -> Iterable[Any]:
        shown: Iterable[Any] = tqdm(items, what, file=sys.stderr, disable=None, leave=False)
        return shown

    return bar


def _write_report(done: Evaluation, folder: Path) -> None:
    try:
        from tutor_emotion.evaluation.report import write_report
    except ImportError:
        raise Unavailable(
            "library_missing",
            "The report is drawn with matplotlib, which is not installed.",
            hint="Install tutor-emotion[training].",
            retry=False,
        ) from None
    try:
        write_report(done, folder)
    except OSError as error:
        raise Unavailable(
            "not_writable", f"The report cannot be written: {error}", retry=False
        ) from None


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text} is not within 0 and 1")
    return value


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ArgumentTypeError(f"{text!r:.80} is no regular expression: {error}") from None


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ArgumentTypeError(f"{text} is under 0")
    return value
