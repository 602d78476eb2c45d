"""``make bench-models``: accuracy and time of our expression net and of others', in one run.

Writes ``models.json`` and ``models.png`` into ``--out`` and says so in its last line. A peer whose
files cannot be had is left out, with the reason; so is our own net where there is no model.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.load.models import accuracy, agreement, goals, machine, obtain, show, speed
from tests.load.models.nets import COMMON, PEERS, Net, ours
from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.evaluation.ferplus import read_faces
from tutor_emotion.nets import registry
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.model_folder import read_model
from tutor_emotion.training.provenance import sha256

ROOT = Path(__file__).resolve().parents[3]
VALID = "ferplus_valid.npz"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m tests.load.models", description=__doc__)
    made.add_argument("--data", type=Path, default=Path("../shared/data"), help=f"has {VALID}")
    made.add_argument("--weights", type=Path, default=ROOT / "models", help="folder of the models")
    made.add_argument(
        "--model", type=Path, help="folder of an expression model, not the active one"
    )
    made.add_argument("--limit", type=int, default=0, help="so many pictures, evenly taken")
    made.add_argument("--out", type=Path, default=ROOT / "bench")
    made.add_argument("--peers", type=Path, help="where their files are kept (default: OUT/peers)")
    made.add_argument("--offline", action="store_true", help="ask no package registry")
    return made


def load(options: argparse.Namespace, console: Console) -> tuple[dict[str, Net], dict[str, str]]:
    """The nets that can be had, ours first; why the others cannot."""
    folder = options.peers or options.out / "peers"
    reasons = {entry.file: "it is not there, and --offline was given" for entry in obtain.FILES}
    if not options.offline:
        reasons = obtain.obtain(folder, console.print)
    nets: dict[str, Net] = {}
    missing: dict[str, str] = {}
    try:
        nets["ours"] = ours(_model(options))
    except TutorEmotionError as error:
        missing["ours"] = str(error)
    for name, (read, files) in PEERS.items():
        lacking = [entry.file for entry in files if not obtain.is_right(folder, entry)]
        if lacking:
            missing[name] = f"{lacking[0]}: {reasons.get(lacking[0], 'it is not right')}"
        else:
            nets[name] = read(folder)
    return nets, missing


def _model(options: argparse.Namespace) -> registry.Model:
    if options.model is not None:
        return read_model(options.model)
    model = registry.active_one(options.weights, "expression")
    if model is None:
        raise Unavailable("no_model", "No model of kind expression is in use.", retry=False)
    return model


def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Everything, as one JSON object.

    Raises:
        TutorEmotionError: for data that is not there or not right.
    """
    path = options.data / VALID
    pictures = accuracy.judged(read_faces(path), options.limit)
    nets, missing = load(options, console)
    result: dict[str, Any] = {
        "data": _data(path, pictures),
        "missing": missing,
        "nets": {name: dict(net.facts) for name, net in nets.items()},
    }
    every = list(nets.values())
    ways: dict[str, str] = {}
    tried = sum(len(net.ways) for net in every if len(net.ways) > 1)
    with Steps(console, "best preparation", tried) as s:
        for net in every:
            ways[net.name], found = accuracy.best_way(net, pictures, s.tick)
            result["nets"][net.name] |= {"way": ways[net.name], "ways": found}
    with Steps(console, "accuracy", len(every) * len(accuracy.CONDITIONS)) as s:
        found_all = accuracy.answers(every, ways, pictures, s.tick)
    result["accuracy"] = accuracy.scores(found_all, pictures, classes=len(COMMON)) if nets else {}
    result["eight"] = accuracy.scores(found_all, pictures, classes=8) if nets else {}
    result["lead"] = accuracy.margins(found_all, pictures, "ours") if "ours" in nets else {}
    folder = options.peers or options.out / "peers"
    result["agreement"] = agreement.compare(nets, folder, pictures.images)
    result["machine"] = machine.facts()
    with Steps(console, "time", len(every) * len(speed.BATCHES) * (speed.ROUNDS + 1)) as s:
        result["time_ms"] = speed.nets_ms(every, ways, pictures.images, s.tick)
    result["face_path"] = _face_path(options, console)
    result["gpu"] = _gpu(options, console)
    result["goals"] = goals.check(result)
    return result


def _data(path: Path, pictures: accuracy.Judged) -> dict[str, Any]:
    known = pictures.by_plurality < len(COMMON)
    return {
        "file": path.name,
        "sha256": sha256(path),
        "n": len(pictures.by_plurality),
        "n_common": int(known.sum()),
        "n_majority": int((pictures.by_majority[known] >= 0).sum()),
    }


def _face_path(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    try:
        with Steps(console, "whole face path", 2 * len(speed.BATCHES) * (speed.ROUNDS + 1)) as s:
            return speed.face_path_ms(options.weights, s.tick)
    except TutorEmotionError as error:
        return {"not_measured": str(error)}


def _gpu(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    if not torch.cuda.is_available():
        return {"not_measured": "this process sees no GPU"}
    with Steps(console, "learners per GPU", 2 * len(speed.LEARNERS)) as s:
        found = speed.learners_per_gpu(options.weights, s.tick)
    return {**found, "device": torch.cuda.get_device_name()}


class Steps:
    """A progress bar; where there is no terminal, one line at its end."""

    def __init__(self, console: Console, title: str, total: int) -> None:
        columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn())
        more = (TimeElapsedColumn(), TextColumn("{task.fields[doing]}"))
        self._progress = Progress(*columns, *more, console=console)
        self._task = self._progress.add_task(title, total=total, doing="")
        self._begun = False

    def __enter__(self) -> Steps:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.update(self._task, advance=1, doing="")
        self._progress.stop()

    def tick(self, doing: str) -> None:
        """One more is about to be done."""
        self._progress.update(self._task, advance=1 if self._begun else 0, doing=doing)
        self._begun = True


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    console = Console(stderr=True)
    choose_device("cpu")  # and as many threads as are good for it
    try:
        result = measure(options, console)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "models.json"
    path.write_text(json.dumps(result, indent=2, default=float) + "\n")
    show.draw(result, options.out / "models.png")
    out = Console()
    show.print_result(result, out)
    sys.stdout.write(f"chart: {options.out / 'models.png'}\n{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
