"""How good a voice net is on speakers that it has not heard: causally, utterance by utterance."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.evaluation import metrics
from tutor_emotion.nets.voice.emotion import EMOTIONS, EmotionNet
from tutor_emotion.nets.voice.usual import Usual, against_usual

Floats = NDArray[np.float64]
HEARD = {"0": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10+": (10, 10_000)}


def shuffled(n: int, seed: int) -> NDArray[np.intp]:
    """In which order the utterances of a corpus are heard: by chance, fixed by the seed."""
    return np.random.default_rng([seed, 7]).permutation(n).astype(np.intp)


@torch.inference_mode()
def answered(
    net: EmotionNet, values: Floats, speakers: NDArray[np.str_], order: NDArray[np.intp]
) -> tuple[Floats, NDArray[np.intp]]:
    """Logits (n, 7) of each utterance against that speaker's earlier ones in ``order``, and how
    many those were (n,)."""
    population = net.population
    z = np.zeros((len(values), values.shape[1] + 1))
    heard = np.zeros(len(values), dtype=np.intp)
    usual: dict[str, Usual] = {}
    for i in order:
        own = usual.get(str(speakers[i]), Usual.empty(values.shape[1]))
        heard[i], z[i] = own.count, against_usual(values[i], own, population)
        known = np.where(np.isfinite(values[i]), values[i], population.expected(own))
        usual[str(speakers[i])] = own.after(known)
    logits = net.eval()(torch.as_tensor(z, dtype=torch.float32))
    return logits.numpy().astype(np.float64), heard


def by_heard(logits: Floats, labels: NDArray[np.intp], heard: NDArray[np.intp]) -> dict[str, Any]:
    """Unweighted recall by how many utterances of the speaker were heard before."""
    found = {}
    for name, (least, most) in HEARD.items():
        rows = (heard >= least) & (heard <= most)
        if rows.any():
            uar = metrics.uar(metrics.softmax(logits[rows]), labels[rows])
            found[name] = {"n": int(rows.sum()), "uar": uar}
    return found


def by_speaker(
    logits: Floats, labels: NDArray[np.intp], speakers: NDArray[np.str_]
) -> dict[str, float]:
    """Unweighted recall of each speaker over the classes that they speak."""
    return {
        str(s): metrics.uar(metrics.softmax(logits[speakers == s]), labels[speakers == s])
        for s in np.unique(speakers)
    }


def by_class(logits: Floats, labels: NDArray[np.intp]) -> dict[str, dict[str, Any]]:
    """Precision, recall and F1 of each emotion."""
    scores = metrics.per_class(metrics.softmax(logits), labels)
    return {
        label: {"n": one.n, "precision": one.precision, "recall": one.recall, "f1": one.f1}
        for label, one in zip(EMOTIONS, scores, strict=True)
    }


def nested_temperature(
    logits: Floats, labels: NDArray[np.intp], speakers: NDArray[np.str_]
) -> Floats:
    """Probabilities where each speaker's were scaled by a temperature fitted to the others."""
    scaled = np.zeros_like(logits)
    for speaker in np.unique(speakers):
        rows = speakers == speaker
        fitted = metrics.fit_temperature(logits[~rows], labels[~rows])
        scaled[rows] = metrics.softmax(logits[rows], fitted)
    return scaled
