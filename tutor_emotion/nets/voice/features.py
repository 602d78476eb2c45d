"""One utterance as numbers for the voice net: melody, loudness, voice quality, spectral shape.

The functionals follow GeMAPS (Eyben et al. 2016) where a 16 kHz telephone-grade signal carries
them. They are raw: what is usual for this speaker is taken out later (``usual.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tutor_emotion.core.types import SAMPLE_RATE_HZ
from tutor_emotion.nets.voice.pitch import (
    HOP,
    HOP_S,
    REFERENCE_HZ,
    WINDOW,
    Flags,
    Floats,
    Pitch,
    runs,
    track,
)

FULL_SCALE = 32768.0
LONGEST_S = 10.0  # of more than this only the end is looked at
MELS, MEL_FROM_HZ, MEL_TO_HZ = 32, 60.0, 7600.0
MEL_RANGE_DB = 50.0  # under an utterance's strongest band
CEPSTRA = 12
SPEECH_BELOW_DB, LOUD_BELOW_DB = 30.0, 12.0  # under an utterance's 95th percentile of level
DIP_BELOW = 0.30  # more pitch in noise than prosody's stricter measures want
MIN_FRAMES = 10  # with a pitch; of fewer no melody is told
SHORTEST_S = 0.3
SILENT_DB = -70.0  # re full scale: no voice, whatever it is
SHAPES = ("centroid", "alpha", "hammarberg", "slope_low", "slope_mid", "flux", "h1_h2", "h1_a3")
_SHORT, _FFT, _LONG_FFT = 400, 512, 2048
_OFFSET = (WINDOW - _SHORT) // 2  # short frames sit in the middle of the pitch's
_FLOOR = 1e-10


class Track(NamedTuple):
    """One row a 10 ms frame: ``pitch`` (n,), ``mel`` dB (n, MELS), ``cepstra`` (n, CEPSTRA),
    ``shape`` (n, len(SHAPES)), NaN where it takes a pitch; ``voiced``, ``loud`` (vowels, mostly)
    and ``speech`` (n,) say which frames count."""

    pitch: Pitch
    mel: Floats
    cepstra: Floats
    shape: Floats
    voiced: Flags
    loud: Flags
    speech: Flags


def analyse(samples: NDArray[np.int16]) -> Track:
    """16 kHz mono int16 (at least 60 ms) → its Track."""
    sound = samples[-round(LONGEST_S * SAMPLE_RATE_HZ) :].astype(np.float64) / FULL_SCALE
    sound = sound - sound.mean()
    pitch = track(sound, DIP_BELOW)
    n = len(pitch.level_db)
    short = sliding_window_view(sound[_OFFSET:], _SHORT)[::HOP][:n]
    power = np.abs(np.fft.rfft(short * np.hanning(_SHORT), _FFT)) ** 2
    mel = 10 * np.log10(power @ _mel_bank().T + _FLOOR)
    # What a line or a codec cut off is not silence of the speaker: it is at the bottom, always.
    mel = np.maximum(mel, mel.max(initial=-np.inf) - MEL_RANGE_DB)
    cepstra = (mel - mel.mean(1, keepdims=True)) @ _cosines().T
    voiced = np.isfinite(pitch.semitones)
    top = np.percentile(pitch.level_db, 95)
    loud, speech = (pitch.level_db > top - below for below in (LOUD_BELOW_DB, SPEECH_BELOW_DB))
    shape = np.column_stack([_shapes(power, mel), _harmonics(sound, pitch, voiced)])
    return Track(pitch, mel, cepstra, shape, voiced, loud, speech)


def functionals(heard: Track) -> Floats:
    """(len(NAMES),) of one Track; NaN for what takes a pitch where there is too little of it."""
    parts = (_melody, _loudness, _quality, _timing, _spectrum)
    with np.errstate(invalid="ignore"):
        return np.concatenate([part(heard) for part in parts])


def is_voice(heard: Track) -> bool:
    """Whether there is enough to tell anything of: long enough and no silence."""
    level = heard.pitch.level_db
    return len(level) * HOP_S >= SHORTEST_S and bool(level.max(initial=SILENT_DB) > SILENT_DB)


def _names() -> Iterable[str]:
    yield from ("f0_mean", "f0_sd", "f0_p20", "f0_p50", "f0_p80", "f0_range", "f0_max")
    yield from ("f0_rise", "f0_fall", "f0_slope", "f0_run_sd")
    yield from ("level_p50", "level_sd", "level_p20", "level_range", "level_rise", "level_fall")
    yield from ("peaks_hz", "mod_slow", "mod_syllable", "mod_fast", "level_slope")
    yield from ("jitter", "shimmer", "hnr_mean", "hnr_sd", "hnr_p20")
    yield from ("runs_hz", "run_mean_s", "run_sd_s", "gap_mean_s", "gap_sd_s", "voiced_share")
    yield from ("pause_share",)
    for name in SHAPES:
        yield from (f"{name}_mean", f"{name}_sd")
    yield from (f"{name}_unvoiced" for name in SHAPES[:3])
    for k in range(1, CEPSTRA + 1):
        yield from (f"cep{k}_mean", f"cep{k}_sd", f"cep{k}_move")
    yield from (f"cep{k}_unvoiced" for k in range(1, 5))


NAMES = tuple(_names())


# --- each frame ---------------------------------------------------------------------------------


@cache
def _mel_bank() -> Floats:
    """Triangles of equal area on the mel scale: (MELS, bins)."""
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ)
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (MEL_FROM_HZ, MEL_TO_HZ))
    edges = np.linspace(low, high, MELS + 2)
    hz = 700 * (10 ** (edges / 2595) - 1)
    rise = (bins - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    fall = (hz[2:, None] - bins) / (hz[2:] - hz[1:-1])[:, None]
    bank: Floats = np.clip(np.minimum(rise, fall), 0.0, None)
    bank /= np.maximum(bank.sum(1, keepdims=True), 1e-9)
    return bank


@cache
def _cosines() -> Floats:
    """DCT-II rows 1..CEPSTRA: (CEPSTRA, MELS)."""
    at = (np.arange(MELS) + 0.5) * np.pi / MELS
    rows: Floats = np.cos(np.arange(1, CEPSTRA + 1)[:, None] * at) * np.sqrt(2 / MELS)
    return rows


def _shapes(power: Floats, mel: Floats) -> Floats:
    """Centroid (Hz), alpha ratio, Hammarberg index (dB), two slopes (dB / kHz), flux: (n, 6)."""
    hz: Floats = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ).astype(np.float64)
    db = 10 * np.log10(power + _FLOOR)
    low, high = (hz >= 50) & (hz < 1000), (hz >= 1000) & (hz < 5000)
    centroid = (power @ hz) / (power.sum(1) + _FLOOR)
    alpha = 10 * np.log10((power[:, high].sum(1) + _FLOOR) / (power[:, low].sum(1) + _FLOOR))
    hammarberg = db[:, hz < 2000].max(1) - db[:, (hz >= 2000) & (hz < 5000)].max(1)
    slopes = [_slope_over(db, hz, *band) for band in ((0.0, 500.0), (500.0, 1500.0))]
    moved = np.diff(mel - mel.mean(1, keepdims=True), axis=0, prepend=mel[:1] - mel[:1].mean())
    flux = np.sqrt((moved**2).mean(1))
    return np.column_stack([centroid, alpha, hammarberg, *slopes, flux])


def _slope_over(db: Floats, hz: Floats, low: float, high: float) -> Floats:
    inside = (hz >= low) & (hz <= high)
    x = (hz[inside] - hz[inside].mean()) / 1000
    slope: Floats = (db[:, inside] @ x) / (x @ x)
    return slope


def _harmonics(sound: Floats, pitch: Pitch, voiced: Flags) -> Floats:
    """First harmonic over the second, and over the strongest of 2 to 3.4 kHz, in dB: (n, 2)."""
    found = np.full((len(voiced), 2), np.nan)
    rows = np.flatnonzero(voiced)
    if len(rows) == 0:
        return found
    frames = sliding_window_view(sound, WINDOW)[::HOP][rows] * np.hanning(WINDOW)
    db = 10 * np.log10(np.abs(np.fft.rfft(frames, _LONG_FFT)) ** 2 + _FLOOR)
    step_hz = SAMPLE_RATE_HZ / _LONG_FFT
    f0 = REFERENCE_HZ * 2 ** (pitch.semitones[rows] / 12) / step_hz
    first, second = (_near(db, k * f0) for k in (1, 2))
    third = db[:, round(2000 / step_hz) : round(3400 / step_hz)].max(1)
    found[rows] = np.column_stack([first - second, first - third])
    return found


def _near(db: Floats, at: Floats) -> Floats:
    """The highest of three bins around ``at``, in each row."""
    middle = np.clip(np.rint(at).astype(np.intp), 1, db.shape[1] - 2)
    rows = np.arange(len(db))
    highest: Floats = np.maximum.reduce([db[rows, middle + k] for k in (-1, 0, 1)])
    return highest


# --- over the utterance --------------------------------------------------------------------------


def _melody(heard: Track) -> Floats:
    if heard.voiced.sum() < MIN_FRAMES:
        return np.full(11, np.nan)
    st = heard.pitch.semitones
    voiced = st[heard.voiced]
    p20, p50, p80 = np.percentile(voiced, (20, 50, 80))
    step = np.diff(st) / HOP_S
    step = step[np.isfinite(step)]
    at = np.flatnonzero(heard.voiced) * HOP_S
    slope = np.polyfit(at, voiced, 1)[0]
    spread = [st[a:b].std() for a, b in runs(heard.voiced)]
    return np.array(
        [
            *(voiced.mean(), voiced.std(), p20, p50, p80, p80 - p20, np.percentile(voiced, 95)),
            *(_mean(step[step > 0]), _mean(step[step < 0]), slope, _mean(np.array(spread))),
        ]
    )


def _loudness(heard: Track) -> Floats:
    level = heard.pitch.level_db
    spoken = level[heard.speech]
    top = np.percentile(level, 95)
    p20, p50, p80 = np.percentile(spoken, (20, 50, 80))
    smooth = np.convolve(level, np.ones(5) / 5, "same")
    step = np.diff(smooth)[heard.speech[1:]] / HOP_S
    inner = smooth[1:-1]
    peaks = (inner > smooth[:-2]) & (inner >= smooth[2:]) & (inner > top - 20)
    at = np.flatnonzero(heard.speech) * HOP_S
    return np.array(
        [
            *(p50, spoken.std(), p20 - top, p80 - p20),
            *(_mean(step[step > 0]), _mean(step[step < 0])),
            peaks.sum() / (len(level) * HOP_S),
            *_modulation(np.maximum(level, top - 40)),
            np.polyfit(at, spoken, 1)[0],
        ]
    )


def _modulation(level: Floats) -> list[float]:
    """Share, in dB, of the loudness contour's movement at 0.5-3, 3-7 and 7-16 Hz."""
    spectrum = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)), 1024)) ** 2
    hz = np.fft.rfftfreq(1024, HOP_S)
    bands = [spectrum[(hz >= a) & (hz < b)].sum() for a, b in ((0.5, 3), (3, 7), (7, 16))]
    return [float(10 * np.log10((b + _FLOOR) / (sum(bands) + _FLOOR))) for b in bands]


def _quality(heard: Track) -> Floats:
    """Frame-to-frame stand-ins for jitter (semitones) and shimmer (dB), and the harmonics."""
    if heard.voiced.sum() < MIN_FRAMES:
        return np.full(5, np.nan)
    step = np.abs(np.diff(heard.pitch.semitones))
    both = np.isfinite(step)
    shimmer = np.abs(np.diff(heard.pitch.level_db))[both]
    hnr = heard.pitch.hnr_db[heard.voiced]
    return np.array(
        [
            *(float(np.median(x)) if len(x) else 0.0 for x in (step[both], shimmer)),
            *(hnr.mean(), hnr.std(), np.percentile(hnr, 20)),
        ]
    )


def _timing(heard: Track) -> Floats:
    first, last = np.flatnonzero(heard.speech)[[0, -1]]
    voiced, speech = heard.voiced[first : last + 1], heard.speech[first : last + 1]
    span_s = len(voiced) * HOP_S
    spoken = np.array([b - a for a, b in runs(voiced)]) * HOP_S
    gaps = np.array([b - a for a, b in runs(~voiced)]) * HOP_S
    pauses = sum(b - a for a, b in runs(~speech) if b - a >= 10) * HOP_S
    spread = [float(x.std()) if len(x) else 0.0 for x in (spoken, gaps)]
    return np.array(
        [
            *(len(spoken) / span_s, _mean(spoken), spread[0], _mean(gaps), spread[1]),
            *(voiced.mean(), pauses / span_s),
        ]
    )


def _spectrum(heard: Track) -> Floats:
    loud, rest = heard.loud, heard.speech & ~heard.loud
    rest = rest if rest.any() else loud
    few = heard.voiced.sum() < MIN_FRAMES
    harmonic = np.full((1, 2), np.nan) if few else heard.shape[heard.voiced, -2:]
    shape, cepstra = heard.shape[loud, :-2], heard.cepstra[loud]
    move = np.abs(np.diff(heard.cepstra, axis=0, prepend=heard.cepstra[:1]))[loud].mean(0)
    return np.concatenate(
        [
            *(np.column_stack([x.mean(0), x.std(0)]).ravel() for x in (shape, harmonic)),
            heard.shape[rest, :3].mean(0),
            np.column_stack([cepstra.mean(0), cepstra.std(0), move]).ravel(),
            heard.cepstra[rest, :4].mean(0),
        ]
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
