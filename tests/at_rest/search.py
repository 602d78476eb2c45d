"""Finds marked media in any bytes: pictures, planes, sound, packets, and texts made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.at_rest.marks import FACE, ROOM, TONES_HZ, Grating
from tests.at_rest.unwrapping import unwrapped

Floats = NDArray[np.float64]
# How far a peak stands above what is around it in the spectrum. Measured: gratings 10 to 25 where
# they are and at most 5 where not; tones over 300 and at most 10.
GRATING_PEAK, TONE_PEAK = 8.0, 40.0
SAMPLES_HZ = (8_000, 16_000, 24_000, 32_000, 48_000, 96_000)
_BLOCK, _SEGMENT = 1 << 16, 1 << 14
_SHORTEST_ROW, _LONGEST_ROW = 64, 2600  # bytes
_MAGIC = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
_MOST_PIECES = 400


def find(
    haystack: bytes,
    packets: frozenset[bytes] = frozenset(),
    *,
    planes: bool = True,
    depth: int = 2,
) -> set[str]:
    """What of the marked media is in there: of ``face``, ``room``, ``voice``, ``packet``.

    ``planes``: look for raw pixels too; pages of a database's index may be taken for such.
    ``jpeg``: a picture such as ours was begun, though a database may have cut it into pages.
    """
    found = {"packet"} if any(packet in haystack for packet in packets) else set()
    found |= {"jpeg"} if _JPEG in haystack else set()
    for image in _images(haystack):
        found |= in_picture(image)
    for start in range(0, len(haystack), _BLOCK // 2):
        block = np.frombuffer(haystack[start : start + _BLOCK], np.uint8)
        if len(block) >= 4096:
            found |= _in_block(block, planes=planes)
    for inner in unwrapped(haystack) if depth else ():
        found |= find(inner, packets, planes=planes, depth=depth - 1)
    return found


# --- pictures -------------------------------------------------------------------------------------


def _images(haystack: bytes) -> Iterator[NDArray[np.uint8]]:
    for number, match in enumerate(_MAGIC.finditer(haystack)):
        if number >= _MOST_PIECES:
            return
        # One that was cut off is shown as far as it goes, if it seems to end.
        piece = haystack[match.start() : match.start() + (1 << 22)] + b"\xff\xd9"
        encoded = np.frombuffer(piece, np.uint8)
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        if image is not None and min(image.shape[:2]) >= 32:
            yield np.asarray(image, np.uint8)


def in_picture(image: NDArray[np.uint8]) -> set[str]:
    """The gratings in a picture (H, W, 3)."""
    return _gratings(_spectrum(_wide(image.astype(np.float64).mean(axis=2))))


def _wide(rows: Floats) -> Floats:
    return np.asarray(cv2.resize(rows, (512, rows.shape[0]), interpolation=cv2.INTER_LINEAR))


def _gratings(power: Floats) -> set[str]:
    return {mark.name for mark in (FACE, ROOM) if _grating(power, mark) > GRATING_PEAK}


def _grating(power: Floats, mark: Grating) -> float:
    """How far both peaks of the grating stand out, at the scale where they do so most."""
    stands_out = _stand_out(power)
    size = len(power) * 2
    wide = np.arange(size // 64, int(size / 2 / mark.ratio) - 2)
    narrow = np.rint(wide * mark.ratio).astype(int)
    return float(np.minimum(stands_out[wide], stands_out[narrow]).max(initial=0.0))


# --- bytes ----------------------------------------------------------------------------------------


def _in_block(block: NDArray[np.uint8], *, planes: bool) -> set[str]:
    """Raw planes (one byte a sample, or interleaved), and sound in each shape that it may have."""
    if _is_text(block):
        return set()
    found = set[str]()
    for start in range(0, len(block) if planes else 0, _SEGMENT):
        if (rows := _as_rows(block[start : start + _SEGMENT])) is not None:
            found |= _gratings(_spectrum(_wide(rows)))
    for samples in _as_sound(block):
        if _tones(_spectrum(_windows(samples, 1024))):
            return found | {"voice"}
    return found


def _is_text(block: NDArray[np.uint8]) -> bool:
    """Text repeats itself, which looks like stripes; media in a text was unwrapped before."""
    letters = ((block >= 32) & (block < 127)) | ((block >= 9) & (block <= 13))
    return bool(letters.mean() > 0.95 or block.max() == block.min())


def _as_rows(segment: NDArray[np.uint8]) -> Floats | None:
    """The rows of a picture in raw bytes, found by how each resembles the one above it.

    One of its colours: of the steps that it may be interleaved by, the one with the smoothest rows.
    """
    longest = min(_LONGEST_ROW, len(segment) // 6)
    if longest <= _SHORTEST_ROW:
        return None
    steady = segment - segment.mean()
    power = np.abs(np.fft.rfft(steady, 2 * len(steady))) ** 2
    alike = np.fft.irfft(power)[:longest]
    alike = alike / (alike[0] + 1e-9) * len(segment) / (len(segment) - np.arange(longest))
    width = _SHORTEST_ROW + int(alike[_SHORTEST_ROW:].argmax())
    if alike[width] < 0.93:
        return None
    rows = segment[: len(segment) // width * width].reshape(-1, width).astype(np.float64)
    colours = [rows[:, ::n] for n in (1, 2, 3, 4) if width % n == 0 and width // n >= 48]
    return min(colours, key=lambda c: float(np.abs(np.diff(c, axis=1)).mean()))


def _as_sound(block: NDArray[np.uint8]) -> Iterator[Floats]:
    for offset in range(2):
        even = block[offset : offset + (len(block) - offset) // 2 * 2]
        yield even.view("<i2").astype(np.float64)
        yield even.view(">i2").astype(np.float64)
    for offset in range(4):
        fours = block[offset : offset + (len(block) - offset) // 4 * 4].view("<f4")
        with np.errstate(all="ignore"):
            fine = np.isfinite(fours).all() and 0 < np.abs(fours).max() < 1e6
        if fine:
            yield fours.astype(np.float64)
    yield block.astype(np.float64)
    yield _from_mu_law(block)


def _from_mu_law(block: NDArray[np.uint8]) -> Floats:
    flipped = ~block
    size = ((flipped & 15).astype(np.float64) * 8 + 132) * 2.0 ** ((flipped >> 4) & 7) - 132
    return np.where(flipped & 128, -size, size)


def _tones(power: Floats) -> bool:
    stands_out = _stand_out(power)
    size = len(power) * 2
    for rate in SAMPLES_HZ:
        places = [round(size * hz / rate) for hz in TONES_HZ]
        if places[1] >= len(power) - 1:
            continue
        if min(stands_out[p - 1 : p + 2].max() for p in places) > TONE_PEAK:
            others = stands_out.copy()
            for place in places:
                others[max(0, place - 4) : place + 5] = 0
            # What repeats itself, such as rows of a table, has a comb of peaks.
            if (others > TONE_PEAK / 2).sum() <= 6:
                return True
    return False


# --- spectra --------------------------------------------------------------------------------------


def _windows(samples: Floats, size: int) -> Floats:
    count = len(samples) // size
    return samples[: count * size].reshape(count, size)


def _spectrum(rows: Floats) -> Floats:
    """The mean power of the rows, each as loud as the others, without its mean."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows = rows[rows.std(axis=1) > 0]
    if not len(rows):
        return np.zeros(1)
    rows = rows / rows.std(axis=1, keepdims=True) * np.hanning(rows.shape[1])
    return np.asarray((np.abs(np.fft.rfft(rows, axis=1)[:, :-1]) ** 2).mean(axis=0))


def _stand_out(power: Floats) -> Floats:
    """Each place of a spectrum as a multiple of the median around it, itself left out."""
    if len(power) < 64:
        return np.zeros_like(power)
    reach = 12
    padded = np.pad(power, reach, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    around = np.delete(around, [reach - 1, reach, reach + 1], axis=1)
    return np.asarray(power / (np.median(around, axis=1) + 1e-9))
