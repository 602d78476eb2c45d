"""A folder as ``training.mini`` reads it, made by the test: drawn faces, spoken noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.training.drawn import _face
from tests.training.voices import say, write_wav
from tutor_emotion.evaluation.ferplus import COLUMNS
from tutor_emotion.training.mini_data import LABELS, WORDS

SPEAKERS = {"03": 100.0, "08": 190.0, "15": 110.0, "16": 210.0}


def write_data(folder: Path, faces: int = 3) -> Path:
    """``faces`` pictures a label and split, one voice a speaker and emotion."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(("ferplus_train", "ferplus_valid")):
        write_faces(folder / f"{name}.npz", faces, seed)
    voices = folder / "emodb"
    voices.mkdir()
    rng = np.random.default_rng(0)
    for speaker, base_hz in SPEAKERS.items():
        for letter in "WLEAFTN":
            write_wav(voices / f"{speaker}a01{letter}a.wav", say(letter, base_hz, rng))
    return folder


def write_faces(path: Path, each: int, seed: int, labels: tuple[str, ...] = LABELS) -> None:
    """Each label ``each`` times, by all ten raters; and one face of which they say surprise."""
    draw = np.random.default_rng(seed)
    columns = [COLUMNS.index(WORDS[label]) for label in labels for _ in range(each)]
    columns.append(COLUMNS.index("surprise"))
    votes = np.zeros((len(columns), len(COLUMNS)), dtype=np.uint8)
    votes[np.arange(len(columns)), columns] = 10
    images = np.stack([_face(draw, column == 1) for column in columns])
    names = np.array([f"{path.stem}{row}" for row in range(len(columns))])
    np.savez(path, images=images, votes=votes, names=names, vote_columns=np.array(COLUMNS))
