"""How long each net takes on one thread of the CPU, and how many learners a GPU carries."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from tests.load.models.nets import Net
from tutor_emotion.core.types import FaceCrop, Window
from tutor_emotion.nets import bench
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.face.mesh import INPUT_PX

BATCHES = (1, 8, 32)
ROUNDS = 7
OURS, ORIGINAL = "ours, whole", "original in LiteRT, mesh and blendshapes"
LEARNERS = (32, 128, 512)
Tick = Callable[[str], None]
# By what is timed, then by batch: ms by the clock, and of the processor's time; on a machine with
# nothing else to do they are the same.
Times = dict[str, dict[str, dict[str, float]]]


@contextmanager
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def nets_ms(
    nets: Sequence[Net], ways: Mapping[str, str], images: NDArray[np.uint8], tick: Tick
) -> Times:
    """ms a picture by net and batch, from 48 px grey to probabilities."""
    work = {
        (net.name, batch): _looking(net, ways[net.name], _of_size(images, batch))
        for net in nets
        for batch in BATCHES
    }
    return _by_batch(work, tick)


def face_path_ms(weights_dir: Path, tick: Tick) -> dict[str, Any]:
    """ms a face from a 192 px crop by batch, a face a Window: our Runner's whole face path, to a
    Reading; Google's landmarker in LiteRT, one at a time as its graph is made, to blendshapes.
    ``expression``: whether ours had an expression net to run."""
    crop = bench.pictures([])[0]
    runner = CompactRunner(weights_dir, "cpu")
    reference = bench.Reference(weights_dir)
    face = FaceCrop(0.0, 0.0, crop, 0.5, 0.0, 1.0)
    window = Window(0, 0.0, 1.0, (face,), (), "ok", "ok", 1)
    ((reading, *_),) = runner.run([window])
    size = (INPUT_PX, INPUT_PX)

    def original(count: int) -> None:
        for _ in range(count):
            picture = cv2.resize(crop, size).astype(np.float32) / np.float32(255)
            reference.blendshapes(reference.mesh(picture)[0])

    work: dict[tuple[str, int], Callable[[], object]] = {}
    for batch in BATCHES:
        work[OURS, batch] = _call(runner.run, [window] * batch)
        work[ORIGINAL, batch] = _call(original, batch)
    has = any(name.startswith("expression_") for name in reading.measures)
    return {"expression": has, "ms": _by_batch(work, tick)}


def learners_per_gpu(
    weights_dir: Path, tick: Tick, device: str = "cuda", counts: Sequence[int] = LEARNERS
) -> dict[str, Any]:
    """How many learners, each with a Window of five frames a second, one GPU keeps up with: the
    whole compact Runner, with two seconds of speech from a tenth of them, and with faces alone."""
    runner = CompactRunner(weights_dir, device)
    runner.warm_up()
    crop = bench.pictures([])[0]
    found: dict[str, dict[str, int]] = {}
    for name, speaking in (("faces", False), ("faces and voices", True)):
        for count in counts:
            tick(f"{name}, {count} learners")
            carried = bench.learners(runner, crop, count, speaking=speaking)
            found.setdefault(name, {})[str(count)] = carried
    return {
        "frames_per_s": bench.FRAMES_PER_S,
        "by_windows_a_batch": found,
        "learners": max(found["faces and voices"].values()),
    }


def _looking(net: Net, way: str, images: NDArray[np.uint8]) -> Callable[[], object]:
    return lambda: net.look(images, way)


def _call(function: Callable[[Any], object], argument: Any) -> Callable[[], object]:
    return lambda: function(argument)


def _of_size(images: NDArray[np.uint8], batch: int) -> NDArray[np.uint8]:
    return images[np.arange(batch) % len(images)]


def _by_batch(work: Mapping[tuple[str, int], Callable[[], object]], tick: Tick) -> Times:
    """Medians over rounds in which all take turns, so that others' work hits all alike."""
    walls: dict[tuple[str, int], list[float]] = {key: [] for key in work}
    cpus: dict[tuple[str, int], list[float]] = {key: [] for key in work}
    with one_thread():
        for at in range(ROUNDS + 1):  # the first warms up
            for key, run in work.items():
                tick(f"{key[0]}: batch {key[1]}")
                wall, cpu = time.perf_counter(), time.process_time()
                run()
                if at:
                    cpus[key].append((time.process_time() - cpu) * 1e3 / key[1])
                    walls[key].append((time.perf_counter() - wall) * 1e3 / key[1])
    result: Times = {}
    for (name, batch), found in walls.items():
        wall, cpu = statistics.median(found), statistics.median(cpus[name, batch])
        by_batch = result.setdefault(name, {})
        by_batch[str(batch)] = {"wall": round(wall, 3), "cpu": round(cpu, 3)}
    return result
