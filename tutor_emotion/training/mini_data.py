"""Clips for omni-mini: a face of FER+ beside a voice of EMO-DB that was acted with the same label.

Nobody in them showed a face and spoke at once. Voices of the held-out clips are of speakers that no
training clip has. **FER has no subject ids**: the held-out faces are of its official validation
split, but the same person may be in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tutor_emotion.core.types import Int16Sound
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.ferplus import Faces, majority, read_faces
from tutor_emotion.nets.face.expression import EXPRESSIONS
from tutor_emotion.nets.voice.emotion import EMOTIONS
from tutor_emotion.training.speech import Speech, read_speech

TRAIN, VALID, VOICES = "ferplus_train.npz", "ferplus_valid.npz", "emodb"
# What both corpora name, in DFEW's words: EMO-DB has no surprise, FER+ no boredom.
WORDS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "neutral": "neutral",
    "sad": "sadness",
}
LABELS = tuple(WORDS)
HELD_OUT_SPEAKERS = ("15", "16")  # the last man and the last woman, whatever their voices are like
PAD_PX = 8  # FER+ cuts faces tighter than our ingest does (training/framing.py)


@dataclass(frozen=True, slots=True)
class Clip:
    """Rows of one split's faces and voices; ``label`` indexes LABELS."""

    face: int
    voice: int
    label: int


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Faces and voices of one split; ``face_labels`` (n,) index LABELS, as ``voice_labels`` do."""

    faces: Faces
    face_labels: NDArray[np.intp]
    voices: Speech
    voice_labels: NDArray[np.intp]


def read_sources(data: Path) -> tuple[Sources, Sources]:
    """The training and the held-out split, of what carries one of LABELS.

    Raises:
        BadInput: ``speakers_missing``, ``class_empty``, and as ``read_faces``, ``read_speech``.
    """
    train, valid = read_faces(data / TRAIN), read_faces(data / VALID)
    speech = read_speech(data / VOICES)
    held_out = np.isin(speech.speakers, HELD_OUT_SPEAKERS)
    if not held_out.any() or held_out.all():
        raise BadInput(
            "speakers_missing",
            f"{VOICES} needs the speakers {', '.join(HELD_OUT_SPEAKERS)}, and others.",
            hint="They are held out, and the others are learned from.",
        )
    return _sources(TRAIN, train, _of(speech, ~held_out)), _sources(
        VALID, valid, _of(speech, held_out)
    )


def compose(sources: Sources, most: int, least: int, rng: Generator) -> tuple[Clip, ...]:
    """At most ``most`` clips a label, each face once; where there are fewer faces than ``least``,
    they come again, with other voices."""
    clips: list[Clip] = []
    for label in range(len(LABELS)):
        faces = rng.permutation(np.flatnonzero(sources.face_labels == label))
        count = min(most, max(len(faces), least))
        voices = _repeated(np.flatnonzero(sources.voice_labels == label), count, rng)
        clips += [
            Clip(int(face), int(voice), label)
            for face, voice in zip(_repeated(faces, count, rng), voices, strict=True)
        ]
    return tuple(clips[at] for at in rng.permutation(len(clips)))


def frame(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey face (px, px) with room around it, as our ingest cuts it → RGB, 16 px larger."""
    padded = np.pad(face, PAD_PX, mode="edge")
    return np.repeat(padded[:, :, None], 3, axis=2)


def voice_of(sources: Sources, clip: Clip) -> Int16Sound:
    """16 kHz mono."""
    return sources.voices.sounds[clip.voice]


def _sources(name: str, faces: Faces, voices: Speech) -> Sources:
    named = _labelled(majority(faces.votes), EXPRESSIONS)
    said = _labelled(voices.labels, EMOTIONS)
    kept, heard = faces[named >= 0], _of(voices, said >= 0)
    named, said = named[named >= 0], said[said >= 0]
    for place, labels in ((name, named), (VOICES, said)):
        missing = [word for at, word in enumerate(LABELS) if at not in labels]
        if missing:
            raise BadInput("class_empty", f"{place} has no {', '.join(missing)} in this split.")
    return Sources(kept, named, heard, said)


def _labelled(rows: NDArray[np.intp], names: tuple[str, ...]) -> NDArray[np.intp]:
    """Places in ``names`` (n,) → in LABELS, -1 where that has none."""
    table = np.full(len(names) + 1, -1, dtype=np.intp)  # the last row is for -1: no label
    for at, word in enumerate(LABELS):
        table[names.index(WORDS[word])] = at
    return table[rows]


def _of(speech: Speech, rows: NDArray[np.bool_]) -> Speech:
    at = np.flatnonzero(rows)
    return Speech(
        speech.name,
        tuple(speech.sounds[i] for i in at),
        speech.labels[at],
        speech.speakers[at],
        tuple(speech.names[i] for i in at),
    )


def _repeated(rows: NDArray[np.intp], count: int, rng: Generator) -> NDArray[np.intp]:
    """``count`` of them, each as often as any other but for one; shuffled anew at each round."""
    rounds = [rng.permutation(rows) for _ in range(-(-count // len(rows)))]
    return np.concatenate(rounds)[:count]
