"""What the commands of ``sft`` and ``grpo`` share: options, the model, the clips, the result."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import torch

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.evaluation.omni_measures import CompactMeasures
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.r1_omni import checkpoint
from tutor_emotion.nets.r1_omni.checkpoint import Loaded
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.training.omni_run import Optimising
from tutor_emotion.training.own_clips import OwnClips
from tutor_emotion.training.tuning import Tuning
from tutor_emotion.training.workers import Workers, workers


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """All that a training command works on."""

    options: argparse.Namespace
    loaded: Loaded
    clips: OwnClips
    tuning: Tuning
    workers: Workers

    def save(self, model: Omni) -> None:
        """The trained model as a checkpoint folder, ``OUT/model``, by one process."""
        if self.workers.first:
            checkpoint.save(
                self.options.out / "model",
                model,
                self.loaded.tokens,
                today=date.today().isoformat(),
            )
        self.workers.wait()


def parser(about: str | None, *, rate: float) -> argparse.ArgumentParser:
    """Options of both."""
    made = argparse.ArgumentParser(
        description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = made.add_argument
    add("--checkpoint", type=Path, required=True, help="folder of the model to start from")
    add("--data", type=Path, required=True, help="CSV with the columns file, label and text")
    add("--out", type=Path, required=True, help="folder of the run; the result is in OUT/model")
    add("--labels", default="", help="the set, with commas; by default what the list says")
    add("--weights", type=Path, default=Path("models"), help="folder of the compact models")
    add("--steps", type=int, default=200)
    add("--rows", type=int, default=8, help="answers at once through the model")
    add("--max-tokens", type=int, default=256, help="of an answer")
    add("--rate", type=float, default=rate, help="highest learning rate")
    add("--precision", choices=("fp32", "bf16"), default="fp32")
    add("--checkpointing", action="store_true", help="less memory, a third more time")
    add("--keep-every", type=int, default=25, help="steps between two checkpoints")
    add("--lora-rank", type=int, default=0, help="0 trains the model itself")
    add("--seed", type=int, default=0)
    add("--device", default="auto", help="auto, cpu or cuda")
    add("--threads", type=int, default=1, help="on a CPU; more are faster, with other sums")
    return made


def optimising(options: argparse.Namespace) -> Optimising:
    """As the options say."""
    return Optimising(
        rate=options.rate,
        precision=options.precision,
        checkpointing=options.checkpointing,
        keep_every=options.keep_every,
    )


@contextmanager
def task(options: argparse.Namespace, *, with_texts: bool) -> Iterator[Task]:
    """Opens it all, in this process of those that ``torchrun`` started."""
    torch.set_num_threads(options.threads)
    with workers(choose_device(options.device)) as group:
        loaded = checkpoint.load(options.checkpoint, device=group.device)
        clips = OwnClips(
            options.data,
            loaded.config,
            CompactMeasures(options.weights, str(group.device.type)),
            labels=[word.strip() for word in options.labels.split(",") if word.strip()],
            with_texts=with_texts,
        )
        yield Task(options, loaded, clips, Tuning(lora_rank=options.lora_rank), group)


def run(
    made: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    train: Callable[[argparse.Namespace], None],
) -> int:
    """0, or 1 with what was wrong on stderr."""
    options = made.parse_args(arguments)
    try:
        train(options)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
