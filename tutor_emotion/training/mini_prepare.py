"""The clips of a run and all that was measured of them, made once and kept in the run's folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.voice import features
from tutor_emotion.training import mini_measures
from tutor_emotion.training.mini_clips import ClipSet
from tutor_emotion.training.mini_data import Clip, Sources, compose, read_sources
from tutor_emotion.training.mini_towers import HeardSounds
from tutor_emotion.training.rooms import Room, heard_in


@dataclass(frozen=True, slots=True)
class Amount:
    """At most ``most`` clips a label, of rare faces at least ``least``; ``held_out`` a label of the
    held-out split; each voice is heard in ``rooms``, the first of which is as recorded."""

    most: int = 700
    least: int = 350
    held_out: int = 120
    rooms: int = 8


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """``train`` and ``valid`` clips; what the sound tower learns from."""

    train: ClipSet
    valid: ClipSet
    heard: HeardSounds


def prepared(
    data: Path, weights_dir: Path, folder: Path, config: OmniConfig, amount: Amount
) -> Prepared:
    """Everything, of the run's ``folder`` where it was measured before.

    Raises:
        BadInput: as ``read_sources``; ``other_run``, where the folder measured other clips.
        Unavailable: ``weights_missing``, ``weights_corrupt``.
    """
    train, valid = read_sources(data)
    clips = compose(train, amount.most, amount.least, np.random.default_rng(0))
    held_out = compose(valid, amount.held_out, 0, np.random.default_rng(1))
    sounds = in_rooms(train.voices.sounds, amount.rooms, np.random.default_rng(0))
    folder.mkdir(parents=True, exist_ok=True)
    seen = _measured(folder / "train.json", train, clips, sounds, weights_dir)
    known = _measured(folder / "valid.json", valid, held_out, valid.voices.sounds, weights_dir)
    labels = np.tile(train.voice_labels, amount.rooms)
    rng = np.random.default_rng(2)
    rooms = rng.integers(amount.rooms, size=len(clips)) * len(train.voices)
    spread = tuple(
        Clip(clip.face, clip.voice + int(room), clip.label)
        for clip, room in zip(clips, rooms, strict=True)
    )
    return Prepared(
        ClipSet(config, train.faces.images, sounds, spread, seen[0], seen[1]),
        ClipSet(config, valid.faces.images, valid.voices.sounds, held_out, known[0], known[1]),
        _heard(folder / "heard.npz", sounds, labels, config),
    )


def in_rooms(
    sounds: tuple[Int16Sound, ...], rooms: int, rng: np.random.Generator
) -> tuple[Int16Sound, ...]:
    """All sounds as recorded, then all of them by another throat and another microphone, and so on.
    No noise and no echo: those are kept for the held-out corruptions."""
    made = list(sounds)
    for _ in range(rooms - 1):
        made += [heard_in(sound, _draw(rng), rng) for sound in sounds]
    return tuple(made)


def _draw(rng: np.random.Generator) -> Room:
    return Room(
        rate=float(2 ** rng.uniform(-0.3, 0.3)),
        tilt_db=float(rng.normal(0, 2)),
        gain_db=float(rng.uniform(-12, 3)),
    )


def _measured(
    path: Path,
    sources: Sources,
    clips: tuple[Clip, ...],
    sounds: tuple[Int16Sound, ...],
    weights_dir: Path,
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Of all faces (nothing of those in no clip) and of all sounds."""
    rows = sorted({clip.face for clip in clips})
    if path.is_file():
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    else:
        faces = mini_measures.of_faces(sources.faces.images[rows], weights_dir)
        known = {"rows": rows, "faces": faces, "voices": mini_measures.of_voices(sounds)}
        path.write_text(json.dumps(known), encoding="utf-8")
    if known["rows"] != rows or len(known["voices"]) != len(sounds):
        raise mini_measures.other_run(path)
    every: list[dict[str, float]] = [{} for _ in range(len(sources.faces))]
    for row, found in zip(rows, known["faces"], strict=True):
        every[row] = found
    return every, known["voices"]


def _heard(
    path: Path, sounds: tuple[Int16Sound, ...], labels: NDArray[np.intp], config: OmniConfig
) -> HeardSounds:
    if not path.is_file():
        np.savez(
            path,
            mels=prepare.mels(sounds, config).numpy(),
            numbers=np.stack([features.functionals(features.analyse(s)) for s in sounds]).astype(
                np.float32
            ),
        )
    with np.load(path, allow_pickle=False) as known:
        if len(known["mels"]) != len(sounds):
            raise mini_measures.other_run(path)
        return HeardSounds(known["mels"], labels, known["numbers"])
