"""One process of two, as ``torchrun`` starts it: python two_processes.py FOLDER."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch

from tests.training.omni_clips import LABELS, Clips, ShortTokens, fresh, told
from tutor_emotion.training import grpo, sft
from tutor_emotion.training.grpo import GrpoRecipe
from tutor_emotion.training.omni_run import Optimising
from tutor_emotion.training.sft import SftRecipe
from tutor_emotion.training.workers import Workers, workers

COLD = SftRecipe(steps=2, batch=4, rows=1, optimising=Optimising(rate=1e-3))
REINFORCE = GrpoRecipe(
    steps=2, prompts=2, group=4, rows=4, max_tokens=8, optimising=Optimising(rate=1e-3)
)


class Blinking(Clips):
    """The first of two classes has no picture: one process then trains no connector."""

    def draw(self, index, generator):
        clip = super().draw(index, generator)
        return clip if index % 2 else replace(clip, frames=None)


def clips() -> Blinking:
    return Blinking(told(4).texts)


def cold(folder: Path, group: Workers | None = None):
    tokens = ShortTokens(folder / f"tokens-{group.rank if group else 0}")
    return sft.train(fresh(), tokens, clips(), COLD, folder / "sft", workers=group)


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with workers(torch.device("cpu")) as group:
        model, history = cold(folder, group)
        tokens = ShortTokens(folder / f"tokens-{group.rank}")
        model, rewarded = grpo.train(
            model, tokens, clips(), LABELS, REINFORCE, folder / "grpo", workers=group
        )
        torch.save(model.state_dict(), folder / f"model-{group.rank}.pt")
        (folder / f"history-{group.rank}.json").write_text(json.dumps([history, rewarded]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
