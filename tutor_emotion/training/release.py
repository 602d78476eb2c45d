"""From the runs of three seeds to the model folder: ``python -m tutor_emotion.training.release``.

The net of the first seed is released, whatever the others gave: choosing the best of three by the
validation split would flatter it. Every figure is measured on the numbers as they are stored.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.ferplus import Faces, majority, plurality, read_faces
from tutor_emotion.nets.face.expression import (
    ARCHITECTURE,
    EXPRESSIONS,
    INPUT_PX,
    Expression,
    fused,
)
from tutor_emotion.nets.registry import SHIPPED, record_shipped, write_model
from tutor_emotion.training.expression import TRAIN, VALID, logits, split

CARD = Path(__file__).with_name("cards") / "expression.md"
ROUNDS = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes ``OUT/expression-VERSION``, or into the package with ``--ship``."""
    options = _parser().parse_args(arguments)
    try:
        model = release(options.runs, options.data, options.out, options.version)
        if options.ship:
            record_shipped(model)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(model.config.metrics, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True, help="folder of seed-0, seed-1 …")
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {TRAIN}, {VALID}")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--version", default="1")
    parser.add_argument("--ship", action="store_true", help="record it in the package's manifest")
    return parser


def release(runs: Path, data: Path, out: Path, version: str) -> Any:
    """The released model (``registry.Model``).

    Raises:
        BadInput: ``run_missing``, or for data that cannot be used.
    """
    folders = sorted(runs.glob("seed-*"), key=lambda path: int(path.name[5:]))
    if not folders or not all((folder / "run.json").is_file() for folder in folders):
        raise BadInput("run_missing", f"{runs} holds no finished run.", hint="Train first.")
    torch.set_num_threads(1)
    valid = read_faces(data / VALID)
    _, held_out = split(read_faces(data / TRAIN), valid)
    nets = [stored(folder) for folder in folders]
    scores = [judged(logits(net, valid), valid) for net in nets]
    first = nets[0]
    clear = held_out[majority(held_out.votes) >= 0]
    temperature = metrics.fit_temperature(
        logits(first, clear).astype(np.float64), majority(clear.votes)
    )
    figures = {
        **detailed(logits(first, valid), valid, temperature),
        "seeds": {
            name: {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
            for name in scores[0]
            if len(values := [score[name] for score in scores]) > 1
        },
        "by_seed": scores,
        "ms_a_face": speed(first),
        "parameters": sum(p.numel() for p in first.parameters()),
    }
    made_by = json.loads((folders[0] / "run.json").read_text(encoding="utf-8"))
    config = {
        "architecture": ARCHITECTURE,
        "shape": first.shape.as_config(),
        "labels": EXPRESSIONS,
        "input": {"px": INPUT_PX, "channels": "grey", "range": [0, 1]},
        "temperature": temperature,
        "trained": made_by,
        "metrics": figures,
    }
    numbers = {name: value.numpy() for name, value in _halves(first).items()}
    card = written_card(config, version)
    return write_model(
        out,
        kind="expression",
        version=version,
        config=config,
        tensors=numbers,
        card=card,
        replace=True,
    )


def stored(folder: Path) -> Expression:
    """The averaged net of a run, with its numbers rounded to the half precision of the file."""
    last = json.loads((folder / "run.json").read_text(encoding="utf-8"))["last"]
    saved = torch.load(folder / last / "last.pt", weights_only=True)
    net = Expression()
    net.load_state_dict(saved["averaged"])
    net.load_state_dict({k: v.float() for k, v in _halves(net).items()}, strict=False)
    return net.eval()


def _halves(net: Expression) -> dict[str, torch.Tensor]:
    state = net.state_dict()
    return {k: v.half() for k, v in state.items() if v.is_floating_point()}


def judged(found: NDArray[np.float32], faces: Faces) -> dict[str, float]:
    """Accuracy and recall by the majority of the votes, and by their plurality."""
    p = metrics.softmax(found.astype(np.float64))
    scores = {}
    for name, truth in (
        ("", majority(faces.votes)),
        ("_plurality", plurality(faces.votes)),
    ):
        rows = truth >= 0
        scores[f"accuracy{name}"] = metrics.accuracy(p[rows], truth[rows])
        scores[f"uar{name}"] = metrics.uar(p[rows], truth[rows])
    return scores


def detailed(found: NDArray[np.float32], faces: Faces, temperature: float) -> dict[str, Any]:
    """Everything that the card tells of one net."""
    truth = majority(faces.votes)
    rows = truth >= 0
    raw, truth = found[rows].astype(np.float64), truth[rows]
    plain, scaled = metrics.softmax(raw), metrics.softmax(raw, temperature)
    return {
        "n": int(rows.sum()),
        "n_plurality": int((plurality(faces.votes) >= 0).sum()),
        **judged(found, faces),
        "macro_f1": metrics.macro_f1(scaled, truth),
        "auc": metrics.auc(scaled, truth),
        "ece": metrics.ece(scaled, truth),
        "ece_uncalibrated": metrics.ece(plain, truth),
        "per_class": {
            label: {"n": one.n, "precision": one.precision, "recall": one.recall, "f1": one.f1}
            for label, one in zip(EXPRESSIONS, metrics.per_class(scaled, truth), strict=True)
        },
    }


@torch.inference_mode()
def speed(net: Expression) -> dict[str, float]:
    """Median ms of processor time a face on one thread, by batch."""
    quick = Expression(net.shape)
    quick.load_state_dict(net.state_dict())
    quick = fused(quick).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    found = {}
    for batch in (1, 8, 32):
        pictures = torch.rand(batch, 1, INPUT_PX, INPUT_PX)
        times = []
        for _ in range(ROUNDS):
            began_s = time.process_time()
            quick(pictures)
            times.append((time.process_time() - began_s) * 1000 / batch)
        found[str(batch)] = round(float(np.median(times)), 2)
    return found


def written_card(config: Mapping[str, Any], version: str) -> str:
    """The model card, with this model's own figures."""
    figures, made_by = config["metrics"], config["trained"]
    rows = [
        f"| {label} | {one['n']} | {_percent(one['precision'])} | {_percent(one['recall'])} |"
        for label, one in figures["per_class"].items()
    ]
    seeds = [
        f"| {name} | {_percent(one['mean'])} | {one['sd'] * 100:.2f} |"
        for name, one in figures["seeds"].items()
    ]
    return Template(CARD.read_text(encoding="utf-8")).substitute(
        version=version,
        parameters=f"{figures['parameters']:,}",
        n=f"{figures['n']:,}",
        n_plurality=f"{figures['n_plurality']:,}",
        accuracy=_percent(figures["accuracy"]),
        accuracy_plurality=_percent(figures["accuracy_plurality"]),
        uar=_percent(figures["uar"]),
        auc=f"{figures['auc']:.3f}",
        ece=f"{figures['ece']:.3f}",
        ece_uncalibrated=f"{figures['ece_uncalibrated']:.3f}",
        temperature=f"{config['temperature']:.3f}",
        per_class="\n".join(rows),
        seeds="\n".join(seeds) or "| (one seed) | | |",
        speed=", ".join(f"{ms} ms at batch {b}" for b, ms in figures["ms_a_face"].items()),
        pictures=f"{made_by['pictures']:,}",
        seed=made_by["seed"],
        code=made_by["code"],
        minutes=round(made_by["seconds"] / 60),
        threads=made_by["threads"],
        torch=made_by["torch"],
        data="\n".join(f"- `{name}`: {digest}" for name, digest in made_by["data"].items()),
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share * 100:.1f} %"


if __name__ == "__main__":
    sys.exit(main())
