"""Pitch of each 10 ms frame by YIN (de Cheveigné and Kawahara 2002), all frames at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tutor_emotion.core.types import SAMPLE_RATE_HZ

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOW_S, HOP_S = 0.060, 0.010
MIN_HZ, MAX_HZ = 75.0, 500.0
REFERENCE_HZ = 27.5  # semitones count from here, as in GeMAPS (Eyben et al. 2016)
DIP_BELOW = 0.20  # a dip of the normalised difference that is taken for a period
GATE_DB = -55.0  # re full scale: quieter is not voiced, whatever its shape
FLOOR_DB = -120.0
MIN_RUN = 3  # frames; fewer voiced ones in a row are chance

WINDOW = round(WINDOW_S * SAMPLE_RATE_HZ)
HOP = round(HOP_S * SAMPLE_RATE_HZ)
MIN_LAG, MAX_LAG = int(SAMPLE_RATE_HZ / MAX_HZ), int(SAMPLE_RATE_HZ / MIN_HZ) + 1
_MIDDLE = slice(WINDOW // 2 - HOP, WINDOW // 2 + HOP)
_CHUNK = 64  # frames worked on at once: what the processor keeps near; 256 took twice as long


class Pitch(NamedTuple):
    """One value a frame (n,): ``semitones`` re 27.5 Hz (NaN where unvoiced), ``level_db`` re full
    scale, ``hnr_db`` (NaN where unvoiced)."""

    semitones: Floats
    level_db: Floats
    hnr_db: Floats


def track(sound: Floats, dip_below: float = DIP_BELOW) -> Pitch:
    """Sound (samples,) in -1..1 at 16 kHz → Pitch. Shorter than one window: no frames.

    A higher ``dip_below`` finds more pitch in noise, and more that is none.
    """
    if len(sound) < WINDOW:
        empty = np.empty(0)
        return Pitch(empty, empty, empty)
    frames = sliding_window_view(sound, WINDOW)[::HOP]
    chunks = (frames[at : at + _CHUNK] for at in range(0, len(frames), _CHUNK))
    parts = [_track(chunk, dip_below) for chunk in chunks]
    semitones, level, hnr = (np.concatenate(column) for column in zip(*parts, strict=True))
    voiced = _without_short_runs(np.isfinite(semitones))
    return Pitch(
        _median3(np.where(voiced, semitones, np.nan)), level, np.where(voiced, hnr, np.nan)
    )


def _track(frames: Floats, dip_below: float) -> Pitch:
    frames = frames - frames.mean(1, keepdims=True)
    # The middle only: with all 60 ms, every pause would look 50 ms shorter.
    power = (frames[:, _MIDDLE] ** 2).mean(1)
    level = np.maximum(FLOOR_DB, 10 * np.log10(power + 1e-12))
    difference, energy = _difference(frames)
    lags = np.arange(1, MAX_LAG + 1)
    running = np.cumsum(difference[:, 1:], axis=1)
    normal = difference[:, 1:] * lags / np.maximum(running, 1e-12)
    lag, dip = _first_dip(normal[:, MIN_LAG - 1 :], dip_below)
    voiced = (dip < dip_below) & (level > GATE_DB)
    semitones = 12 * np.log2(SAMPLE_RATE_HZ / (lag + MIN_LAG) / REFERENCE_HZ)
    # Harmonic share: normalised autocorrelation at the period (Boersma 1993), whose lag is not
    # whole: at 450 Hz the nearest whole one alone would cost 20 dB.
    at = np.clip(np.rint(lag + MIN_LAG).astype(np.intp), 1, MAX_LAG - 1)
    rows = np.arange(len(frames))
    least = _parabola(*(difference[rows, at + k] for k in (-1, 0, 1)))[1]
    share = 1.0 - np.maximum(least, 0.0) / np.maximum(energy[:, 0] + energy[rows, at], 1e-12)
    share = np.clip(share, 1e-3, 1 - 1e-4)
    hnr = 10 * np.log10(share / (1 - share))
    return Pitch(np.where(voiced, semitones, np.nan), level, np.where(voiced, hnr, np.nan))


def _difference(frames: Floats) -> tuple[Floats, Floats]:
    """YIN's difference function for lags 0..MAX_LAG, and the energy at each lag: (n, lags)."""
    width = WINDOW - MAX_LAG
    # Lags beyond MAX_LAG may wrap around, those up to it do not: a frame's length is enough.
    size = 1 << (WINDOW - 1).bit_length()
    head = np.fft.rfft(frames[:, :width], size)
    whole = np.fft.rfft(frames, size)
    correlation = np.fft.irfft(whole * head.conj(), size)[:, : MAX_LAG + 1]
    total = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = total[:, width : width + MAX_LAG + 1] - total[:, : MAX_LAG + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * correlation, 0.0)
    return difference, energy


def _first_dip(normal: Floats, dip_below: float) -> tuple[Floats, Floats]:
    """The first dip below ``dip_below``, else the deepest: its place (parabola) and its
    depth, (n,)."""
    inner = normal[:, 1:-1]
    is_dip = (inner < dip_below) & (inner <= normal[:, :-2]) & (inner < normal[:, 2:])
    at = np.where(is_dip.any(1), is_dip.argmax(1), inner.argmin(1)) + 1
    rows = np.arange(len(normal))
    left, middle, right = normal[rows, at - 1], normal[rows, at], normal[rows, at + 1]
    return at + _parabola(left, middle, right)[0], middle


def _parabola(left: Floats, middle: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Where the parabola through three neighbours is least (-1..1 from the middle); its value."""
    bend = left - 2 * middle + right
    curved = bend > 1e-12
    shift = np.where(curved, (left - right) / np.where(curved, 2 * bend, 1.0), 0.0)
    shift = np.clip(shift, -1.0, 1.0)
    return shift, middle - 0.25 * (left - right) * shift


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each run of True."""
    edges = np.flatnonzero(np.diff(np.pad(flags.astype(np.int8), 1)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _without_short_runs(flags: Flags) -> Flags:
    kept = np.zeros_like(flags)
    for start, end in runs(flags):
        kept[start:end] = end - start >= MIN_RUN
    return kept


def _median3(values: Floats) -> Floats:
    """Removes single octave jumps; NaN stays NaN, and a neighbour that is NaN does not count."""
    padded = np.pad(values, 1, constant_values=np.nan)
    three = sliding_window_view(padded, 3).copy()
    three[:, 0] = np.where(np.isnan(three[:, 0]), values, three[:, 0])
    three[:, 2] = np.where(np.isnan(three[:, 2]), values, three[:, 2])
    middle: Floats = np.sort(three, axis=1)[:, 1]
    return np.where(np.isnan(values), np.nan, middle)
