"""Utterances in, acted emotions out: the voice net as the Runner uses it, batched over learners."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.core.types import Utterance
from tutor_emotion.nets import registry
from tutor_emotion.nets.voice import prosody
from tutor_emotion.nets.voice.emotion import load_net
from tutor_emotion.nets.voice.features import NAMES, analyse, functionals, is_voice
from tutor_emotion.nets.voice.pitch import Floats
from tutor_emotion.nets.voice.usual import Usual, against_usual

log = logging.getLogger(__name__)


class Heard(NamedTuple):
    """``probabilities`` (7,) in the order of ``EMOTIONS``; ``learned`` for the speaker's next
    utterance."""

    probabilities: NDArray[np.float32]
    learned: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One readable utterance: where its answer goes, what the net is given, what was learned."""

    speaker: int
    at: int
    z: Floats
    learned: tuple[float, ...]


class Voices:
    """The net of one model on one device. It keeps nothing of any speaker.

    Raises:
        Unavailable: ``model_corrupt``, ``model_missing``.
        BadInput: ``bad_architecture``, ``bad_model_config``, ``bad_tensors``.
    """

    def __init__(self, model: registry.Model, device: torch.device) -> None:
        net = load_net(model)
        self.stamp = model.stamp
        self._net = net.to(device)
        self._device = device
        self._population = net.population
        self._temperature = model.config.temperature

    def hear(self, utterances: Sequence[Utterance]) -> list[Heard | None]:
        """Each utterance against its own ``usual``, whoever's it is; None for what tells nothing
        (not 16 kHz mono int16, too short, silent)."""
        return [heard for (heard,) in self.hear_speakers([[one] for one in utterances])]

    def hear_speakers(self, speakers: Sequence[Sequence[Utterance]]) -> list[list[Heard | None]]:
        """For each speaker the answers to their utterances, in order; the later of them know of the
        earlier, also where all came with the same ``usual``."""
        answers: list[list[Heard | None]] = [[None] * len(said) for said in speakers]
        asked = [one for i, said in enumerate(speakers) for one in self._asked(i, said)]
        if not asked:
            return answers
        for one, row in zip(asked, self._answers(asked), strict=True):
            answers[one.speaker][one.at] = Heard(row, one.learned)
        return answers

    def _asked(self, speaker: int, said: Sequence[Utterance]) -> list[_Asked]:
        found: list[_Asked] = []
        known: Usual | None = None
        for at, utterance in enumerate(said):
            values = values_of(utterance)
            if values is None:
                log.info("an utterance told nothing and was left out")
                continue
            brought = Usual.from_floats(utterance.usual, len(NAMES))
            # At the cap the counts are equal, and still the earlier utterance is not in what came.
            usual = known if known is not None and known.count >= brought.count else brought
            z = against_usual(values, usual, self._population)
            expected = self._population.expected(usual)
            known = usual.after(np.where(np.isfinite(values), values, expected))
            found.append(_Asked(speaker, at, z, known.to_floats()))
        return found

    @torch.inference_mode()
    def _answers(self, asked: Sequence[_Asked]) -> NDArray[np.float32]:
        z = torch.as_tensor(np.stack([one.z for one in asked]), dtype=torch.float32)
        logits: torch.Tensor = self._net(z.to(self._device)) / self._temperature
        return logits.softmax(1).numpy(force=True)


def values_of(utterance: Utterance) -> Floats | None:
    """(len(NAMES),) raw numbers of one utterance; None where it cannot be read or tells nothing."""
    if not prosody.is_readable(utterance):
        return None
    heard = analyse(utterance.samples)
    return functionals(heard) if is_voice(heard) else None
