"""The Runners ``r1-omni`` and ``omni-mini``: one class, two folders.

Satisfies ``tutor_emotion.inference.runner.Runner`` and keeps no state: the same Window gives the
same Reading, whoever else is in the batch. Live Windows are scored, never generated; ``reason``
writes the thinking of one Window where somebody asks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.core.types import FaceCrop, Reading, Utterance, Window, WindowSpec
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.r1_omni import labels
from tutor_emotion.nets.r1_omni.answers import Answer, parse
from tutor_emotion.nets.r1_omni.checkpoint import load
from tutor_emotion.nets.r1_omni.clips import FULL_SOUND_S, Clip, clip_of, media_of
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.scoring import Scorer, probabilities

log = logging.getLogger(__name__)
MINI = Path(__file__).parents[1] / "shipped" / "omni-mini-1"
BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128)  # batches on a GPU: few shapes, so that kernels are kept
MOST = {"cuda": BUCKETS[-1], "cpu": 8}  # clips in a batch; more gain nothing and cost memory
LAYOUTS = ((True, True), (True, False), (False, True))
REASON_TOKENS = 256  # the published demonstrations have about 120
Probabilities = NDArray[np.float64]


class OmniRunner:
    """A checkpoint's folder, and the words of a label set.

    ``sound_s``: how much of the sound is heard, of a window that is filled up with silence. 30 is
    exact; what is shorter saves most of the work (68 % of a prefill is Whisper's 30 s) and is an
    approximation, named in ``version``. ``compiled``: ``torch.compile``, on a GPU only.

    Raises:
        As ``checkpoint.load``, ``labels.of_checkpoint`` and ``choose_device``.
    """

    spec = WindowSpec()

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        *,
        name: str = "r1-omni",
        label_set: str = "",
        sound_s: int = FULL_SOUND_S,
        compiled: bool = False,
    ) -> None:
        self.device = choose_device(device)
        on_gpu = self.device.type == "cuda"
        self.labels = labels.of_checkpoint(folder, label_set)
        loaded = load(folder, device=self.device, dtype=torch.bfloat16 if on_gpu else torch.float32)
        self.model, self.tokens = loaded.model, loaded.tokens
        self.config = heard_for(loaded.config, sound_s)
        self._scorer = Scorer(self.model, self.tokens, self.labels.words)
        self._prompts = {layout: self.tokens.prompt(*layout) for layout in LAYOUTS}
        self._most, self._on_gpu = MOST[self.device.type], on_gpu
        if compiled and on_gpu:
            compile_parts(self.model)
        heard = f" sound/{sound_s}s" if self.config is not loaded.config else ""
        self.version = f"{name}/1+{loaded.fingerprint[:8]} labels/{self.labels.name}{heard}"

    def warm_up(self) -> None:
        """Run the batches that are usual, so that the first learner does not wait for it."""
        pixels = np.zeros((self.spec.crop_px, self.spec.crop_px, 3), dtype=np.uint8)
        pixels[: self.spec.crop_px // 2] = 200
        crop = FaceCrop(0.0, 0.0, pixels, 0.5, 0.0, 1.0)
        said = Utterance(0.0, 1.0, np.full(16_000, 1_000, dtype=np.int16))
        for video, audio in LAYOUTS:
            one = Window(0, 0.0, 1.0, (crop,) * video, (said,) * audio, "ok", "ok")
            for count in (1, 8, 32) if self._on_gpu else (1,):
                self.run([one] * count)

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        """One Reading a Window: of its face, with what was said where something was; or of what
        was said alone. None of a Window that cannot be read."""
        clips = [clip_of(window) for window in windows]
        found = self.score(clips)
        return [
            [] if clip is None or p is None else [self._reading(clip, p)]
            for clip, p in zip(clips, found, strict=True)
        ]

    def score(self, clips: Sequence[Clip | None]) -> list[Probabilities | None]:
        """Probabilities over the label set's words of each clip, in order."""
        found: list[Probabilities | None] = [None] * len(clips)
        for layout in LAYOUTS:
            rows = [n for n, clip in enumerate(clips) if clip is not None and clip.layout == layout]
            batch = [clip for n in rows if (clip := clips[n]) is not None]
            for n, p in zip(rows, self._in_batches(batch), strict=True):
                found[n] = p
        return found

    @torch.no_grad()
    def reason(self, window: Window) -> Answer | None:
        """What the model thinks of this Window, in its words; None where nothing can be read.

        The text may be wrong in any way: nothing of it is shown that measures do not bear out.
        """
        clip = clip_of(window)
        if clip is None:
            return None
        media = media_of([clip], self.config, self.device)
        prefix = self.model.prefix(media, self._prompts[clip.layout])
        (ids,) = self.model.generate(prefix, max_new_tokens=REASON_TOKENS, eos=self.tokens.eos)
        return parse(self.tokens.decode(ids))

    def _in_batches(self, clips: Sequence[Clip]) -> Iterator[Probabilities | None]:
        done = 0
        while done < len(clips):
            batch = clips[done : done + self._most]
            try:
                yield from self._batch(batch)
            except torch.OutOfMemoryError:
                if not self._smaller(len(batch)):
                    yield None
                    done += 1
                continue
            done += len(batch)

    def _smaller(self, count: int) -> bool:
        """Halve the batches from now on; False where one clip is too much already."""
        if self._on_gpu:
            torch.cuda.empty_cache()
        if count == 1:
            log.error("the device has no memory for a single clip; it was left out")
            return False
        self._most = half_count = count // 2
        log.warning("out of memory with %d clips: at most %d from now on", count, half_count)
        return True

    @torch.no_grad()
    def _batch(self, clips: Sequence[Clip]) -> list[Probabilities | None]:
        filled = list(clips)
        if self._on_gpu:
            filled += [clips[-1]] * (_bucket(len(clips)) - len(clips))
        media = media_of(filled, self.config, self.device)
        scores = self._scorer(self.model.prefix(media, self._prompts[clips[0].layout]))
        rows = probabilities(scores, self.labels.temperature).cpu().numpy()[: len(clips)]
        return [row if np.isfinite(row).all() else None for row in rows]

    def _reading(self, clip: Clip, p: Probabilities) -> Reading:
        """What rests on a face, with a voice or without, counts as face: the stricter one."""
        modality: Literal["face", "voice"] = "face" if clip.pictures else "voice"
        return Reading(
            modality,
            clip.start_s,
            clip.end_s,
            self.labels.measures(p, modality),
            clip.quality,
            len(clip.pictures) or 1,
            self.version,
            self.labels.probabilities(p),
        )


def heard_for(config: OmniConfig, sound_s: int) -> OmniConfig:
    """The config with a shorter window of sound; itself where that is all that it hears anyway.

    Raises:
        BadInput: ``bad_sound_window``.
    """
    if not 1 <= sound_s <= FULL_SOUND_S:
        raise BadInput("bad_sound_window", f"A window of sound has 1 to {FULL_SOUND_S} seconds.")
    if sound_s * 100 >= config.audio.mel_frames:
        return config
    audio = config.audio.model_copy(update={"mel_frames": sound_s * 100})
    return config.model_copy(update={"audio": audio})


def compile_parts(model: Omni) -> None:
    """``torch.compile`` for the three towers: the same shapes in every batch of a size."""
    for part in (model.vision, model.audio, model.language.model):
        part.compile()


def _bucket(count: int) -> int:
    return next((size for size in BUCKETS if size >= count), count)
