"""How fast an omni model is here: ``make bench-r1`` (``ARGS`` as ``--help`` says).

Prints one JSON line. On a GPU: the published size in bf16, on random weights (they cost the same).
On a CPU: a scaled-down model with as many tokens, so that the ratios say something and the figures
do not; there a second is one of the processor, so that others on the machine do not count.
``--checkpoint`` takes the numbers of a folder instead: without it the agreement of shorter windows
says only that the path works. Pictures and sound are on the device already; ``prepare_ms`` is what
making them costs a clip.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.r1_omni.answers import parse
from tutor_emotion.nets.r1_omni.bench_subject import WORDS, Subject, clips, read_sounds, subject
from tutor_emotion.nets.r1_omni.clips import Clip, media_of
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.nets.r1_omni.runner import compile_parts, heard_for
from tutor_emotion.nets.r1_omni.scoring import Scorer, Way

BATCHES = {"cuda": (1, 8, 32, 128), "cpu": (1, 8)}
COMPARED = {"cuda": 512, "cpu": 16}  # clips by which a shorter window of sound is judged
GENERATED = 128  # tokens of a thinking text
ORIGINAL = 122  # tokens of the published demonstrations, one clip at a time
SHORTER_S = (10, 5, 2)
BOUND = 237.0  # clips a second of the exact prefill on one H200: 790 TFLOP/s over 3.33 a clip


def rate(of: Subject, count: int, run: Callable[[], object]) -> float:
    """Clips a second, the median of a few rounds after one that does not count."""
    clock = time.perf_counter if of.device.type == "cuda" else time.process_time
    took = []
    for _ in range(1 + of.rounds):
        _wait(of.device)
        start = clock()
        run()
        _wait(of.device)
        took.append(clock() - start)
    return round(count / statistics.median(took[1:]), 3)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def at_batch(of: Subject, media: Media, count: int) -> dict[str, float]:
    """Scored, and with text, at one batch size; on a GPU with the memory that each took at most."""
    scorer = Scorer.of(of.model, WORDS)
    found: dict[str, float] = {}
    kinds: dict[str, Callable[[], object]] = {
        "scored": lambda: scorer(of.prefix(media)),
        "generated": lambda: _generate(of, media, GENERATED),
    }
    for kind, run in kinds.items():
        if of.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(of.device)
        found[kind] = rate(of, count, run)
        if of.device.type == "cuda":
            gib = torch.cuda.max_memory_allocated(of.device) / 2**30
            found[f"{kind}_gib"] = round(gib, 2)
    return found


@torch.no_grad()
def _generate(of: Subject, media: Media, tokens: int) -> list[list[int]]:
    return of.model.generate(of.prefix(media), max_new_tokens=tokens, eos=-1)


def as_published(of: Subject, media: Media) -> float:
    """One clip at a time, a whole text, parsed: the way of the published script, by our modules."""

    def run() -> None:
        (ids,) = _generate(of, media, ORIGINAL)
        parse("".join(chr(33 + i % 90) for i in ids))

    return rate(of, 1, run)


def ways(of: Subject, media: Media, count: int) -> dict[str, float]:
    """The two ways to score a set's words."""
    both: tuple[Way, Way] = ("packed", "expanded")
    scorers = {way: Scorer.of(of.model, WORDS, way) for way in both}
    return {
        way: rate(of, count, lambda s=scorer: s(of.prefix(media)))  # type: ignore[misc]
        for way, scorer in scorers.items()
    }


@torch.no_grad()
def probabilities(
    of: Subject, batch: Sequence[Clip], sound_s: int, size: int
) -> NDArray[np.float64]:
    """(clips, words), with a window of sound of so many seconds."""
    scorer, config = Scorer.of(of.model, WORDS), heard_for(of.config, sound_s)
    rows = [
        scorer(of.prefix(media_of(batch[n : n + size], config, of.device))).double().softmax(-1)
        for n in range(0, len(batch), size)
    ]
    return torch.cat(rows).cpu().numpy()


def shorter(
    of: Subject,
    batch: Sequence[Clip],
    exact: NDArray[np.float64],
    sound_s: int,
    size: int,
) -> dict[str, float]:
    """A shorter window of sound against the exact one: how fast, how often the same word is the
    likeliest, and how far the probabilities are apart (total variation: 0 the same, 1 all else)."""
    config = heard_for(of.config, sound_s)
    media = media_of(batch[:size], config, of.device)
    scorer = Scorer.of(of.model, WORDS)
    approximate = probabilities(of, batch, sound_s, size)
    return {
        "clips_a_second": rate(of, size, lambda: scorer(of.prefix(media))),
        "same_word": round(float((exact.argmax(1) == approximate.argmax(1)).mean()), 4),
        "distance": round(float(np.abs(exact - approximate).sum(1).mean() / 2), 4),
    }


def report(of: Subject, sounds: Sequence[Int16Sound], batches: Sequence[int]) -> dict[str, Any]:
    """Everything, as one JSON object."""
    many = clips(max(*batches, COMPARED[of.device.type]), sounds)
    largest = max(batches)
    started = time.perf_counter()
    media = {n: media_of(many[:n], of.config, of.device) for n in batches}
    _wait(of.device)
    prepared = (time.perf_counter() - started) * 1e3 / sum(batches)
    steps = tqdm(total=len(batches) + 2 + len(SHORTER_S), unit="step", file=sys.stderr)
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name(of.device) if of.device.type == "cuda" else "cpu",
        "torch": torch.__version__,
        "model": of.name,
        "parameters": sum(p.numel() for p in of.model.parameters()),
        "dtype": str(of.model.dtype).removeprefix("torch."),
        "prepare_ms": round(prepared, 2),
        "clips_a_second": {},
    }
    for n in batches:
        found["clips_a_second"][str(n)] = at_batch(of, media[n], n)
        steps.update()
    found["as_published"] = as_published(of, media[batches[0]])
    steps.update()
    found["ways"] = ways(of, media[largest], largest)
    steps.update()
    found["sound"], exact = {}, probabilities(of, many, 30, largest)
    for sound_s in SHORTER_S:
        found["sound"][f"{sound_s}_s"] = shorter(of, many, exact, sound_s, largest)
        steps.update()
    steps.close()
    return found | ratios(found["clips_a_second"], found["as_published"], of)


def ratios(speed: dict[str, dict[str, float]], published: float, of: Subject) -> dict[str, float]:
    """What batching (the largest against one), and scoring in place of text, are worth; on a GPU
    the share of the bound."""
    rows = list(speed.values())
    first, last = rows[0], rows[-1]
    best = max(row["scored"] for row in rows)
    said = {
        "batched_to_single": round(last["scored"] / first["scored"], 2),
        "scored_to_generated": round(last["scored"] / last["generated"], 2),
        "scored_to_generated_single": round(first["scored"] / first["generated"], 2),
        "scored_to_published": round(best / published, 2),
    }
    return said | ({"of_the_bound": round(best / BOUND, 3)} if of.device.type == "cuda" else {})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--checkpoint", type=Path, help="a folder that r1_omni check took")
    parser.add_argument("--sounds", type=Path, help="16 kHz mono WAV files, for the agreement")
    parser.add_argument("--batch", type=int, action="append", help="a batch size, in place of all")
    parser.add_argument("--compiled", action="store_true", help="torch.compile")
    options = parser.parse_args(arguments)
    try:
        of = subject(choose_device(options.device), options.checkpoint)
        if options.compiled:
            compile_parts(of.model)
        sounds = read_sounds(options.sounds) if options.sounds else ()
        found = report(of, sounds, sorted(options.batch or BATCHES[of.device.type]))
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found | {"compiled": options.compiled}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
