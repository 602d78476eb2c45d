"""Windows as the ingest makes them, without a camera."""

from __future__ import annotations

import numpy as np

from tutor_emotion.core.types import FaceCrop, Utterance, Window


def crop(at_s: float = 1.0, level: int = 120) -> FaceCrop:
    y, x = np.mgrid[0:192, 0:192]
    pixels = np.stack([(x + level) % 256, (y + level) % 256, (x + y) % 256], axis=-1)
    return FaceCrop(at_s, at_s + 0.5, (pixels // 4 * 2 + 60).astype(np.uint8), 0.4, 3.0, 0.9)


def utterance(end_s: float = 2.0) -> Utterance:
    t = np.arange(16_000) / 16_000
    samples = (8000 * np.sin(2 * np.pi * 180 * t)).astype(np.int16)
    return Utterance(end_s - 1.0, end_s, samples)


def window(seq: int = 0, crops: int = 2, utterances: int = 0) -> Window:
    return Window(
        seq=seq,
        start_s=float(seq),
        end_s=seq + 1.0,
        crops=tuple(crop(seq + 0.2 * i) for i in range(crops)),
        utterances=tuple(utterance(seq + 0.5 + 0.1 * i) for i in range(utterances)),
        face="ok" if crops else "no_face",
        voice="ok" if utterances else "silent",
        frames_sampled=5,
    )
