"""A picture file as pixels; a truncated one is refused, where most decoders would fill in grey."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from tutor_emotion.core.types import UInt8Image
from tutor_emotion.errors import BadInput, Unavailable

MIN_SIDE_PX, MAX_SIDE_PX = 16, 8192
_DEEP = ("I", "F")  # modes of more than 8 bits, which a conversion would clip to white or black


def read_picture(path: Path) -> UInt8Image:
    """RGB uint8 (height, width, 3), turned as its camera says.

    Raises:
        BadInput: ``file_missing``, ``picture_unreadable``, ``picture_shape``.
        Unavailable: ``library_missing``.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise Unavailable(
            "library_missing",
            "Pictures are read with Pillow, which is not installed.",
            hint="Install tutor-emotion[training].",
            retry=False,
        ) from None
    try:
        with Image.open(path) as opened:
            _refuse_shape(path, *opened.size, opened.mode)  # before anything is decoded
            pixels = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), dtype=np.uint8)
    except FileNotFoundError:
        raise BadInput("file_missing", f"There is no file {path.name}.") from None
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise BadInput("picture_unreadable", f"{path.name} is no whole picture: {error}") from None
    return pixels


def _refuse_shape(path: Path, width: int, height: int, mode: str) -> None:
    if min(height, width) < MIN_SIDE_PX or max(height, width) > MAX_SIDE_PX:
        raise BadInput(
            "picture_shape",
            f"{path.name} is {width} x {height} px; a side has {MIN_SIDE_PX} to {MAX_SIDE_PX}.",
        )
    if mode.startswith(_DEEP):
        raise BadInput(
            "picture_shape",
            f"{path.name} has more than 8 bits a channel.",
            hint="Save it with 8.",
        )
