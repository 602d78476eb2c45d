"""Sound frames of any rate on one 16 kHz line, each where its timestamp says.

By concatenation a lost packet would shorten every pause and shift all that follows; here it becomes
silence of its own length, and is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av import AudioFrame, AudioResampler

from tutor_emotion.core.types import SAMPLE_RATE_HZ, Int16Sound

MAX_GAP_S = 2.0  # a longer hole is a new beginning, not silence
MAX_LATE_S = 0.005
DRIFT = 1e-4  # two sound cards differ by at most so much; the least delay seen may age by it


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """16 kHz mono int16 ``samples`` whose first one is at ``start_s`` on the session clock.

    ``gap`` of them were never received. ``fresh``: they do not continue what came before.
    """

    start_s: float
    samples: Int16Sound
    gap: int
    fresh: bool


class SoundPlacer:
    """One per track and learner."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._form: tuple[int, str, str] | None = None
        self._begun_s = 0.0  # media time of the line's first sample
        self._next_s: float | None = None  # media time that should come next
        self._out = 0  # samples put on the line so far
        self._offset_s = float("inf")  # session clock minus media clock, least delay seen

    def place(self, frame: AudioFrame, at_s: float) -> Placed | None:
        """``frame`` as it arrived at ``at_s`` (session clock); None if its time has passed."""
        if frame.pts is None or frame.time_base is None or not frame.sample_rate:
            return None
        media_s = float(frame.pts * frame.time_base)
        gap_s = 0.0 if self._next_s is None else media_s - self._next_s
        fresh = self._next_s is None or not -MAX_GAP_S < gap_s < MAX_GAP_S
        if fresh:
            self._begin(media_s)
        elif gap_s < -MAX_LATE_S:
            return None
        end_s = media_s + frame.samples / frame.sample_rate
        aged_s = self._offset_s + DRIFT * (end_s - media_s)
        self._offset_s = min(aged_s, at_s - end_s)
        start_s = self._begun_s + self._out / SAMPLE_RATE_HZ + self._offset_s
        tail, gap = np.empty(0, np.int16), 0
        if not fresh and gap_s > MAX_LATE_S:
            tail = self._flush()
            position = round((media_s - self._begun_s) * SAMPLE_RATE_HZ)
            gap = max(0, position - self._out - tail.size)
        sound = np.concatenate([tail, np.zeros(gap, np.int16), self._to_16k(frame)])
        self._next_s = end_s
        self._out += sound.size
        return Placed(start_s, sound, gap, fresh)

    def _begin(self, media_s: float) -> None:
        self._begun_s, self._out, self._offset_s = media_s, 0, float("inf")
        self._resampler = None

    def _flush(self) -> Int16Sound:
        """What the resampler still holds; the next frame does not continue it."""
        resampler, self._resampler = self._resampler, None
        return _joined(resampler.resample(None)) if resampler is not None else _joined([])

    def _to_16k(self, frame: AudioFrame) -> Int16Sound:
        form = _form(frame)
        if self._resampler is None or form != self._form:
            self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            self._form = form
        frame.pts = None  # the resampler counts for itself; we place
        return _joined(self._resampler.resample(frame))


def contiguous(frames: Sequence[tuple[AudioFrame, float]]) -> list[tuple[AudioFrame, float]]:
    """The same sound in fewer frames: those that continue each other exactly become one.

    A resampler costs by the call. The arrival of a joined frame is the one of least delay.
    """
    groups: list[list[tuple[AudioFrame, float]]] = []
    for frame, at_s in frames:
        if groups and _continues(groups[-1][-1][0], frame):
            groups[-1].append((frame, at_s))
        else:
            groups.append([(frame, at_s)])
    return [group[0] if len(group) == 1 else _join(group) for group in groups]


def _continues(last: AudioFrame, frame: AudioFrame) -> bool:
    if last.pts is None or frame.pts is None or _form(frame) != _form(last):
        return False
    counts_samples = frame.time_base == last.time_base == Fraction(1, frame.sample_rate or 1)
    return counts_samples and frame.pts == last.pts + last.samples


def _join(group: Sequence[tuple[AudioFrame, float]]) -> tuple[AudioFrame, float]:
    first = group[0][0]
    samples = np.concatenate([frame.to_ndarray() for frame, _ in group], axis=1)
    whole = AudioFrame.from_ndarray(samples, format=first.format.name, layout=first.layout.name)
    whole.sample_rate, whole.pts, whole.time_base = first.sample_rate, first.pts, first.time_base
    left, arrivals = whole.samples, []
    for frame, at_s in group:
        left -= frame.samples
        arrivals.append(at_s + left / frame.sample_rate)
    return whole, min(arrivals)


def _form(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


def _joined(parts: list[AudioFrame]) -> Int16Sound:
    arrays = [part.to_ndarray().reshape(-1) for part in parts]
    return np.concatenate([np.empty(0, np.int16), *arrays])
