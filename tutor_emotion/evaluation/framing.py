"""A picture of any size as the expression net knows faces: as live, unless it is a crop yet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from tutor_emotion.core.types import UInt8Image
from tutor_emotion.media.cropping import FaceCropper, cut_upright
from tutor_emotion.nets import preprocess
from tutor_emotion.nets.face.aligned import aligned_grey
from tutor_emotion.nets.face.expression import INPUT_PX
from tutor_emotion.nets.face.mesh import FaceMesh
from tutor_emotion.nets.face.reading import BUNDLE, PRESENT_ABOVE
from tutor_emotion.nets.weights import read_weights

CROPPED_UP_TO_PX = 112  # a square no larger is taken for a face that was cut out already
CROP_PX = 192


class Framer:
    """Small squares as they are; others through detector and mesh, as live; where these find no
    face, the middle square. It counts which it did."""

    def __init__(self, weights_dir: Path, device: torch.device) -> None:
        self._weights_dir, self._device = weights_dir, device
        self.as_is = self.aligned = self.no_face = 0

    def frame(self, pictures: Sequence[UInt8Image]) -> Tensor:
        """RGB uint8 (h, w, 3) each → (n, 1, 48, 48) float32 in 0..1.

        Raises:
            Unavailable: ``weights_missing``, ``weights_corrupt``, once a picture needs the mesh.
        """
        return torch.cat([self._one(picture) for picture in pictures])

    def counts(self) -> dict[str, int]:
        return {"as_is": self.as_is, "aligned": self.aligned, "no_face_found": self.no_face}

    def notes(self) -> tuple[str, ...]:
        if not self.no_face:
            return ()
        return (f"no face was found in {self.no_face} pictures: their middle square was used",)

    def _one(self, picture: UInt8Image) -> Tensor:
        height, width = picture.shape[:2]
        if height == width <= CROPPED_UP_TO_PX:
            self.as_is += 1
            return small_grey([picture], self._device)
        found = self._align(picture)
        if found is not None:
            self.aligned += 1
            return found
        self.no_face += 1
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        middle = picture[top : top + side, left : left + side]
        if side > preprocess.MAX_CROP_PX:
            size = (preprocess.MAX_CROP_PX,) * 2
            middle = np.asarray(cv2.resize(middle, size, interpolation=cv2.INTER_AREA), np.uint8)
        return small_grey([middle], self._device)

    def _align(self, picture: UInt8Image) -> Tensor | None:
        faces = self._cropper.detect(picture)
        if not faces:
            return None
        pixels, _ = cut_upright(picture, faces[0], CROP_PX)
        with torch.inference_mode():
            batch = preprocess.mesh_input([pixels], self._device)
            mesh = self._mesh(batch)
            points = mesh.points
            if not float(mesh.presence[0]) > PRESENT_ABOVE or not bool(
                torch.isfinite(points).all()
            ):
                return None
            return aligned_grey(batch, points)

    @cached_property
    def _cropper(self) -> FaceCropper:
        return FaceCropper(self._weights_dir, crop_px=CROP_PX)

    @cached_property
    def _mesh(self) -> FaceMesh:
        blob = read_weights(self._weights_dir, BUNDLE, "face_landmarks_detector.tflite")
        mesh = FaceMesh.from_tflite(blob)
        mesh.to(device=self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return mesh


def small_grey(pictures: Sequence[UInt8Image] | UInt8Image, device: torch.device) -> Tensor:
    """Square uint8 faces, grey (px, px) or RGB (px, px, 3) → (n, 1, 48, 48) in 0..1. The net's own
    input begins at 48 px; smaller ones are enlarged first."""
    return preprocess.expression_input([_enlarged(picture) for picture in pictures], device)


def _enlarged(picture: UInt8Image) -> UInt8Image:
    if picture.shape[0] >= INPUT_PX:
        return picture
    return np.asarray(cv2.resize(picture, (INPUT_PX, INPUT_PX)), dtype=np.uint8)
