"""Small data that a test makes itself: drawn faces that smile or do not, and votes for them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tutor_emotion.evaluation.ferplus import COLUMNS


def write_faces(path: Path, n: int, seed: int = 0) -> Path:
    """``n`` pictures, about half of them neutral (a straight mouth), half happy (a bow)."""
    draw = np.random.default_rng(seed)
    images = np.zeros((n, 48, 48), dtype=np.uint8)
    votes = np.zeros((n, len(COLUMNS)), dtype=np.uint8)
    for row in range(n):
        happy = int(draw.random() < 0.5)
        images[row] = _face(draw, bool(happy))
        votes[row, happy] = 8
        votes[row, 2] = 2
    names = np.array([f"{path.stem}{row}" for row in range(n)])
    np.savez(path, images=images, votes=votes, names=names, vote_columns=np.array(COLUMNS))
    return path


def _face(draw: np.random.Generator, happy: bool) -> np.ndarray:
    picture = draw.integers(40, 90, (48, 48)).astype(np.uint8)
    x, y = (int(v) for v in draw.integers(22, 27, 2))
    cv2.ellipse(picture, (x, y), (17, 21), 0, 0, 360, 190, -1)
    for side in (-7, 7):
        cv2.circle(picture, (x + side, y - 6), 2, 30, -1)
    if happy:
        cv2.ellipse(picture, (x, y + 6), (8, 6), 0, 10, 170, 30, 2)
    else:
        cv2.line(picture, (x - 7, y + 9), (x + 7, y + 9), 30, 2)
    return picture
