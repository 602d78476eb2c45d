"""What a room, a microphone and a line do to a voice, and what another throat would: all in numpy.

A ``Room`` stays the same for a whole visit of a (virtual) speaker, as a learner's does: so what a
speaker's running statistics take out in training is what they will take out live.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tutor_emotion.core.types import SAMPLE_RATE_HZ

Int16 = NDArray[np.int16]
Floats = NDArray[np.float64]
TELEPHONE_HZ = (300.0, 3400.0)


@dataclass(frozen=True, slots=True)
class Room:
    """``rate`` 1.1 is a tenth higher and faster; ``band_hz`` cuts; ``tilt_db`` an octave, around
    1 kHz; ``reverb_s`` is RT60; ``snr_db`` of noise, pink (``colour`` 1) to white (0);
    ``gain_sd_db`` is how much the level differs from one utterance to the next."""

    rate: float = 1.0
    band_hz: tuple[float, float] | None = None
    tilt_db: float = 0.0
    reverb_s: float = 0.0
    snr_db: float | None = None
    colour: float = 0.5
    gain_db: float = 0.0
    gain_sd_db: float = 0.0


CLEAN = Room()
TELEPHONE = Room(band_hz=TELEPHONE_HZ)
NOISE_10_DB = Room(snr_db=10.0)
HARD = Room(band_hz=TELEPHONE_HZ, snr_db=10.0, reverb_s=0.3)


def draw_room(rng: Generator) -> Room:
    """One of the rooms that learners may sit in; about a fifth are clean but for the throat."""
    telephone = (300 * rng.uniform(0.5, 1.2), 3400 * rng.uniform(0.9, 1.6))
    return Room(
        rate=float(2 ** rng.uniform(-0.35, 0.35)),
        band_hz=telephone if rng.random() < 0.4 else None,
        tilt_db=float(rng.normal(0, 2.0)),
        reverb_s=float(rng.uniform(0.1, 0.5)) if rng.random() < 0.4 else 0.0,
        snr_db=float(rng.uniform(5, 25)) if rng.random() < 0.5 else None,
        colour=float(rng.uniform(0, 1)),
        gain_db=float(rng.uniform(-12, 3)),
        gain_sd_db=float(rng.uniform(0, 4)),
    )


def heard_in(samples: Int16, room: Room, rng: Generator) -> Int16:
    """The utterance (16 kHz mono) as ``room`` would have it; clipped at full scale."""
    sound = samples.astype(np.float64)
    if room.rate != 1.0:
        at = np.arange(0, len(sound) - 1, room.rate)
        sound = np.interp(at, np.arange(len(sound)), sound)
    if room.reverb_s:
        sound = _reverberated(sound, room.reverb_s, rng)
    if room.snr_db is not None:
        sound = sound + _noise(sound, room.snr_db, room.colour, rng)
    if room.band_hz or room.tilt_db:
        sound = _coloured(sound, room)
    gain_db = room.gain_db + rng.normal(0, 1) * room.gain_sd_db
    return np.clip(np.rint(sound * 10 ** (gain_db / 20)), -32768, 32767).astype(np.int16)


def _reverberated(sound: Floats, rt60_s: float, rng: Generator) -> Floats:
    """A direct path and an exponential tail of noise 6 dB under it (Polack's model)."""
    n = round(rt60_s * SAMPLE_RATE_HZ)
    tail = rng.normal(size=n) * 10 ** (-3 * np.arange(n) / n)
    tail[: round(0.002 * SAMPLE_RATE_HZ)] = 0
    tail *= 0.5 / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    size = _fast(len(sound) + n)
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def _noise(sound: Floats, snr_db: float, colour: float, rng: Generator) -> Floats:
    """White noise (colour 0) to pink (1), ``snr_db`` under the whole utterance's power."""
    size = _fast(len(sound))
    spectrum = np.fft.rfft(rng.normal(size=size))
    noise = np.fft.irfft(spectrum * _hz(size) ** (-colour / 2), size)[: len(sound)]
    power = (sound**2).mean() / 10 ** (snr_db / 10)
    scaled: Floats = noise * np.sqrt(power / max((noise**2).mean(), 1e-12))
    return scaled


def _coloured(sound: Floats, room: Room) -> Floats:
    size = _fast(len(sound))
    hz = _hz(size)
    gain = 10 ** (room.tilt_db * np.clip(np.log2(hz / 1000), -3, 3) / 20)
    if room.band_hz:
        low, high = room.band_hz
        gain = gain / np.sqrt((1 + (low / hz) ** 8) * (1 + (hz / high) ** 16))
    return np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[: len(sound)]


def _fast(length: int) -> int:
    return 1 << (length - 1).bit_length()


def _hz(size: int) -> Floats:
    """Of each bin; at least 30, where nothing is heard."""
    hz: Floats = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ), 30.0)
    return hz
