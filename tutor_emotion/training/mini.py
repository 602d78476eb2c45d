"""omni-mini: ``python -m tutor_emotion.training.mini --data DATA --out RUN --seed 0``.

Three models of one seed: after the cold start (``cold``), after more of the same on the clips that
were kept back (``sft``), and after reinforcement on those same clips (``grpo``); each is judged on
the held-out clips, as they are and changed. What is there already is not done again.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.r1_omni.config import (
    AudioConfig,
    ConnectorConfig,
    LanguageConfig,
    OmniConfig,
    VisionConfig,
)
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import TOKENIZER, Tokens
from tutor_emotion.training import grpo, mini_judge, mini_towers, sft
from tutor_emotion.training.mini_clips import CONDITIONS
from tutor_emotion.training.mini_data import LABELS
from tutor_emotion.training.mini_prepare import Amount, Prepared, prepared
from tutor_emotion.training.mini_texts import VOCABULARY, made_tokenizer
from tutor_emotion.training.mini_towers import TowerRecipe
from tutor_emotion.training.omni_run import Optimising
from tutor_emotion.training.rewards import Weights

STAGES = ("cold", "sft", "grpo")
FIGURES = "figures.json"
CONFIG = OmniConfig(
    vision=VisionConfig(kind="expression", image_px=64, patch_px=8, width=192),
    audio=AudioConfig(bins=64, mel_frames=200, width=128, layers=2, heads=4, ffn=256),
    language=LanguageConfig(
        width=128, layers=3, heads=4, kv_heads=2, ffn=256, vocabulary=VOCABULARY, positions=512
    ),
    connector=ConnectorConfig(blocks=1),
    num_frames=1,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """``cold_clips`` are for the cold start alone, as R1-Omni's 580 were, and of the share ``lost``
    of them voice or face is missing; the others, all whole, are for what comes after. ``sft`` and
    ``grpo`` take as many steps, and learn from as many texts in each."""

    amount: Amount = field(default_factory=Amount)
    tower: TowerRecipe = field(default_factory=TowerRecipe)
    cold_clips: int = 900
    lost: float = 0.4
    judged: int = 200
    cold: sft.SftRecipe = field(
        default_factory=lambda: sft.SftRecipe(
            steps=600, batch=32, rows=32, max_tokens=64, optimising=Optimising(2e-3, warm=0.05)
        )
    )
    more: sft.SftRecipe = field(
        default_factory=lambda: sft.SftRecipe(
            steps=240, batch=64, rows=64, max_tokens=64, optimising=Optimising(5e-4, warm=0.05)
        )
    )
    grpo: grpo.GrpoRecipe = field(
        default_factory=lambda: grpo.GrpoRecipe(
            steps=240,
            prompts=8,
            group=8,
            rows=64,
            redraws=1,
            clip=None,
            max_tokens=64,
            weights=Weights(accuracy=2.0),
            optimising=Optimising(3e-4, warm=0.05, decay="linear"),
        )
    )

    def of_steps(self, share: float) -> Plan:
        """The same with that share of the steps."""
        return replace(
            self,
            cold=replace(self.cold, steps=max(1, round(self.cold.steps * share))),
            more=replace(self.more, steps=max(1, round(self.more.steps * share))),
            grpo=replace(self.grpo, steps=max(1, round(self.grpo.steps * share))),
        )


def run(data: Path, weights_dir: Path, out: Path, seed: int, plan: Plan) -> dict[str, Any]:
    """All stages of one seed in ``out/seed-N``; their figures, by stage and condition.

    Raises:
        BadInput: for data that cannot be used, and as ``sft.train``, ``grpo.train``.
        Unavailable: ``weights_missing``, ``weights_corrupt``, ``model_missing``, ``model_corrupt``.
    """
    torch.set_num_threads(1)
    made = prepared(data, weights_dir, out, CONFIG, plan.amount)
    tokens = tokenizer(out)
    folder = out / f"seed-{seed}"
    cold_clips, others = (
        made.train.part(slice(plan.cold_clips)),
        made.train.part(slice(plan.cold_clips, None)),
    )
    model = beginning(weights_dir, out, made, plan, seed)
    figures: dict[str, Any] = {}

    def stage(name: str, learn: Callable[[Omni, Path], Any]) -> Omni:
        student = copy.deepcopy(model)
        began_s = time.process_time()
        learn(student, folder / name)
        seconds = round(time.process_time() - began_s, 1)
        figures[name] = _judged(student, tokens, made, plan, folder / name / FIGURES, seconds)
        return student

    model = stage("cold", lambda m, to: sft.train(m, tokens, cold_clips, plan.cold, to, seed=seed))
    stage("sft", lambda m, to: sft.train(m, tokens, others, plan.more, to, seed=seed))
    stage("grpo", lambda m, to: grpo.train(m, tokens, others, LABELS, plan.grpo, to, seed=seed))
    return figures


def beginning(weights_dir: Path, out: Path, made: Prepared, plan: Plan, seed: int) -> Omni:
    """The towers as they are taught, which all seeds share, and all else drawn by ``seed``."""
    heard = mini_towers.hearing(CONFIG.audio, made.heard, plan.tower, 0, out / "audio.pt")
    torch.manual_seed(seed)
    model = Omni(CONFIG)
    model.vision.load_state_dict(
        {f"body.{name}": value for name, value in mini_towers.seeing(weights_dir).items()}
    )
    model.audio.load_state_dict(heard.state_dict())
    return model


def tokenizer(out: Path) -> Tokens:
    """The same each time: it is made of our own texts."""
    (out / TOKENIZER).write_text(made_tokenizer(LABELS).to_str(), encoding="utf-8")
    return Tokens(out)


def _judged(
    model: Omni, tokens: Tokens, made: Prepared, plan: Plan, path: Path, seconds: float
) -> dict[str, Any]:
    if path.is_file():
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return known
    found = mini_judge.judge(model, tokens, made.valid.part(slice(plan.judged)), CONDITIONS)
    figures = {"cpu_seconds": seconds, "conditions": found}
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="FER+ as .npz, and emodb/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=Path("models"), help="folder of the models")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only-prepare", action="store_true", help="measure the clips, teach the sound tower"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the steps, for a quick look")
    options = parser.parse_args(arguments)
    try:
        plan = Plan().of_steps(options.share)
        if options.only_prepare:
            made = prepared(options.data, options.weights, options.out, CONFIG, plan.amount)
            beginning(options.weights, options.out, made, plan, options.seed)
            return 0
        figures = run(options.data, options.weights, options.out, options.seed, plan)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
