"""How good a face crop or a stretch of sound is: a quality 0..1 and the word that says why not.

Numpy only, and the same code for serving and training. Thresholds without a source are our own
choices [D], made so that a dark skin in good light is not "too dark": exposure is judged on the
brightest and darkest tenth of the face, never on its mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.core.types import FaceQuality, Int16Sound, UInt8Image, VoiceQuality

DARK_FRAME = 16.0  # mean luma of a covered or black camera
BRIGHT_FRAME = 245.0
DARK_P90 = 48.0
BRIGHT_P10 = 200.0
FLAT_CONTRAST = 8.0  # standard deviation of luma
BLURRED = 0.012
SHARP = 0.05
SMALL_EYES_PX = 18.0  # distance between the eyes in the decoded frame
FULL_EYES_PX = 40.0  # interocular px at full quality [D]
FULL_TURN = 0.38  # nose offset over eye distance: about 40 degrees of yaw
AWAY_TURN = 0.65  # about 55 degrees
AWAY_QUALITY = 0.3

# Speech that was not clipped has at most 0.1 % of its samples within 2 dB of its peak; clipped at
# 2 % before the codec it has 2 % and more, though the codec rounds its flat tops off the rails
# (measured on four synthetic voices through Opus at 24 kbit/s).
NEAR_PEAK = 0.794
CLIPPED_SHARE = 0.01
CLIPPED_PEAK = 16_384
QUIET_DBFS = -45.0
FULL_LEVEL_DBFS = -32.0
NOISY_SNR_DB = 6.0
FULL_SNR_DB = 18.0
NOISE_DBFS = -30.0  # louder than this without speech is a noisy room
FLOOR_DBFS = -96.0


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """What was measured on one crop.

    ``p10``, ``p90``, ``contrast``: luma 0..255. ``sharpness``: energy of the Laplacian over the
    energy of the luma, no unit. ``eyes_px``: distance between the eyes in the decoded frame.
    ``turn``: sideways offset of the nose from the middle of the eyes, in eye distances.
    """

    p10: float
    p90: float
    contrast: float
    sharpness: float
    eyes_px: float
    turn: float


def luma(rgb: UInt8Image) -> NDArray[np.float32]:
    """Rec. 601 luma 0..255 (H, W) of RGB (H, W, 3)."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(rgb.astype(np.float32) @ weights, dtype=np.float32)


def frame_exposure(mean_luma: float) -> FaceQuality | None:
    """The word for a frame in which nothing can be seen, or None."""
    if mean_luma < DARK_FRAME:
        return "too_dark"
    return "too_bright" if mean_luma > BRIGHT_FRAME else None


def turn_of(keypoints: NDArray[np.float32]) -> tuple[float, float]:
    """(eye distance in px, sideways turn in eye distances) of ``keypoints``.

    (>=3, 2) in px: the right eye, the left eye, the tip of the nose (the detector's order).
    The nose stands about 0.45 eye distances before the eyes, so turn is about 0.45 tan(yaw).
    """
    right, left, nose = keypoints[0], keypoints[1], keypoints[2]
    axis = left - right
    distance = float(np.hypot(axis[0], axis[1]))
    if distance < 1.0:
        return distance, 2.0
    along = float(np.dot(nose - (right + left) / 2, axis)) / distance**2
    return distance, abs(along)


def measure_face(crop: UInt8Image, keypoints: NDArray[np.float32]) -> FaceMeasures:
    """Measure a square RGB crop (side = 1.5 faces) and the detector's keypoints (frame px)."""
    side = crop.shape[0]
    margin = side // 5  # the face itself, without the hair and the room
    grey = luma(crop[margin : side - margin, margin : side - margin])
    eyes_px, turn = turn_of(keypoints)
    p10, p90 = np.percentile(grey, (10, 90))
    contrast = float(grey.std())
    return FaceMeasures(float(p10), float(p90), contrast, _sharpness(grey), eyes_px, turn)


def _sharpness(grey: NDArray[np.float32]) -> float:
    """At a quarter of the crop's resolution: a small, upscaled face is not thereby blurred."""
    height, width = (grey.shape[0] // 3) * 3, (grey.shape[1] // 3) * 3
    small = grey[:height, :width].reshape(height // 3, 3, width // 3, 3).mean(axis=(1, 3))
    inner = small[1:-1, 1:-1]
    around = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:]
    return float(np.var(4 * inner - around) / (np.var(small) + 1.0))


def judge_face(m: FaceMeasures) -> tuple[float, FaceQuality]:
    """Quality 0..1 and its word. ``turned_away`` keeps some quality: where one looks is news."""
    if m.eyes_px < SMALL_EYES_PX and m.turn < AWAY_TURN:
        return 0.0, "too_small"
    if m.p90 < DARK_P90:
        return 0.0, "too_dark"
    if m.p10 > BRIGHT_P10:
        return 0.0, "too_bright"
    if m.sharpness < BLURRED or m.contrast < FLAT_CONTRAST:
        return 0.0, "blurred"
    if m.turn >= AWAY_TURN:
        return AWAY_QUALITY, "turned_away"
    size = _ramp(m.eyes_px, SMALL_EYES_PX, FULL_EYES_PX, low=0.5)
    light = min(
        _ramp(m.p90, DARK_P90, 90.0, low=0.5),
        _ramp(-m.p10, -BRIGHT_P10, -150.0, low=0.5),
    )
    pose = _ramp(-m.turn, -AWAY_TURN, -FULL_TURN, low=AWAY_QUALITY)
    return size * light * pose * _ramp(m.sharpness, BLURRED, SHARP, low=0.5), "ok"


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """``level_dbfs``: RMS (0 = full scale).

    ``clipped_share``: samples within 2 dB of a loud peak, 0..1.
    ``snr_db``: level over the room's noise, None while the room is not known.
    """

    level_dbfs: float
    clipped_share: float
    snr_db: float | None


def level_dbfs(samples: Int16Sound) -> float:
    """RMS level in dB below full scale; digital silence and nothing at all are FLOOR_DBFS."""
    if not samples.size:
        return FLOOR_DBFS
    scaled = samples.astype(np.float32) / 32768.0
    power = float(np.mean(scaled * scaled))
    return max(FLOOR_DBFS, 10.0 * float(np.log10(power + 1e-12)))


def measure_sound(samples: Int16Sound, noise_dbfs: float | None) -> SoundMeasures:
    """Measure int16 mono ``samples`` against the room's noise level."""
    level = level_dbfs(samples)
    height = np.abs(samples.astype(np.int32))
    peak = int(height.max(initial=0))
    share = float(np.mean(height >= NEAR_PEAK * peak)) if peak >= CLIPPED_PEAK else 0.0
    return SoundMeasures(level, share, None if noise_dbfs is None else level - noise_dbfs)


def judge_speech(m: SoundMeasures, gap_share: float = 0.0) -> tuple[float, VoiceQuality]:
    """Quality 0..1 and the word for a stretch of speech."""
    heard = max(0.0, 1.0 - 2.0 * gap_share)
    if m.clipped_share > CLIPPED_SHARE:
        return 0.3 * heard, "clipped"
    if m.level_dbfs < QUIET_DBFS:
        return 0.3 * heard, "too_quiet"
    if m.snr_db is not None and m.snr_db < NOISY_SNR_DB:
        return 0.3 * heard, "noisy"
    loud = _ramp(m.level_dbfs, QUIET_DBFS, FULL_LEVEL_DBFS, low=0.5)
    clear = 1.0 if m.snr_db is None else _ramp(m.snr_db, NOISY_SNR_DB, FULL_SNR_DB, low=0.5)
    return loud * clear * heard, "ok"


def judge_room(m: SoundMeasures) -> VoiceQuality:
    """The word for a stretch of sound in which nobody speaks."""
    if m.clipped_share > CLIPPED_SHARE:
        return "clipped"
    return "noisy" if m.level_dbfs > NOISE_DBFS else "silent"


def _ramp(value: float, start: float, full: float, *, low: float) -> float:
    """From ``low`` at ``start`` to 1 at ``full``, flat outside."""
    share = (value - start) / (full - start)
    return low + (1.0 - low) * min(1.0, max(0.0, share))
