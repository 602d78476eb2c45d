"""A Window as a clip: pictures of the face, sound, or both; what cannot be read is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from tutor_emotion.core.types import FaceCrop, Int16Sound, UInt8Image, Window
from tutor_emotion.nets import preprocess
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.nets.voice import prosody

LEAST_CONTRAST = 8  # of 255, between a picture's darkest and brightest value: less shows nothing
FULL_SOUND_S = 30  # what Whisper was trained on, always


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """``quality`` 0..1 of what was read. Never empty: it has pictures, or sound, or both."""

    pictures: tuple[UInt8Image, ...] = field(repr=False)
    sound: Int16Sound | None = field(repr=False)
    start_s: float
    end_s: float
    quality: float

    @property
    def layout(self) -> tuple[bool, bool]:
        """Whether it has pictures, whether it has sound."""
        return bool(self.pictures), self.sound is not None


def clip_of(window: Window) -> Clip | None:
    """The crops that can be read, and the utterances behind each other; None where there is
    neither. Of more than ``FULL_SOUND_S`` of sound the newest are heard."""
    crops = [crop for crop in window.crops if _shows_something(crop)]
    said = [u for u in window.utterances if prosody.is_readable(u) and u.samples.any()]
    if not crops and not said:
        return None
    most = FULL_SOUND_S * prepare.RATE_HZ
    sound = np.concatenate([u.samples for u in said])[-most:] if said else None
    pictures = tuple(crop.pixels for crop in crops)
    if crops:
        worth = sum(min(1.0, max(0.0, crop.quality)) for crop in crops)
        quality = worth / max(window.frames_sampled, len(window.crops))
        return Clip(pictures, sound, window.start_s, window.end_s, min(1.0, quality))
    heard = [min(1.0, max(0.0, u.quality * (1 - u.gap_share))) for u in said]
    return Clip((), sound, said[0].start_s, said[-1].end_s, sum(heard) / len(heard))


def media_of(clips: Sequence[Clip], config: OmniConfig, device: torch.device) -> Media:
    """Clips of one layout as a batch. ``config``'s mel frames say how much of the sound is heard:
    the newest."""
    video, audio = clips[0].layout
    frames = mel = None
    if video:
        frames = torch.stack([prepare.frames(clip.pictures, config) for clip in clips]).to(device)
    if audio:
        most = config.audio.mel_frames * prepare.HOP
        sounds = [clip.sound[-most:] for clip in clips if clip.sound is not None]
        mel = prepare.mels(sounds, config, device)
    return Media(frames, mel)


def _shows_something(crop: FaceCrop) -> bool:
    if not preprocess.is_readable(crop):
        return False
    return int(crop.pixels.max()) - int(crop.pixels.min()) >= LEAST_CONTRAST
