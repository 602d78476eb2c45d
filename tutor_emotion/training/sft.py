"""Cold start of an omni model: ``python -m tutor_emotion.training.sft``, or by ``torchrun -m``.

It learns to answer as the examples' texts do. The loss is the mean over the tokens of the answers,
the end of the turn among them; the prompt and the media are only read.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import completions
from tutor_emotion.training.completions import asked, padded
from tutor_emotion.training.examples import Example, Examples, balanced
from tutor_emotion.training.grpo_math import token_log_probs
from tutor_emotion.training.omni_run import Figures, Optimising, Run
from tutor_emotion.training.plots import draw_panels
from tutor_emotion.training.tuning import Student, Tuning
from tutor_emotion.training.workers import Workers

PANELS = ("loss", "token_accuracy", "norm", "rate")


@dataclass(frozen=True, slots=True)
class SftRecipe:
    """``batch`` clips a step, of all processes together, ``rows`` at once through the model.
    Classes are drawn equally often. ``max_tokens``: a longer text is refused.
    """

    steps: int = 200
    batch: int = 16
    rows: int = 8
    max_tokens: int = 512
    optimising: Optimising = field(default_factory=lambda: Optimising(rate=2e-5))

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.rows, self.max_tokens) < 1:
            raise BadInput("bad_recipe", "Steps, batch, rows and tokens have to be at least 1.")


def train(
    model: Omni,
    tokens: Tokens,
    examples: Examples,
    recipe: SftRecipe,
    folder: Path,
    *,
    tuning: Tuning | None = None,
    seed: int = 0,
    workers: Workers | None = None,
) -> tuple[Omni, list[Figures]]:
    """Trains ``model`` itself; it, and a line a step. ``folder`` holds ``last.pt``, ``log.jsonl``
    and ``curves.png``; a run that was stopped is taken up.

    Raises:
        BadInput: ``data_empty``, ``text_missing``, ``text_too_long``, ``no_media``, ``bad_media``,
            ``bad_share``, ``other_run``, ``run_unreadable``, ``loss_not_finite``.
    """
    workers = workers or Workers()
    tuning = tuning or Tuning()
    student = Student(model, tuning, seed=seed)
    run = Run(
        student,
        recipe.optimising,
        recipe.steps,
        {"sft": asdict(recipe), "tuning": asdict(tuning)},
        seed,
        folder,
        workers,
    )
    order = balanced(examples.labels, recipe.steps * recipe.batch, run.generator(-1))
    while run.step < recipe.steps:
        chosen = order[run.step * recipe.batch : (run.step + 1) * recipe.batch]
        _step(run, tokens, examples, workers.share(list(enumerate(chosen))), recipe)
    if workers.first:
        draw_panels(run.history, PANELS, folder / "curves.png", f"Cold start, seed {seed}")
    return student.finished(), run.history


def _step(
    run: Run,
    tokens: Tokens,
    examples: Examples,
    chosen: Sequence[tuple[int, int]],
    recipe: SftRecipe,
) -> None:
    """``chosen``: places in the batch with the indices of their examples."""
    began_s = time.monotonic()
    drawn = [examples.draw(index, run.generator(run.step, index, at)) for at, index in chosen]
    answers = [answer_ids(example, tokens, recipe.max_tokens) for example in drawn]
    count = run.workers.sums([sum(map(len, answers))])[0]
    run.learning(True)
    total = right = 0.0
    for part in asked(drawn, tokens, run.workers.device, recipe.rows):
        ids, mask = padded([answers[place] for place in part.places], run.workers.device)
        with run.precision():
            prefix = run.student.model.prefix(part.media, part.prompt)
            logits = completions.logits(run.student.model, prefix, ids)
        loss = answer_loss(logits, ids, mask)
        (loss / count).backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
        right += float(((logits.argmax(-1) == ids) * mask).sum())
    norm = run.update()
    total, right = run.workers.sums([total, right])
    figures = {
        "loss": total / count,
        "token_accuracy": right / count,
        "tokens": count,
        "norm": norm,
        "seconds": round(time.monotonic() - began_s, 2),
    }
    run.end_step(figures, run.step + 1 == recipe.steps)


def answer_ids(example: Example, tokens: Tokens, max_tokens: int) -> list[int]:
    """The tokens of the text to imitate, with the end of the turn.

    Raises:
        BadInput: ``text_missing``, ``text_too_long``.
    """
    if not example.text.strip():
        raise BadInput("text_missing", "An example has no text to learn from.")
    ids = [*tokens.encode(example.text), tokens.eos]
    if len(ids) > max_tokens:
        raise BadInput(
            "text_too_long",
            f"A text has {len(ids)} tokens; at most {max_tokens} are allowed.",
            hint="Shorten it, or allow more with --max-tokens.",
        )
    return ids


def answer_loss(logits: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    """Minus the log-probability of all tokens that the mask counts, summed: (rows, length,
    vocabulary), (rows, length), (rows, length) → ()."""
    return -(token_log_probs(logits, ids) * mask).sum()


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains on a list of clips with texts; the result is a checkpoint folder."""
    from tutor_emotion.training import omni_command  # it opens films, which the loop does not

    parser = omni_command.parser(__doc__, rate=2e-5)
    parser.add_argument("--batch", type=int, default=16, help="clips a step, of all processes")
    return omni_command.run(parser, arguments, _train)


def _train(options: argparse.Namespace) -> None:
    from tutor_emotion.training import omni_command

    recipe = SftRecipe(
        steps=options.steps,
        batch=options.batch,
        rows=options.rows,
        max_tokens=options.max_tokens,
        optimising=omni_command.optimising(options),
    )
    with omni_command.task(options, with_texts=True) as task:
        model, _ = train(
            task.loaded.model, task.loaded.tokens, task.clips, recipe, options.out,
            tuning=task.tuning, seed=options.seed, workers=task.workers,
        )  # fmt: skip
        task.save(model)


if __name__ == "__main__":
    sys.exit(main())
