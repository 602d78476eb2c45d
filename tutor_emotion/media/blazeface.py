"""BlazeFace, short range: what the net's 896 anchors say, as faces in frame pixels.

The net is ``face_detector.tflite`` of MediaPipe's ``face_landmarker.task`` (Apache-2.0); the
decoding follows its published description: anchors of one size, strides 8 and 16, and a
suppression that blends.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.types import UInt8Image

INPUT_PX = 128
STRIDES = ((8, 2), (16, 6))  # stride in px, anchors at each cell
MIN_SCORE = 0.5
SAME_FACE_IOU = 0.3

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """All in pixels of the frame. ``box``: left, top, right, bottom.

    ``keypoints`` (6, 2): right eye, left eye, nose, mouth, right ear, left ear.
    """

    score: float
    box: Float32
    keypoints: Float32

    @property
    def long_side(self) -> float:
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    @property
    def area(self) -> float:
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))

    @property
    def centre(self) -> tuple[float, float]:
        return float(self.box[0] + self.box[2]) / 2, float(self.box[1] + self.box[3]) / 2


def make_anchors() -> Float32:
    """Centres (896, 2) of the anchors, 0..1."""
    layers = []
    for stride, count in STRIDES:
        cells = INPUT_PX // stride
        ys, xs = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([xs, ys], axis=-1).reshape(-1, 2) + 0.5) / cells
        layers.append(np.repeat(centres, count, axis=0))
    return np.concatenate(layers).astype(np.float32)


ANCHORS = make_anchors()


def letterbox(rgb: UInt8Image) -> tuple[Float32, float, float, float]:
    """The net's input (1, 128, 128, 3) in -1..1, with scale (input px per frame px) and padding."""
    height, width = rgb.shape[:2]
    scale = INPUT_PX / max(height, width)
    new_w, new_h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (INPUT_PX - new_w) // 2, (INPUT_PX - new_h) // 2
    small = cv2.resize(rgb, (new_w, new_h), interpolation=cv2.INTER_AREA)
    padded = np.full((1, INPUT_PX, INPUT_PX, 3), -1.0, np.float32)
    padded[0, top : top + new_h, left : left + new_w] = small * np.float32(1 / 127.5) - 1
    return padded, scale, float(left), float(top)


def decode(
    regressors: Float32, logits: Float32, scale: float, left: float, top: float
) -> list[Face]:
    """Faces, largest first, of the net's raw output (896, 16) and (896,)."""
    kept = np.flatnonzero(logits > np.log(MIN_SCORE / (1 - MIN_SCORE)))
    if not kept.size:
        return []
    raw = regressors[kept].reshape(-1, 8, 2).copy()
    scores = (1 / (1 + np.exp(-np.clip(logits[kept], -50, 50)))).astype(np.float32)
    size = raw[:, 1].copy()
    points = raw + ANCHORS[kept][:, None, :] * INPUT_PX
    centre = points[:, 0]
    boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
    rows = np.concatenate([boxes, points[:, 2:].reshape(-1, 12)], axis=1)
    offset = np.tile(np.array([left, top], np.float32), 8)
    faces = [
        Face(score, row[:4], row[4:].reshape(6, 2))
        for score, row in _merge((rows - offset) / scale, scores)
    ]
    return sorted(faces, key=lambda face: face.area, reverse=True)


def _merge(rows: Float32, scores: Float32) -> list[tuple[float, Float32]]:
    """Suppression that blends: anchors which mean the same face are averaged by their score."""
    order = np.argsort(-scores)
    merged = []
    while order.size:
        same = _iou(rows[order[0], :4], rows[order, :4]) > SAME_FACE_IOU
        same[0] = True
        group = order[same]
        weights = scores[group] / scores[group].sum()
        row = (rows[group] * weights[:, None]).sum(axis=0)
        if row[2] > row[0] and row[3] > row[1] and np.isfinite(row).all():
            merged.append((float(scores[order[0]]), row))
        order = order[~same]
    return merged


def _iou(box: Float32, boxes: Float32) -> Float32:
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    result: Float32 = shared / np.maximum(areas + np.prod(box[2:] - box[:2]) - shared, 1e-6)
    return result
