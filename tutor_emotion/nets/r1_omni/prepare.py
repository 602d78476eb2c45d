"""Pictures and sound → what the towers take. One path for training and serving.

Pictures: eight spread over the clip, made square, resized by Pillow (bicubic; torch's own differs
by up to two levels of 255), scaled to −1..1, as SigLIP was trained. Sound: 16 kHz → log-mel (25 ms
windows, 10 ms hop, Slaney's filters, the loudest 80 dB), as Whisper was trained; cut, or filled
with silence, to the model's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.config import Aspect, OmniConfig

RATE_HZ, HOP, WINDOW = 16_000, 160, 400
GREY = 127  # the mean colour of SigLIP's training, as a byte
MIN_PX, MAX_PX = 2, 4096


def frames(
    pictures: Sequence[NDArray[np.uint8]], config: OmniConfig, aspect: Aspect | None = None
) -> Tensor:
    """RGB uint8 pictures (height, width, 3), in time → (num_frames, 3, px, px) in −1..1.

    Too many are thinned, too few repeated, evenly. ``aspect`` None is the config's own.

    Raises:
        BadInput: ``no_frames``; ``bad_picture``, with the number of the first that is none.
    """
    if not len(pictures):
        raise BadInput("no_frames", "The clip has no pictures.", hint="Pass only the sound.")
    chosen = frame_numbers(len(pictures), config.num_frames)
    made: dict[int, Tensor] = {}
    for number in chosen:
        if number not in made:
            made[number] = _picture(pictures[number], number, config, aspect or config.aspect)
    return torch.stack([made[number] for number in chosen])


def frame_numbers(have: int, want: int) -> list[int]:
    """The middles of ``want`` equal parts of a clip of ``have`` pictures, halves rounded up."""
    return [((2 * part + 1) * (have - 1) + want) // (2 * want) for part in range(want)]


def mel(sound: NDArray[np.int16] | NDArray[np.float32], config: OmniConfig) -> Tensor:
    """Mono sound at 16 kHz (int16, or float32 in −1..1) → (bins, mel_frames).

    What is longer than the model's window is cut off at the end, as in the published code: give
    pictures of the same span.

    Raises:
        BadInput: ``no_sound``, for none; ``bad_sound``, for what is no sound.
    """
    return mels([sound], config)[0]


def mels(
    sounds: Sequence[NDArray[np.int16] | NDArray[np.float32]],
    config: OmniConfig,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Several at once, on any device → (batch, bins, mel_frames). Errors as ``mel``."""
    length = config.audio.mel_frames * HOP
    batch = np.zeros((len(sounds), length), dtype=np.float32)
    for row, sound in zip(batch, sounds, strict=True):
        heard = _samples(sound, length)
        row[: len(heard)] = heard
    return log_mel(torch.from_numpy(batch).to(device), config.audio.bins)


def log_mel(samples: Tensor, bins: int) -> Tensor:
    """(batch, n · 160) samples in −1..1 → (batch, bins, n), as Whisper's front end gives them."""
    window = torch.hann_window(WINDOW, device=samples.device)
    spectrum = torch.stft(samples, WINDOW, HOP, window=window, return_complex=True)
    power = spectrum[..., :-1].abs().square()
    logs = (_filters(bins).to(samples.device) @ power).clamp(min=1e-10).log10()
    floor = logs.amax(dim=(1, 2), keepdim=True) - 8.0
    return (torch.maximum(logs, floor) + 4.0) / 4.0


@lru_cache(maxsize=8)
def _filters(bins: int) -> Tensor:
    from transformers.audio_utils import mel_filter_bank

    bank = mel_filter_bank(
        num_frequency_bins=1 + WINDOW // 2,
        num_mel_filters=bins,
        min_frequency=0.0,
        max_frequency=RATE_HZ / 2,
        sampling_rate=RATE_HZ,
        norm="slaney",
        mel_scale="slaney",
    )
    return torch.from_numpy(bank.T).to(torch.float32)


def _picture(picture: Any, number: int, config: OmniConfig, aspect: Aspect) -> Tensor:
    if not (
        isinstance(picture, np.ndarray)
        and picture.dtype == np.uint8
        and picture.ndim == 3
        and picture.shape[2] == 3
        and all(MIN_PX <= side <= MAX_PX for side in picture.shape[:2])
    ):
        raise BadInput(
            "bad_picture",
            f"Picture {number} is not RGB uint8 of {MIN_PX} to {MAX_PX} px (height, width, 3).",
            hint="Decode it anew, or leave it out.",
        )
    square = _padded(picture) if aspect == "pad" else picture
    size = (config.vision.image_px, config.vision.image_px)
    shrunk = np.array(Image.fromarray(square).resize(size, Image.Resampling.BICUBIC))
    return torch.from_numpy(shrunk).permute(2, 0, 1).to(torch.float32) / 127.5 - 1.0


def _padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    square = np.full((side, side, 3), GREY, dtype=np.uint8)
    square[top : top + height, left : left + width] = picture
    return square


def _samples(sound: Any, length: int) -> NDArray[np.float32]:
    if not (
        isinstance(sound, np.ndarray)
        and sound.ndim == 1
        and (sound.dtype == np.int16 or sound.dtype == np.float32)
    ):
        raise BadInput(
            "bad_sound",
            "The sound is not one row of int16 or float32 samples.",
            hint="Mix it down to mono at 16 kHz.",
        )
    if not len(sound):
        raise BadInput("no_sound", "The clip has no sound.", hint="Pass only the pictures.")
    if sound.dtype == np.int16:
        return sound[:length].astype(np.float32) / 32768.0
    heard: NDArray[np.float32] = sound[:length]
    if not np.isfinite(heard).all():
        raise BadInput(
            "bad_sound",
            "The sound holds what is no number.",
            hint="Decode it anew, or pass only the pictures.",
        )
    return heard
