"""One learner's eye: where nothing moved since the net looked, the faces are where they were."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from tutor_emotion.core.types import UInt8Image
from tutor_emotion.core.windows import FaceSeen
from tutor_emotion.media.blazeface import Face
from tutor_emotion.media.cropping import FaceCropper

MOST_REUSED = 4  # pictures; at five a second the net looks once in a second at least
GLANCE_PX = (80, 60)
STILL = 6.0  # grey levels of a glance's brightest change: half a pixel's shift of a strong edge


class Follower:
    """Crops every picture afresh. Only the search for the face is spared, never a new picture."""

    def __init__(self, cropper: FaceCropper) -> None:
        self._cropper = cropper
        self._faces: Sequence[Face] = ()
        self._searched: UInt8Image | None = None  # a glance at the picture that the net saw
        self._size = (0, 0)
        self._reused = 0

    def look(self, rgb: UInt8Image, *, at_s: float, media_s: float) -> FaceSeen:
        """As ``FaceCropper.look``."""
        glance = _glance(rgb)
        if self._is_still(rgb, glance):
            self._reused += 1
        else:
            self._faces = self._cropper.detect(rgb)
            self._searched, self._size, self._reused = glance, rgb.shape[:2], 0
        return self._cropper.see(rgb, self._faces, at_s=at_s, media_s=media_s)

    def _is_still(self, rgb: UInt8Image, glance: UInt8Image) -> bool:
        if self._searched is None or self._reused >= MOST_REUSED or rgb.shape[:2] != self._size:
            return False
        return bool(cv2.absdiff(glance, self._searched).max() < STILL)


def _glance(rgb: UInt8Image) -> UInt8Image:
    """A small grey picture without its noise."""
    grey = cv2.cvtColor(
        cv2.resize(rgb, GLANCE_PX, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
    )
    return np.asarray(cv2.blur(grey, (3, 3)), dtype=np.uint8)
