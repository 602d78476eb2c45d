"""R1-Omni, or what has its shape, asked about clips: in words, and by scoring the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.clips import Decoded
from tutor_emotion.nets.r1_omni.clips import Clip, media_of
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.scoring import Scorer
from tutor_emotion.nets.r1_omni.tokens import Prompt, Tokens


@dataclass(frozen=True, slots=True)
class Said:
    """Of one clip: the generated ``text``, None where none was asked for, and the ``scores`` of the
    labels, in the set's order: logits."""

    text: str | None
    scores: tuple[float, ...]


class Asked(Protocol):
    """What can be asked. ``stamp`` is for the JSON: name, version, sha256."""

    @property
    def stamp(self) -> Mapping[str, str]: ...

    @property
    def num_frames(self) -> int: ...

    @property
    def temperature(self) -> float: ...

    def ask(self, clips: Sequence[Decoded]) -> list[Said]:
        """Clips that have the same senses."""
        ...


class OmniAsked:
    """A checkpoint, asked for texts of at most ``max_new_tokens`` (0: for no text) and for the
    scores of ``labels``, which ``temperature`` divides."""

    def __init__(
        self,
        model: Omni,
        tokens: Tokens,
        stamp: Mapping[str, str],
        labels: Sequence[str],
        max_new_tokens: int,
        temperature: float = 1.0,
    ) -> None:
        self.stamp = stamp
        self.temperature = temperature
        self.num_frames = model.config.num_frames
        self._model, self._tokens = model, tokens
        self._max_new_tokens = max_new_tokens
        self._device = model.language.model.embed_tokens.weight.device
        self._scorer = Scorer(model, tokens, labels)

    @torch.inference_mode()
    def ask(self, clips: Sequence[Decoded]) -> list[Said]:
        """Raises:
        Unavailable: ``out_of_memory``.
        BadInput: ``not_finite``.
        """
        try:
            media = media_of([_as_clip(clip) for clip in clips], self._model.config, self._device)
            prefix = self._model.prefix(media, self._prompt(clips[0]))
            scores = self._scorer(prefix).tolist()
            texts = self._texts(prefix)
        except torch.OutOfMemoryError:
            raise Unavailable(
                "out_of_memory",
                f"{len(clips)} clips at once are too many for this device.",
                hint="Try a smaller --batch-size.",
            ) from None
        if not np.isfinite(scores).all():
            raise BadInput(
                "not_finite",
                "The model's scores are no numbers: its weights are broken, or too "
                "large for this precision.",
            )
        return [Said(text, tuple(one)) for text, one in zip(texts, scores, strict=True)]

    def _texts(self, prefix: torch.Tensor) -> Sequence[str | None]:
        if not self._max_new_tokens:
            return [None] * len(prefix)
        ids = self._model.generate(
            prefix, max_new_tokens=self._max_new_tokens, eos=self._tokens.eos
        )
        return [self._tokens.decode(one) for one in ids]

    def _prompt(self, clip: Decoded) -> Prompt:
        return self._tokens.prompt(bool(clip.pictures), clip.sound is not None)


def _as_clip(clip: Decoded) -> Clip:
    return Clip(clip.pictures, clip.sound, 0.0, clip.seconds, 1.0)
