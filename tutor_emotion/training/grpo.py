"""Reinforcement with verifiable rewards: GRPO (arXiv 2402.03300) on an omni model.

``python -m tutor_emotion.training.grpo``, or on several GPUs by ``torchrun -m``.

For each clip the model gives several answers; what is better than its group's mean becomes
likelier, as far as the model stays near its start. Groups in which all are as good teach nothing,
and others are drawn in their place (DAPO, arXiv 2503.14476).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import policy
from tutor_emotion.training.examples import Examples, balanced
from tutor_emotion.training.omni_run import Figures, Optimising, Run
from tutor_emotion.training.plots import draw_panels
from tutor_emotion.training.rewards import Weights
from tutor_emotion.training.rollouts import Group, answer, figures
from tutor_emotion.training.tuning import Student, Tuning
from tutor_emotion.training.workers import Workers

PANELS = (
    "reward", "accuracy", "form", "grounding", "length", "kl", "entropy", "varied",
)  # fmt: skip
_MORE = 1  # marks the random numbers of clips that are drawn again


@dataclass(frozen=True, slots=True)
class GrpoRecipe:
    """``prompts`` clips a step, of all processes together, ``group`` answers to each; ``rows``
    answers at once through the model. ``redraws``: how often a step looks for other clips in place
    of groups without variance. ``passes`` over a step's answers need ``clip``.

    Published: 16 prompts, groups of 8, ``beta`` 0.04, rate 1e-6, one pass; up to 512 tokens.
    """

    steps: int = 100
    prompts: int = 16
    group: int = 8
    rows: int = 16
    redraws: int = 1
    passes: int = 1
    clip: float | None = 0.2
    beta: float = 0.04
    temperature: float = 1.0
    max_tokens: int = 256
    weights: Weights = field(default_factory=Weights)
    optimising: Optimising = field(default_factory=lambda: Optimising(decay="linear"))

    def __post_init__(self) -> None:
        sane = (
            min(self.steps, self.prompts, self.rows, self.passes, self.max_tokens) >= 1
            and self.group >= 2
            and self.redraws >= 0
            and (self.clip is None or 0 < self.clip < 1)
            and 0 <= self.beta <= 10
            and 0.01 <= self.temperature <= 100
        )
        if not sane:
            raise BadInput("bad_recipe", f"This cannot be trained by: {self}.")
        if self.passes > 1 and self.clip is None:
            raise BadInput("bad_recipe", "Several passes over the same answers need a clip.")


def train(
    model: Omni,
    tokens: Tokens,
    examples: Examples,
    labels: Sequence[str],
    recipe: GrpoRecipe,
    folder: Path,
    *,
    tuning: Tuning | None = None,
    seed: int = 0,
    workers: Workers | None = None,
) -> tuple[Omni, list[Figures]]:
    """Trains ``model`` itself, from the start that it is; it, and a line a step. ``labels`` is the
    set of right answers. ``folder`` as of ``sft.train``; to take up a run, give the same start.

    Raises:
        BadInput: ``data_empty``, ``label_unknown``, ``no_media``, ``bad_media``, ``bad_share``,
            ``other_run``, ``run_unreadable``, ``loss_not_finite``.
    """
    workers = workers or Workers()
    tuning = tuning or Tuning()
    unknown = sorted(set(examples.labels) - set(labels))
    if unknown:
        raise BadInput("label_unknown", f"{', '.join(unknown[:5])}: not in the set of labels.")
    student = Student(model, tuning, keep_start=recipe.beta > 0, seed=seed)
    run = Run(
        student,
        recipe.optimising,
        recipe.steps * recipe.passes,
        {"grpo": asdict(recipe), "tuning": asdict(tuning), "labels": list(labels)},
        seed,
        folder,
        workers,
    )
    order = balanced(examples.labels, recipe.steps * recipe.prompts, run.generator(-1))
    while run.step < recipe.steps:
        chosen = order[run.step * recipe.prompts : (run.step + 1) * recipe.prompts]
        _step(run, tokens, examples, labels, workers.share(chosen), recipe)
    if workers.first:
        draw_panels(run.history, PANELS, folder / "curves.png", f"GRPO, seed {seed}")
    return student.finished(), run.history


def _step(
    run: Run,
    tokens: Tokens,
    examples: Examples,
    labels: Sequence[str],
    chosen: list[int],
    recipe: GrpoRecipe,
) -> None:
    began_s = time.monotonic()
    groups: list[Group] = []
    wanted = len(chosen)
    for turn in range(1 + recipe.redraws):
        drawn = [
            examples.draw(index, run.generator(run.step, turn, run.workers.rank, at))
            for at, index in enumerate(chosen)
        ]
        groups += answer(run, tokens, drawn, labels, recipe, turn)
        missing = wanted - sum(group.varied for group in groups)
        if not missing:
            break
        again = run.generator(run.step, turn, run.workers.rank, -_MORE)
        chosen = balanced(examples.labels, missing, again)
    rolled_s = time.monotonic() - began_s
    learned = policy.learn(run, tokens, [g for g in groups if g.varied], recipe)
    line = figures(run.workers, groups, recipe.weights) | learned
    line |= {
        "rollout_seconds": round(rolled_s, 2),
        "seconds": round(time.monotonic() - began_s, 2),
    }
    run.end_step(line, run.step + 1 == recipe.steps)


def main(arguments: Sequence[str] | None = None) -> int:
    """Reinforces on a list of labelled clips; the result is a checkpoint folder."""
    from tutor_emotion.training import omni_command  # it opens films, which the loop does not

    parser = omni_command.parser(__doc__, rate=1e-6)
    usual = GrpoRecipe()
    add = parser.add_argument
    add("--prompts", type=int, default=usual.prompts, help="clips a step, of all processes")
    add("--group", type=int, default=usual.group, help="answers to each clip")
    add("--redraws", type=int, default=usual.redraws, help="in place of groups without variance")
    add("--passes", type=int, default=usual.passes, help="over the same answers")
    add("--clip", type=float, default=usual.clip, help="of the ratio, where there are passes")
    add("--beta", type=float, default=usual.beta, help="weight of the KL to the start")
    add("--temperature", type=float, default=usual.temperature)
    for each in fields(Weights):
        add(f"--{each.name}", type=float, default=each.default, help="weight of this reward")
    return omni_command.run(parser, arguments, _train)


def _train(options: argparse.Namespace) -> None:
    from tutor_emotion.training import omni_command

    recipe = GrpoRecipe(
        steps=options.steps,
        prompts=options.prompts,
        group=options.group,
        rows=options.rows,
        redraws=options.redraws,
        passes=options.passes,
        clip=options.clip,
        beta=options.beta,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        weights=Weights(**{each.name: getattr(options, each.name) for each in fields(Weights)}),
        optimising=replace(omni_command.optimising(options), decay="linear"),
    )
    with omni_command.task(options, with_texts=False) as task:
        model, _ = train(
            task.loaded.model, task.loaded.tokens, task.clips, task.clips.set, recipe,
            options.out, tuning=task.tuning, seed=options.seed, workers=task.workers,
        )  # fmt: skip
        task.save(model)


if __name__ == "__main__":
    sys.exit(main())
