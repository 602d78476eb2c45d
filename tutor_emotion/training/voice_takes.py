"""The utterances of a corpus as numbers, clean and as rooms would have them; kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.voice import features, pitch
from tutor_emotion.training import rooms
from tutor_emotion.training.provenance import sha256
from tutor_emotion.training.rooms import CLEAN, HARD, NOISE_10_DB, TELEPHONE, Room, draw_room
from tutor_emotion.training.speech import Speech

Floats = NDArray[np.float64]
CONDITIONS: Mapping[str, Room] = {
    "clean": CLEAN,
    "telephone": TELEPHONE,
    "noise_10_db": NOISE_10_DB,
    "telephone_noise_reverb": HARD,
}


def in_condition(speech: Speech, name: str, folder: Path) -> Floats:
    """(n, d) of the utterances in one of CONDITIONS, the same room for all speakers."""
    same = dict.fromkeys(np.unique(speech.speakers).tolist(), CONDITIONS[name])
    return _kept(speech, name, same, folder)


def in_drawn_rooms(speech: Speech, number: int, folder: Path) -> Floats:
    """(n, d) of the utterances with a room drawn for each speaker, by ``number``."""
    rng = np.random.default_rng([number, 99])
    drawn = {speaker: draw_room(rng) for speaker in np.unique(speech.speakers).tolist()}
    return _kept(speech, f"rooms_{number}", drawn, folder)


def _kept(speech: Speech, name: str, of: Mapping[str, Room], folder: Path) -> Floats:
    """From ``folder``, if the same sounds were measured by the same code; else measured now."""
    path = folder / f"{name}-{_mark(speech, of)}.npy"
    if path.is_file():
        kept: Floats = np.load(path, allow_pickle=False)
        return kept
    values = _measured(speech, name, of)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npy")
    np.save(part, values)
    part.replace(path)
    return values


def _measured(speech: Speech, name: str, of: Mapping[str, Room]) -> Floats:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
    rows = []
    for i, sound in enumerate(tqdm(speech.sounds, desc=name, unit="utterance", leave=False)):
        rng = np.random.default_rng([seed, i])
        heard = features.analyse(rooms.heard_in(sound, of[str(speech.speakers[i])], rng))
        if not features.is_voice(heard):
            raise BadInput("sound_silent", f"{speech.names[i]} holds no voice to learn from.")
        rows.append(features.functionals(heard))
    return np.stack(rows)


def _mark(speech: Speech, of: Mapping[str, Room]) -> str:
    total = hashlib.sha256(f"{speech.sha256} {sorted(of.items())}".encode())
    for module in (features, pitch, rooms):
        if module.__file__:
            total.update(sha256(Path(module.__file__)).encode())
    return total.hexdigest()[:12]
