"""A policy's own answers to clips, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch

from tutor_emotion.nets.r1_omni.generate import Sampling
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import grpo_math
from tutor_emotion.training.completions import asked
from tutor_emotion.training.examples import Example
from tutor_emotion.training.omni_run import Figures, Run
from tutor_emotion.training.rewards import Rewards, Weights, reward
from tutor_emotion.training.workers import Workers

if TYPE_CHECKING:
    from tutor_emotion.training.grpo import GrpoRecipe


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Answers to one example: tokens with the end where it came, what they are worth, and how much
    better than the group each is. ``whole``: how many came to their end."""

    example: Example
    answers: tuple[tuple[int, ...], ...]
    rewards: tuple[Rewards, ...]
    advantages: tuple[float, ...]
    varied: bool
    whole: int


def answer(
    run: Run,
    tokens: Tokens,
    drawn: Sequence[Example],
    labels: Sequence[str],
    recipe: GrpoRecipe,
    turn: int,
) -> list[Group]:
    """``recipe.group`` answers to each example, in order."""
    run.learning(False)
    sampling = Sampling(
        recipe.temperature, generator=run.generator(run.step, turn, run.workers.rank, len(drawn))
    )
    found: dict[int, Group] = {}
    for part in asked(drawn, tokens, run.workers.device, max(1, recipe.rows // recipe.group)):
        with torch.no_grad(), run.precision():
            prefix = run.student.model.prefix(part.media, part.prompt)
            answers = run.student.model.generate(
                prefix,
                max_new_tokens=recipe.max_tokens,
                eos=tokens.eos,
                sampling=sampling,
                copies=recipe.group,
            )
        for at, place in enumerate(part.places):
            own = answers[at * recipe.group : (at + 1) * recipe.group]
            found[place] = judged(drawn[place], own, tokens, labels, recipe.weights)
    return [found[place] for place in range(len(drawn))]


def judged(
    example: Example,
    answers: Sequence[Sequence[int]],
    tokens: Tokens,
    labels: Sequence[str],
    weights: Weights,
) -> Group:
    """The answers with their rewards and advantages."""
    rewards = tuple(
        reward(tokens.decode(ids), example.label, labels, example.measures) for ids in answers
    )
    totals = torch.tensor([[each.total(weights) for each in rewards]], dtype=torch.float64)
    return Group(
        example,
        tuple(tuple(ids) for ids in answers),
        rewards,
        tuple(grpo_math.advantages(totals)[0].tolist()),
        bool(grpo_math.varied(totals)[0]),
        sum(ids[-1] == tokens.eos for ids in answers),
    )


def figures(workers: Workers, groups: Sequence[Group], weights: Weights) -> Figures:
    """Means over every answer of all processes: ``length`` in tokens, ``whole`` the share that came
    to an end, ``varied`` the share of groups that taught something."""
    each = [
        (r, ids) for group in groups for r, ids in zip(group.rewards, group.answers, strict=True)
    ]
    names = ["accuracy", "form", "grounding", "consistency"]
    sums = workers.sums([
        float(len(groups)),
        float(sum(group.varied for group in groups)),
        float(len(each)),
        float(sum(group.whole for group in groups)),
        float(sum(len(ids) for _, ids in each)),
        sum(rewards.total(weights) for rewards, _ in each),
        *(sum(asdict(rewards)[name] for rewards, _ in each) for name in names),
    ])  # fmt: skip
    count, varied, answers, *rest = sums
    means = [value / max(1.0, answers) for value in rest]
    named = dict(zip(["whole", "length", "reward", *names], means, strict=True))
    return {"groups": count, "varied": varied / max(1.0, count), **named}
