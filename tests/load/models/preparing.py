"""How each net's picture is prepared: as its own package does it, and in plausible other ways.

Where another way suits a peer better, that one is reported, so that it is not its preparation
which loses. The pictures are FER+'s: faces that are cut out already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.load.models import face_api_net, fer_net

Pictures = NDArray[np.uint8]  # (n, px, px) grey
Floats = NDArray[np.float32]
Prepare = Callable[[Pictures], Floats]
Resize = Callable[[NDArray[np.uint8], int], Floats]


def bilinear(picture: NDArray[np.uint8], px: int) -> Floats:
    """As OpenCV and a browser's canvas do it."""
    return np.asarray(cv2.resize(picture, (px, px), interpolation=cv2.INTER_LINEAR), np.float32)


def cubic(picture: NDArray[np.uint8], px: int) -> Floats:
    return np.asarray(cv2.resize(picture, (px, px), interpolation=cv2.INTER_CUBIC), np.float32)


def tfjs_bilinear(picture: NDArray[np.uint8], px: int) -> Floats:
    """As ``tf.image.resizeBilinear`` does it unless told otherwise: from the corner, not the
    middle, of each pixel."""
    at = np.arange(px, dtype=np.float32) * (picture.shape[0] / px)
    x, y = np.meshgrid(at, at)
    source = picture.astype(np.float32)
    seen = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def tighter(picture: NDArray[np.uint8], px: int) -> Floats:
    """The middle nine tenths."""
    cut = round(picture.shape[0] * 0.05)
    return bilinear(picture[cut:-cut, cut:-cut], px)


def wider(picture: NDArray[np.uint8], px: int) -> Floats:
    """With a margin of a tenth of its side in all, the edge repeated."""
    add = round(picture.shape[0] * 0.05)
    return bilinear(np.pad(picture, add, mode="edge"), px)


def _fer(resize: Resize) -> Prepare:
    """Grey 64 px, -1..1 (``fer.FER.detect_emotions``) → (n, 1, 64, 64)."""

    def prepare(pictures: Pictures) -> Floats:
        seen = np.stack([resize(picture, fer_net.INPUT_PX) for picture in pictures])
        # Its own pixels are whole numbers after the resize.
        return ((np.round(seen.clip(0, 255)) / 255 - 0.5) * 2)[:, None].astype(np.float32)

    return prepare


def _face_api(resize: Resize) -> Prepare:
    """RGB 112 px less the mean colour, over 255 (``FaceFeatureExtractor``) → (n, 3, 112, 112)."""
    mean = np.array(face_api_net.MEAN_RGB, np.float32).reshape(1, 3, 1, 1)

    def prepare(pictures: Pictures) -> Floats:
        seen = np.stack([resize(picture, face_api_net.INPUT_PX) for picture in pictures])
        return ((seen[:, None] - mean) / 255).astype(np.float32)

    return prepare


# The first of each is the package's own.
FER_WAYS: Mapping[str, Prepare] = {
    "whole picture, bilinear": _fer(bilinear),
    "whole picture, cubic": _fer(cubic),
    "middle nine tenths": _fer(tighter),
    "with a margin": _fer(wider),
}
FACE_API_WAYS: Mapping[str, Prepare] = {
    "whole picture, bilinear as in tfjs": _face_api(tfjs_bilinear),
    "whole picture, bilinear as a canvas": _face_api(bilinear),
    "whole picture, cubic": _face_api(cubic),
    "middle nine tenths": _face_api(tighter),
    "with a margin": _face_api(wider),
}
