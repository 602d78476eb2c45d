"""From the seeds' runs to the shipped folder: ``python -m tutor_emotion.training.mini_release``.

The first seed's model after GRPO is released, whatever the others gave. Its own figures are of the
numbers as they are stored: of what it generates, and of the fast path that live Windows take.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.evaluation import metrics
from tutor_emotion.nets.r1_omni import checkpoint, labels
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.runner import MINI
from tutor_emotion.nets.r1_omni.scoring import Scorer
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training import grpo, mini, mini_report, sft
from tutor_emotion.training.completions import asked
from tutor_emotion.training.mini_clips import CONDITIONS, ClipSet
from tutor_emotion.training.mini_data import LABELS, TRAIN, VALID, VOICES
from tutor_emotion.training.mini_judge import judge
from tutor_emotion.training.mini_prepare import prepared
from tutor_emotion.training.omni_run import LAST
from tutor_emotion.training.provenance import provenance

CARD = Path(__file__).with_name("cards") / "omni_mini.md"
FIGURES, CARD_NAME = "figures.json", "CARD.md"
STILL = ("clean", "face only", "voice only")  # what live Windows are like
BATCH = 64


def release(
    data: Path, weights_dir: Path, out: Path, folder: Path, plan: mini.Plan, today: str
) -> dict[str, Any]:
    """Writes ``folder``: weights, config, tokenizer, scoring, record, card, figures; the figures.

    Raises:
        BadInput: ``run_missing``, ``run_unreadable``, or for data that cannot be used.
        Unavailable: as ``mini.run``.
    """
    torch.set_num_threads(1)
    seeds = mini_report.read_seeds(out)
    first = next(iter(seeds))
    made = prepared(data, weights_dir, out, mini.CONFIG, plan.amount)
    tokens = mini.tokenizer(out)
    model = mini.beginning(weights_dir, out, made, plan, first)
    learned(model, out / f"seed-{first}" / "grpo" / LAST)
    model = stored(model, tokens, today)
    judged, others = made.valid.part(slice(plan.judged)), made.valid.part(slice(plan.judged, None))
    scored = labels.label_set("mini")
    temperature = metrics.fit_temperature(*scores(model, tokens, others))
    figures = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "trained": {
            **provenance(
                [data / name for name in (TRAIN, VALID, VOICES)], [mini, sft, grpo], first, {}
            ),
            "cpu_seconds": {s: one["cpu_seconds"] for s, one in seeds[first].items()},
        },
        "clips": {
            "cold": plan.cold_clips,
            "train": len(made.train) - plan.cold_clips,
            "judged": len(judged),
            "fitted": len(others),
        },
        "seeds": list(seeds),
        "stages": mini_report.summary(seeds),
        "shipped": judge(model, tokens, judged, CONDITIONS),
        "scored": {
            name: _scored(model, tokens, CONDITIONS[name](judged), temperature) for name in STILL
        },
        "temperature": temperature,
    }
    checkpoint.save(folder, model, tokens, today=today, dtype=torch.float16)
    labels.write_scoring(folder, replace(scored, temperature=temperature))
    text = json.dumps(figures, indent=1) + "\n"
    (folder / FIGURES).write_text(text, encoding="utf-8")
    (folder / CARD_NAME).write_text(card(figures, seeds, plan), encoding="utf-8")
    return figures


def learned(model: Omni, path: Path) -> None:
    """Give ``model`` what a run of all its learning parts kept.

    Raises:
        BadInput: ``run_unreadable``.
    """
    try:
        numbers = torch.load(path, weights_only=True)["learned"]
    except (OSError, RuntimeError, EOFError, KeyError) as error:
        raise BadInput("run_unreadable", f"{path} is no checkpoint of ours: {error}") from None
    model.load_state_dict(numbers, strict=False)


def stored(model: Omni, tokens: Tokens, today: str) -> Omni:
    """The model as it comes back from the half precision of its file."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), model, tokens, today=today, dtype=torch.float16)
        return checkpoint.load(Path(folder)).model


@torch.inference_mode()
def scores(
    model: Omni, tokens: Tokens, clips: ClipSet
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The fast path's scores (n, labels) of clips of one layout, by LABELS; and the truth."""
    words = labels.label_set("mini").words
    scorer = Scorer(model, tokens, words)
    order = [words.index(label) for label in LABELS]
    found = []
    for at in range(0, len(clips), BATCH):
        drawn = [clips.plain(index) for index in range(at, min(at + BATCH, len(clips)))]
        (part,) = asked(drawn, tokens, torch.device("cpu"), BATCH)
        found.append(scorer(model.prefix(part.media, part.prompt)).double().numpy()[:, order])
    truth = np.array([clip.label for clip in clips.clips], dtype=np.intp)
    return np.concatenate(found), truth


def _scored(model: Omni, tokens: Tokens, clips: ClipSet, temperature: float) -> dict[str, float]:
    found, truth = scores(model, tokens, clips)
    p = metrics.softmax(found, temperature)
    return {
        "n": len(truth),
        "war": metrics.accuracy(p, truth),
        "uar": metrics.uar(p, truth),
        "ece": metrics.ece(p, truth),
    }


def card(figures: Mapping[str, Any], seeds: mini_report.Seeds, plan: mini.Plan) -> str:
    """The model card, with this model's own figures."""
    own, trained = figures["shipped"], figures["trained"]
    rows = [
        f"| {name} | "
        + " | ".join(mini_report.shown(key, one[key]) for key in mini_report.SHOWN)
        + " |"
        for name, one in own.items()
    ]
    fast = [
        f"| {name} | {100 * one['war']:.1f} | {100 * one['uar']:.1f} | {one['ece']:.3f} |"
        for name, one in figures["scored"].items()
    ]
    return Template(CARD.read_text(encoding="utf-8")).substitute(
        parameters=f"{figures['parameters']:,}",
        shipped="\n".join(rows),
        scored="\n".join(fast),
        temperature=f"{figures['temperature']:.3f}",
        tables=mini_report.tables(seeds),
        differences=mini_report.differences(seeds),
        seeds=", ".join(map(str, figures["seeds"])),
        **{f"n_{name}": f"{count:,}" for name, count in figures["clips"].items()},
        lost=f"{100 * plan.lost:.0f}",
        cold_steps=plan.cold.steps,
        cold_batch=plan.cold.batch,
        steps=plan.grpo.steps,
        prompts=plan.grpo.prompts,
        group=plan.grpo.group,
        **{f"{stage}_s": round(took) for stage, took in trained["cpu_seconds"].items()},
        seed=trained["seed"],
        code=trained["code"],
        torch=trained["torch"],
        data="\n".join(f"- `{name}`: {digest}" for name, digest in trained["data"].items()),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="FER+ as .npz, and emodb/")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the seeds' runs")
    parser.add_argument("--weights", type=Path, default=Path("models"), help="folder of the models")
    parser.add_argument("--share", type=float, default=1.0, help="as it was trained with")
    parser.add_argument("--images", type=Path, help="draw the pictures into this folder")
    parser.add_argument("--ship", action="store_true", help="into the package, not into --out")
    options = parser.parse_args(arguments)
    try:
        folder = MINI if options.ship else options.out / MINI.name
        plan, today = mini.Plan().of_steps(options.share), datetime.date.today().isoformat()
        release(options.data, options.weights, options.out, folder, plan, today)
        images = options.images or options.out
        seeds = mini_report.read_seeds(options.out)
        mini_report.draw_stages(seeds, images / "omni-mini.png")
        mini_report.draw_curves(options.out, seeds, images / "omni-mini-grpo.png")
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
