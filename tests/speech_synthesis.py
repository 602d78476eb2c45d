"""Speech without a person: espeak-ng where it is installed, else formants of our own.

The second one is a source and filter voice after Klatt (1980): a train of glottal pulses with a
falling pitch, three resonators that glide between vowels, and hiss for the consonants. It says
nothing, but a voice activity detector takes it for speech, which is what the tests need.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.int16]
Samples = NDArray[np.float64]

SENTENCES = (
    "I think it is two thirds of the whole.",
    "Wait, I am not sure about that one.",
    "So the bottom number has to be the same.",
    "Can I see how that works again?",
)
PAUSE_S = 1.2
_SYNTHESIS_HZ = 16_000
# First three formants in Hz of some vowels (Peterson and Barney 1952, men, rounded).
_VOWELS = (
    (270, 2290, 3010),
    (730, 1090, 2440),
    (530, 1840, 2480),
    (300, 870, 2240),
    (570, 840, 2410),
)
_BANDWIDTHS = (60.0, 90.0, 150.0)


def speech(seconds: float, rate_hz: int = 48_000) -> Sound:
    """Sentences with pauses of 1.2 s between them: int16 mono, exactly ``seconds`` long."""
    say = _espeak if shutil.which("espeak-ng") else formant_sentence
    parts: list[Sound] = []
    length = 0
    pause = np.zeros(int(PAUSE_S * rate_hz), dtype=np.int16)
    index = 0
    while length < seconds * rate_hz:
        parts += [pause[: len(pause) // 2], say(index % len(SENTENCES), rate_hz), pause]
        length = sum(len(part) for part in parts)
        index += 1
    return np.concatenate(parts)[: int(seconds * rate_hz)]


def _espeak(index: int, rate_hz: int) -> Sound:
    said = subprocess.run(
        ["espeak-ng", "-v", "en", "-s", "150", "--stdout", SENTENCES[index]],
        check=True,
        capture_output=True,
    ).stdout
    with wave.open(io.BytesIO(said)) as file:
        own_rate = file.getframerate()
    # espeak-ng writes to a pipe, so the length in its header is not the true one.
    samples = np.frombuffer(said[44:], dtype="<i2").astype(np.float64)
    return _resample(samples * (12_000 / max(1.0, np.abs(samples).max())), own_rate, rate_hz)


def formant_sentence(index: int, rate_hz: int) -> Sound:
    """About 2.4 s of eight syllables; ``index`` chooses the vowels and the pitch."""
    rng = np.random.default_rng(index)
    parts: list[Samples] = []
    vowels = rng.permutation([0, 1, 2, 3, 4, 1, 2, 0])
    for place, (first, second) in enumerate(zip(vowels, np.roll(vowels, -1), strict=True)):
        pitch = 135.0 - 5.0 * place + rng.uniform(-8, 8)
        parts.append(_consonant(rng))
        parts.append(_syllable(pitch, _VOWELS[first], _VOWELS[second], rng))
    samples = np.concatenate(parts)
    return _resample(samples / np.abs(samples).max() * 12_000, _SYNTHESIS_HZ, rate_hz)


def _consonant(rng: np.random.Generator) -> Samples:
    count = int(rng.uniform(0.04, 0.08) * _SYNTHESIS_HZ)
    hiss = np.diff(rng.normal(0, 1, count + 1))
    return 0.04 * hiss * np.hanning(count)


def _syllable(
    pitch_hz: float,
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    rng: np.random.Generator,
) -> Samples:
    count = int(rng.uniform(0.18, 0.28) * _SYNTHESIS_HZ)
    sound = _glottis(count, pitch_hz, rng)
    glide = np.linspace(0, 1, count) ** 2
    for low, high, bandwidth in zip(start, end, _BANDWIDTHS, strict=True):
        sound = _resonate(sound, low + 0.4 * (high - low) * glide, bandwidth)
    envelope = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 400)
    return sound / np.abs(sound).max() * envelope


def _glottis(count: int, pitch_hz: float, rng: np.random.Generator) -> Samples:
    """Pulses whose pitch falls and trembles a little, tilted by about -12 dB an octave."""
    fall = pitch_hz * np.linspace(1.04, 0.95, count)
    phase = np.cumsum((fall + rng.normal(0, 1.0, count)) / _SYNTHESIS_HZ) % 1.0
    flow = np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0.0)
    return np.diff(flow, prepend=0.0) + rng.normal(0, 0.003, count)


def _resonate(sound: Samples, centre_hz: Samples, bandwidth_hz: float) -> Samples:
    """A two-pole resonator with a moving centre."""
    radius = np.exp(-np.pi * bandwidth_hz / _SYNTHESIS_HZ)
    swing = 2 * radius * np.cos(2 * np.pi * centre_hz / _SYNTHESIS_HZ)
    out = np.zeros_like(sound)
    one = two = 0.0
    for n, (sample, turn) in enumerate(zip(sound, swing, strict=True)):
        value = sample * (1 - radius) + turn * one - radius * radius * two
        out[n] = value
        one, two = value, one
    return out


def _resample(samples: Samples, from_hz: int, to_hz: int) -> Sound:
    count = round(len(samples) * to_hz / from_hz)
    at = np.linspace(0, len(samples) - 1, count)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
