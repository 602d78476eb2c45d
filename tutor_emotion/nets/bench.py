"""How near our nets are to LiteRT's, and how fast: ``python -m tutor_emotion.nets.bench``.

Prints one JSON object. ``difference`` is the greatest absolute one on the same pictures (mesh
points as a share of the 256 px input; blendshapes as they are). Times are medians in ms. Without an
active expression model an untrained one of the same size is timed, which takes as long.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.core.types import FaceCrop, UInt8Image, Utterance, Window
from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.nets import preprocess, registry
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.face import pose
from tutor_emotion.nets.face.aligned import aligned_grey
from tutor_emotion.nets.face.blendshapes import SUBSET
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.face.expression import ARCHITECTURE, EXPRESSIONS, Expression
from tutor_emotion.nets.face.mesh import INPUT_PX, POINTS
from tutor_emotion.nets.face.reading import BUNDLE, FaceNets
from tutor_emotion.nets.modules import numbers
from tutor_emotion.nets.voice import prosody
from tutor_emotion.nets.weights import read_weights

BATCHES = (1, 8, 32)
LEARNERS = {"cpu": 4, "cuda": 256}  # whose Windows are one batch, where learners are counted
FRAMES_PER_S = 5
SPEAKS_EVERY = 10  # of so many learners one has just said something, two seconds long
ROUNDS = 9
CROP_PX = 192
# Where the face is in scikit-image's astronaut (NASA, public domain): left, top, side in px.
PORTRAIT_FACE = (142, 38, 160)
Floats = NDArray[np.float32]


class Reference:
    """The same two nets in LiteRT, one picture at a time, one thread."""

    def __init__(self, weights_dir: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        def load(member: str) -> Any:
            net = Interpreter(
                model_content=read_weights(weights_dir, BUNDLE, member), num_threads=1
            )
            net.allocate_tensors()
            return net

        self._mesh = load("face_landmarks_detector.tflite")
        self._blendshapes = load("face_blendshapes.tflite")

    def mesh(self, picture: Floats) -> tuple[Floats, float]:
        """(256, 256, 3) in 0..1 → points (478, 3) in px, presence 0..1."""
        out = _invoke(self._mesh, picture[None])
        logit = float(out["Identity_1"].item())
        return out["Identity"].reshape(POINTS, 3), 1.0 / (1.0 + float(np.exp(-logit)))

    def blendshapes(self, points: Floats) -> Floats:
        """Points (478, 3) → (52,)."""
        out = _invoke(self._blendshapes, points[None, SUBSET, :2])
        (values,) = out.values()
        return values


def _invoke(net: Any, value: Floats) -> dict[str, Floats]:
    net.set_tensor(net.get_input_details()[0]["index"], np.ascontiguousarray(value))
    net.invoke()
    return {out["name"]: net.get_tensor(out["index"]) for out in net.get_output_details()}


def pictures(paths: Sequence[Path]) -> list[UInt8Image]:
    """Squares (CROP_PX, CROP_PX, 3): the given files, a portrait if there is one, mirrors, noise.

    Raises:
        BadInput: ``bad_picture``.
    """
    crops = [_read(path) for path in paths]
    skimage = importlib.util.find_spec("skimage")
    if skimage is not None and skimage.origin:
        left, top, side = PORTRAIT_FACE
        portrait = _read(Path(skimage.origin).parent / "data" / "astronaut.png")
        crops.append(portrait[top : top + side, left : left + side])
    rng = np.random.default_rng(0)
    crops += [crop[:, ::-1] for crop in crops]
    crops += [rng.integers(0, 256, (CROP_PX, CROP_PX, 3), dtype=np.uint8) for _ in range(2)]
    size = (CROP_PX, CROP_PX)
    return [cv2.resize(np.ascontiguousarray(crop), size).astype(np.uint8) for crop in crops]


def _read(path: Path) -> UInt8Image:
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise BadInput("bad_picture", f"{path.name} is not a picture that can be read.")
    return bgr[:, :, ::-1].astype(np.uint8)


@torch.inference_mode()
def difference(
    nets: FaceNets, reference: Reference, crops: Sequence[UInt8Image]
) -> dict[str, float]:
    """Greatest absolute difference of each output between our batch and LiteRT's singles."""
    inputs = preprocess.mesh_input(crops, nets.device)
    mesh = nets.mesh(inputs)
    ours = nets.blendshapes(mesh.points)
    worst = {"mesh": 0.0, "presence": 0.0, "blendshapes": 0.0}
    for row, picture in enumerate(inputs.permute(0, 2, 3, 1).cpu().numpy()):
        points, presence = reference.mesh(picture)
        gaps = {
            "mesh": np.abs(points - mesh.points[row].cpu().numpy()).max() / INPUT_PX,
            "presence": abs(presence - mesh.presence[row].item()),
            "blendshapes": np.abs(reference.blendshapes(points) - ours[row].cpu().numpy()).max(),
        }
        worst = {name: max(worst[name], float(gap)) for name, gap in gaps.items()}
    return worst


def median_ms(work: Callable[[], object], device: torch.device) -> float:
    """Median of some runs after one that warms up, GPU included."""
    times = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times[1:])


def face_nets(weights_dir: Path, device: torch.device) -> tuple[FaceNets, str]:
    """The nets as they are served, and the stamp of the expression model."""
    model = registry.active_one(weights_dir, "expression")
    if model is not None:
        return FaceNets(weights_dir, device, model), model.stamp
    net = Expression()
    config = {
        "architecture": ARCHITECTURE,
        "shape": net.shape.as_config(),
        "labels": EXPRESSIONS,
        "trained": {"data": {}, "code": "", "seed": 0, "recipe": "untrained"},
    }
    with tempfile.TemporaryDirectory() as folder:
        model = registry.write_model(
            Path(folder),
            kind="expression",
            version="0",
            config=config,
            tensors=numbers(net),
            card="",
        )
        return FaceNets(weights_dir, device, model), "untrained"


def _expressions(nets: FaceNets) -> Expressions:
    assert nets.expressions is not None  # ``face_nets`` made it
    return nets.expressions


@torch.inference_mode()
def speed(nets: FaceNets, crop: UInt8Image) -> dict[str, dict[str, float]]:
    """ms a face at each batch: ``nets`` mesh and blendshapes alone, ``expression`` that net with
    the alignment before it, ``served`` the whole path from crops to numbers."""
    face = FaceCrop(0.0, 0.0, crop, 0.5, 0.0, 1.0)
    expressions = _expressions(nets)
    result: dict[str, dict[str, float]] = {"nets": {}, "expression": {}, "served": {}}
    for batch in BATCHES:
        inputs = preprocess.mesh_input([crop] * batch, nets.device)
        faces = [face] * batch
        alone = median_ms(lambda x=inputs: nets.blendshapes(nets.mesh(x).points), nets.device)  # type: ignore[misc]
        points = nets.mesh(inputs).points
        seen = median_ms(
            lambda x=inputs, p=points: expressions.look(aligned_grey(x, p)),  # type: ignore[misc]
            nets.device,
        )
        result["expression"][str(batch)] = round(seen / batch, 3)
        served = median_ms(lambda f=faces: nets.look(f), nets.device)  # type: ignore[misc]
        result["nets"][str(batch)] = round(alone / batch, 3)
        result["served"][str(batch)] = round(served / batch, 3)
    return result


@torch.inference_mode()
def parts(nets: FaceNets, crop: UInt8Image, batch: int = 8) -> dict[str, float]:
    """Where the time of one face goes, in ms at ``batch``."""
    crops = [crop] * batch
    inputs = preprocess.mesh_input(crops, nets.device)
    mesh = nets.mesh(inputs)
    points = mesh.points.double().cpu().numpy()
    grey = aligned_grey(inputs, mesh.points)
    work: dict[str, Callable[[], object]] = {
        "preprocess": lambda: preprocess.mesh_input(crops, nets.device),
        "mesh": lambda: nets.mesh(inputs),
        "blendshapes": lambda: nets.blendshapes(mesh.points),
        "aligned": lambda: aligned_grey(inputs, mesh.points),
        "expression": lambda: _expressions(nets).look(grey),
        "pose": lambda: pose.head_rotation(points, np.zeros(batch)),
    }
    return {name: round(median_ms(run, nets.device) / batch, 3) for name, run in work.items()}


def learners(
    runner: CompactRunner, crop: UInt8Image, n: int | None = None, *, speaking: bool = True
) -> int:
    """How many learners one Runner reads live, with Windows of ``n`` in a batch: five crops a
    second each; some of them speak, if ``speaking``."""
    n = n or LEARNERS[runner.device.type]
    crops = tuple(FaceCrop(k / 5, k / 5, crop, 0.5, 0.0, 1.0) for k in range(FRAMES_PER_S))
    said = (_buzz(2.0),) if speaking else ()
    windows = [
        Window(k, 0.0, 1.0, crops, said if k % SPEAKS_EVERY == 0 else (), "ok", "ok", FRAMES_PER_S)
        for k in range(n)
    ]
    return int(n * 1e3 / median_ms(lambda: runner.run(windows), runner.device))


def _buzz(seconds: float) -> Utterance:
    """A buzzing voice."""
    t = np.arange(round(seconds * 16_000)) / 16_000
    buzz = 8000 * np.sign(np.sin(2 * np.pi * 130 * t))
    return Utterance(0.0, seconds, buzz.astype(np.int16))


def prosody_ms() -> dict[str, float]:
    """ms for one utterance of a buzzing voice, by its length in seconds."""
    result = {}
    for seconds in (1, 3, 10):
        utterance = _buzz(seconds)
        took = median_ms(lambda u=utterance: prosody.measure(u), torch.device("cpu"))  # type: ignore[misc]
        result[f"{seconds}_s"] = round(took, 1)
    return result


def report(weights_dir: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """Everything, as one JSON object."""
    crops = pictures(paths)
    devices = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
    result: dict[str, Any] = {"torch": torch.__version__, "pictures": len(crops)}
    reference = Reference(weights_dir)
    for device in devices:
        runner = CompactRunner(weights_dir, device)
        nets, result["expression_model"] = face_nets(weights_dir, runner.device)
        result.setdefault("difference", {})[device] = difference(nets, reference, crops)
        for threads in (1, 2) if device == "cpu" else (torch.get_num_threads(),):
            torch.set_num_threads(threads)
            label = f"cpu_{threads}_threads" if device == "cpu" else device
            result.setdefault("ms_per_face", {})[label] = speed(nets, crops[0])
            result.setdefault("parts_ms_per_face_at_8", {})[label] = parts(nets, crops[0])
            counted = result.setdefault(f"learners_at_{FRAMES_PER_S}_frames_a_second", {})
            counted[label] = learners(runner, crops[0])
    picture = cv2.resize(crops[0], (INPUT_PX, INPUT_PX)).astype(np.float32) / np.float32(255)
    result["litert_ms_per_face"] = round(
        median_ms(lambda: reference.blendshapes(reference.mesh(picture)[0]), torch.device("cpu")), 3
    )
    result["prosody_ms"] = prosody_ms()
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("models"), help="folder of the models")
    parser.add_argument("--picture", type=Path, action="append", default=[], help="a face, cropped")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(json.dumps(report(options.weights, options.picture), indent=2) + "\n")
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
