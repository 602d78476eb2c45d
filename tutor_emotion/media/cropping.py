"""The largest face of a frame, upright, as a FaceCrop: all that goes on from a camera."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from tutor_emotion.core.quality import frame_exposure, judge_face, measure_face
from tutor_emotion.core.types import FaceCrop, UInt8Image
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media.blazeface import Face, decode, letterbox
from tutor_emotion.nets.weights import read_weights

BUNDLE = "face_landmarker.task"
MEMBER = "face_detector.tflite"
CROP_FACES = 1.5  # side of the crop in long sides of the face's box
RIVAL_AREA = 0.6  # a second face this large, and nobody knows whose it is
USABLE = frozenset({"ok", "turned_away"})


class FaceCropper:
    """Thread-safe: each thread has its own interpreter (1 thread, about 2 MB)."""

    def __init__(self, weights_dir: Path, *, crop_px: int = 192) -> None:
        """Errors as ``nets.weights.read_weights``."""
        self._model = read_weights(weights_dir, BUNDLE, MEMBER)
        self._crop_px = crop_px
        self._local = threading.local()

    def detect(self, rgb: UInt8Image) -> list[Face]:
        """Faces of an RGB frame (H, W, 3), largest first, in frame pixels."""
        net, input_at, boxes_at, scores_at = self._net()
        tensor, scale, left, top = letterbox(rgb)
        net.set_tensor(input_at, tensor)
        net.invoke()
        regressors, logits = net.get_tensor(boxes_at)[0], net.get_tensor(scores_at)[0, :, 0]
        return decode(regressors, logits, scale, left, top)

    def look(self, rgb: UInt8Image, *, at_s: float, media_s: float) -> FaceSeen:
        """What one RGB frame (H, W, 3) shows: the crop, or the word that says why there is none."""
        return self.see(rgb, self.detect(rgb), at_s=at_s, media_s=media_s)

    def see(
        self, rgb: UInt8Image, faces: Sequence[Face], *, at_s: float, media_s: float
    ) -> FaceSeen:
        """The same, where it is known which ``faces`` are in it, largest first."""
        if not faces:
            word = frame_exposure(float(cv2.mean(rgb)[1]))
            return FaceSeen(at_s, word or "no_face")
        face, others = faces[0], len(faces) - 1
        if others and faces[1].area >= RIVAL_AREA * face.area:
            return FaceSeen(at_s, "ambiguous_face", None, others)
        pixels, roll_deg = cut_upright(rgb, face, self._crop_px)
        quality, word = judge_face(measure_face(pixels, face.keypoints))
        if word not in USABLE:
            return FaceSeen(at_s, word, None, others)
        scale = CROP_FACES * face.long_side / rgb.shape[1]
        crop = FaceCrop(at_s, media_s, pixels, scale, roll_deg, quality)
        return FaceSeen(at_s, word, crop, others)

    def _net(self) -> tuple[Any, int, int, int]:
        if not hasattr(self._local, "net"):
            self._local.net = _open(self._model)
        net: tuple[Any, int, int, int] = self._local.net
        return net


@lru_cache(maxsize=4)
def shared_cropper(weights_dir: Path, crop_px: int) -> FaceCropper:
    """One for the process; errors as ``FaceCropper``."""
    return FaceCropper(weights_dir, crop_px=crop_px)


def _open(model: bytes) -> tuple[Any, int, int, int]:
    net = Interpreter(model_content=model, num_threads=1)
    net.allocate_tensors()
    outputs = {tuple(d["shape"]): d["index"] for d in net.get_output_details()}
    return net, net.get_input_details()[0]["index"], outputs[1, 896, 16], outputs[1, 896, 1]


def cut_upright(rgb: UInt8Image, face: Face, crop_px: int) -> tuple[UInt8Image, float]:
    """The square around ``face`` (crop_px, crop_px, 3), eyes level, and the roll taken out."""
    eye_x, eye_y = face.keypoints[1] - face.keypoints[0]
    roll = math.atan2(float(eye_y), float(eye_x))
    step = CROP_FACES * face.long_side / crop_px  # frame px for each crop px
    cos, sin = math.cos(roll) * step, math.sin(roll) * step
    half = (crop_px - 1) / 2
    x, y = face.centre
    to_frame = np.array(
        [[cos, -sin, x - cos * half + sin * half], [sin, cos, y - sin * half - cos * half]]
    )
    pixels = cv2.warpAffine(
        rgb,
        to_frame,
        (crop_px, crop_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(pixels, dtype=np.uint8), math.degrees(roll)
