"""``manage.py evaluate face|voice|text|engine|omni``: how good a model is, on labelled data."""

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
from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.evaluation.clip_set import FOLDS, Dataset, Senses
from tutor_emotion.evaluation.job import By, Job, OmniJob, Progress, quietly
from tutor_emotion.evaluation.label_map import Kind
from tutor_emotion.evaluation.run import Evaluation, evaluate
from tutor_emotion.evaluation.scoring import ABSTAIN_BELOW
from tutor_emotion.evaluation.summary import show

LARGEST_COUNT = 4096
STOPPED = 130  # as a shell tells of Ctrl-C


class Command(BaseCommand):
    help = "Measure a model on labelled pictures, sounds, messages or recordings."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=get_args(Kind))
        parser.add_argument(
            "path",
            type=Path,
            nargs="?",
            help="A folder, a CSV, an .npz: see docs/evaluation.md (omni: --root).",
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
        self._add_omni(parser)
        parser.add_argument("--device", default="auto", help="Torch device (default: %(default)s).")

    def _add_omni(self, parser: ArgumentParser) -> None:
        group = parser.add_argument_group("omni", "R1-Omni on the data sets of its paper.")
        group.add_argument("--dataset", choices=get_args(Dataset))
        group.add_argument("--root", type=Path, metavar="DIR", help="Where the data set lies.")
        group.add_argument(
            "--fold", type=int, choices=FOLDS, default=1, help="Of DFEW and MAFW (default: 1)."
        )
        group.add_argument(
            "--senses",
            choices=get_args(Senses),
            default="video_audio",
            help="What the model sees and hears; of RAVDESS, which files (default: %(default)s).",
        )
        group.add_argument(
            "--by",
            choices=get_args(By),
            default="generated",
            help="The answer is the word it writes, or the likeliest label (default: %(default)s).",
        )
        group.add_argument(
            "--batch-size", type=_count, default=8, metavar="N", help="Clips at once (default: 8)."
        )
        group.add_argument(
            "--max-new-tokens",
            type=_count,
            default=512,
            metavar="N",
            help="Where a text that does not end is cut (default: 512).",
        )
        group.add_argument(
            "--keep",
            type=Path,
            metavar="FILE",
            help="Keep each answer there as it comes; a later run goes on from it.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            done = evaluate(_job(options))
            if options["report"] is not None:
                _write_report(done, options["report"])
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise SystemExit(STOPPED) from None
        if options["json"]:
            # In ASCII: a file's name may hold bytes that no encoding of a terminal takes.
            self.stdout.write(json.dumps(done.figures, allow_nan=False))
        else:
            show(done, Console(file=cast(IO[str], self.stdout), highlight=False))
        if done.figures.get("stopped"):
            raise SystemExit(STOPPED)


def _job(options: dict[str, Any]) -> Job:
    path = options["path"] or options["root"]
    if path is None:
        raise BadInput(
            "data_missing",
            "Where are the data?",
            hint="Give a path; of a data set for omni, --root DIR.",
        )
    settings = get_settings()
    in_use = str(settings.R1_OMNI_FOLDER or "") if options["kind"] == "omni" else ""
    return Job(
        kind=options["kind"],
        path=path,
        weights_dir=settings.WEIGHTS_DIR,
        labels=options["labels"],
        model=options["model"] or in_use,
        device=options["device"],
        strict=options["strict"],
        order_seed=options["order_seed"],
        split_seed=options["split"],
        abstain_below=options["abstain_below"],
        progress=_progress(),
        subject_from=options["subject_from"],
        omni=_omni(options) if options["dataset"] else None,
    )


def _omni(options: dict[str, Any]) -> OmniJob:
    names = ("dataset", "fold", "senses", "by", "batch_size", "max_new_tokens", "keep")
    return OmniJob(**{name: options[name] for name in names})


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


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= LARGEST_COUNT:
        raise ArgumentTypeError(f"{text} is not within 1 and {LARGEST_COUNT}")
    return value


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
