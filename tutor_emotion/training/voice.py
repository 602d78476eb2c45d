"""The voice net, from a corpus to a model folder: ``python -m tutor_emotion.training.voice``.

First leave one speaker out, for the figures; then one net on all speakers, which is released. A
run that was stopped goes on with the fold that it was at. On one thread, so that a seed gives the
same numbers again on the same kind of CPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.evaluation import metrics, sounds
from tutor_emotion.nets.registry import SHIPPED, Model, record_shipped, write_model
from tutor_emotion.nets.voice import emotion, features, pitch, usual
from tutor_emotion.nets.voice.emotion import ARCHITECTURE, EMOTIONS, EmotionNet, Shape
from tutor_emotion.training import rooms, svm_baseline, voice_fit, voice_judge, voice_takes
from tutor_emotion.training.provenance import provenance
from tutor_emotion.training.speech import EMODB_MEN, Speech, read_speech
from tutor_emotion.training.voice_fit import Recipe, fit, visits_of
from tutor_emotion.training.voice_judge import answered
from tutor_emotion.training.voice_report import draw_report, written_card
from tutor_emotion.training.voice_takes import CONDITIONS, in_condition, in_drawn_rooms

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SOURCES = (
    sys.modules[__name__],
    sounds,
    emotion,
    features,
    pitch,
    usual,
    rooms,
    svm_baseline,
    voice_fit,
    voice_judge,
    voice_takes,
)
HARD = "telephone_noise_reverb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes ``OUT/voice-VERSION``, or into the package with ``--ship``."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    recipe = replace(Recipe(), **({"epochs": options.epochs} if options.epochs else {}))
    seeds = range(options.seed, options.seed + options.seeds)
    try:
        speech = read_speech(options.data, options.labels)
        model = Training(speech, recipe, tuple(seeds), options.out).release(
            SHIPPED if options.ship else options.out, options.version
        )
        if options.ship:
            record_shipped(model)
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(model.config.metrics, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of EmoDB, or the like")
    parser.add_argument("--out", type=Path, required=True, help="folder for the run")
    parser.add_argument("--labels", help="label map, by path or by name")
    parser.add_argument("--seed", type=int, default=0, help="the first; its net is released")
    parser.add_argument("--seeds", type=int, default=3, help="how many, for the spread")
    parser.add_argument("--epochs", type=int, help=f"default {Recipe().epochs}")
    parser.add_argument("--version", default="1")
    parser.add_argument("--ship", action="store_true", help="write into the package")
    return parser


@dataclass(eq=False)
class Training:
    """One run on one corpus; ``out`` holds what is done already."""

    speech: Speech
    recipe: Recipe
    seeds: tuple[int, ...]
    out: Path
    losses: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(np.unique(self.speech.speakers)) < 3:
            raise BadInput("no_speakers", "To leave one speaker out takes three at least.")
        self.kept = self.out / "takes"
        self.conditions = {name: in_condition(self.speech, name, self.kept) for name in CONDITIONS}
        drawn = (in_drawn_rooms(self.speech, k, self.kept) for k in range(self.recipe.rooms))
        self.takes = [self.conditions["clean"], *drawn]
        self.order = voice_judge.shuffled(len(self.speech), self.seeds[0])

    def release(self, folder: Path, version: str) -> Model:
        """The net of all speakers and the first seed, with what leaving speakers out has shown."""
        began_s = time.monotonic()
        sources = provenance([], SOURCES, self.seeds[0], asdict(self.recipe))
        logits = [self.left_out(seed) for seed in self.seeds]
        net = self.net("all", np.ones(len(self.speech), dtype=bool), self.seeds[0])
        temperature = metrics.fit_temperature(logits[0]["clean"], self.speech.labels)
        figures = self.figures(logits, net)
        seconds = round(time.monotonic() - began_s, 1)
        sources["data"] = {self.speech.name: self.speech.sha256}
        config = {
            "architecture": ARCHITECTURE,
            "shape": asdict(net.shape),
            "labels": EMOTIONS,
            "input": {"rate_hz": 16_000, "numbers": len(features.NAMES), "usual": usual.FORMAT},
            "temperature": temperature,
            "trained": {**sources, "seconds": seconds, "utterances": len(self.speech)},
            "metrics": figures,
        }
        draw_report(self.out, self.losses, logits[0]["clean"], self.speech.labels, figures)
        return write_model(
            folder,
            kind="voice",
            version=version,
            config=config,
            tensors={k: v.numpy() for k, v in net.state_dict().items()},
            card=written_card(config, version),
            replace=True,
        )

    # --- fitting ---------------------------------------------------------------------------------

    def left_out(self, seed: int) -> dict[str, Floats]:
        """Logits (n, 7) under each condition, every speaker's by a net that never heard them."""
        found = {name: np.zeros((len(self.speech), len(EMOTIONS))) for name in CONDITIONS}
        speakers = np.unique(self.speech.speakers)
        for speaker in tqdm(speakers, desc=f"seed {seed}, speakers left out", unit="fold"):
            test = self.speech.speakers == speaker
            net = self.net(f"without-{speaker}", ~test, seed)
            for name, logits in self.judged(net, test):
                found[name][test] = logits
        return found

    def judged(self, net: EmotionNet, test: Flags) -> Iterator[tuple[str, Floats]]:
        """Each condition's logits of the utterances in ``test``."""
        order = np.argsort(np.argsort(self.order)[test])  # as in the whole corpus
        for name, values in self.conditions.items():
            yield name, answered(net, values[test], self.speech.speakers[test], order)[0]

    def net(self, name: str, train: Flags, seed: int) -> EmotionNet:
        """Fitted on the utterances in ``train``, or as it was kept."""
        path = self.out / f"seed-{seed}" / f"{name}.pt"
        made_by = {
            "recipe": asdict(self.recipe),
            "data": self.speech.sha256,
            "inputs": float(np.nansum(np.abs(np.stack(self.takes)))),
        }
        net = EmotionNet(Shape(members=self.recipe.members))
        if path.is_file():
            saved: dict[str, Any] = torch.load(path, weights_only=True)
            if saved["made_by"] != made_by:
                raise BadInput(
                    "other_run",
                    f"{path.parent} holds a run of another recipe, corpus or code.",
                    hint="Give another --out, or remove it.",
                )
            net.load_state_dict(saved["net"])
            self.losses[f"{seed}/{name}"] = saved["losses"]
            return net.eval()
        labels, speakers = self.speech.labels[train], self.speech.speakers[train]
        visits = visits_of([take[train] for take in self.takes], labels, speakers)
        net, losses = fit(visits, self.recipe, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        torch.save({"made_by": made_by, "net": net.state_dict(), "losses": losses}, part)
        part.replace(path)
        self.losses[f"{seed}/{name}"] = losses
        return net

    # --- figures ---------------------------------------------------------------------------------

    def figures(self, logits: Sequence[dict[str, Floats]], net: EmotionNet) -> dict[str, Any]:
        """Everything that the card tells; the first seed's, but for ``seeds``."""
        labels, speakers = self.speech.labels, self.speech.speakers
        clean = logits[0]["clean"]
        plain = metrics.softmax(clean)
        uars = [metrics.uar(one["clean"], labels) for one in logits]
        scaled = voice_judge.nested_temperature(clean, labels, speakers)
        heard = answered(net, self.conditions["clean"], speakers, self.order)[1]
        return {
            "n": len(labels),
            "uar": uars[0],
            "accuracy": metrics.accuracy(plain, labels),
            "macro_f1": metrics.macro_f1(plain, labels),
            "auc": metrics.auc(plain, labels),
            "ece": metrics.ece(scaled, labels),
            "ece_uncalibrated": metrics.ece(plain, labels),
            "seeds": {
                "uar": uars,
                "mean": float(np.mean(uars)),
                "sd": float(np.std(uars, ddof=1)) if len(uars) > 1 else None,
            },
            "per_class": voice_judge.by_class(clean, labels),
            "by_speaker": voice_judge.by_speaker(clean, labels, speakers),
            "by_heard": voice_judge.by_heard(clean, labels, heard),
            "conditions": {
                name: {
                    "uar": metrics.uar(one, labels),
                    "per_class": voice_judge.by_class(one, labels),
                }
                for name, one in logits[0].items()
            },
            "across_sex": self.across_sex(),
            "svm": self.baseline(),
            "ms": self.speed(net),
            "parameters": sum(p.numel() for p in net.parameters()),
        }

    def speed(self, net: EmotionNet) -> dict[str, float]:
        """Median processor time in ms: an utterance into numbers, and 32 of these into answers."""
        z = torch.zeros(32, net.shape.inputs)
        sound = self.speech.sounds[0]
        works: dict[str, Callable[[], object]] = {
            f"the numbers of {len(sound) / 16_000:g} s": lambda: features.functionals(
                features.analyse(sound)
            ),
            "32 answers": lambda: net(z),
        }
        return {name: _median_ms(work) for name, work in works.items()}

    def across_sex(self) -> dict[str, dict[str, float]] | None:
        """Trained on one sex, asked on the other; None where the corpus is not EmoDB's."""
        men = np.isin(self.speech.speakers, sorted(EMODB_MEN))
        if not set(self.speech.speakers) >= EMODB_MEN:
            return None
        found = {}
        for name, train in (("women_from_men", men), ("men_from_women", ~men)):
            net = self.net(name, train, self.seeds[0])
            found[name] = {
                condition: metrics.uar(logits, self.speech.labels[~train])
                for condition, logits in self.judged(net, ~train)
                if condition in ("clean", HARD)
            }
        return found

    def baseline(self) -> dict[str, float]:
        """The machine on log-mel statistics, and on the net's own numbers."""
        labels, found = self.speech.labels, {}
        mel = svm_baseline.mel_statistics(self.speech)
        own = np.nan_to_num(self.conditions["clean"])
        for name, values in (("log_mel", mel), ("functionals", own)):
            for suffix, by_speaker in (("", False), ("_by_speaker", True)):
                said = svm_baseline.answers(values, self.speech, self.order, by_speaker=by_speaker)
                found[name + suffix] = metrics.uar(np.eye(len(EMOTIONS))[said], labels)
        return found


def _median_ms(work: Callable[[], object]) -> float:
    times = []
    with torch.inference_mode():
        for _ in range(9):
            began_s = time.process_time()
            work()
            times.append((time.process_time() - began_s) * 1000)
    return round(float(np.median(times)), 2)


if __name__ == "__main__":
    sys.exit(main())
