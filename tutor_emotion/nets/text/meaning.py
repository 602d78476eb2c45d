"""From a sentence's vector to what it means: the nearest prototype of a kind against the neutral.

English only. The encoder has read English alone: on German messages it is no better than chance
(docs/models.md), so a message that does not look English is given no meaning.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from tutor_emotion.core.types import Reading, TextMessage
from tutor_emotion.nets.text.encoder import Sentences

PROTOTYPES = Path(__file__).with_name("prototypes.toml")
KINDS = ("confused", "annoyed", "bored")
MAX_CHARACTERS = 500
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Prototypes:
    """``threshold`` and ``temperature`` by kind; see the file."""

    version: str
    sentences: Mapping[str, tuple[str, ...]]
    threshold: Mapping[str, float]
    temperature: Mapping[str, float]
    english: frozenset[str]
    german: frozenset[str]

    def are_for(self, text: str) -> bool:
        """Whether common English words are in it, and more of them than German ones."""
        words = _WORD.findall(text.lower().replace("'", "").replace("’", ""))
        english, german = (sum(w in known for w in words) for known in (self.english, self.german))
        return english > german


def read_prototypes(text: str) -> Prototypes:
    """TOML as in ``prototypes.toml``."""
    raw = tomllib.loads(text)
    return Prototypes(
        raw["version"],
        {name: tuple(raw[name]["sentences"]) for name in (*KINDS, "neutral")},
        {kind: float(raw[kind]["threshold"]) for kind in KINDS},
        {kind: float(raw[kind]["temperature"]) for kind in KINDS},
        frozenset(raw["common_words"]["english"].split()),
        frozenset(raw["common_words"]["german"].split()),
    )


class Meanings:
    """What messages mean, by an encoder that is ready to run."""

    def __init__(self, sentences: Sentences, prototypes: Prototypes | None = None) -> None:
        chosen = prototypes or read_prototypes(PROTOTYPES.read_text(encoding="utf-8"))
        self.prototypes = chosen
        self.version = f"text/{chosen.version}+{sentences.stamp}"
        self._sentences = sentences
        self._of = {name: sentences.vectors(said) for name, said in chosen.sentences.items()}

    def margins(self, texts: Sequence[str]) -> torch.Tensor:
        """(n, 3) by KINDS: cosine to the nearest sentence of the kind less the nearest neutral."""
        vectors = self._sentences.vectors([text[:MAX_CHARACTERS] for text in texts])
        near = {name: _nearest(vectors, of) for name, of in self._of.items()}
        return torch.stack([near[kind] - near["neutral"] for kind in KINDS], dim=1)

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """kind → 0..1 for each text; empty for one that is not English."""
        english = [number for number, text in enumerate(texts) if self.prototypes.are_for(text)]
        found: list[dict[str, float]] = [{} for _ in texts]
        rows = self.margins([texts[number] for number in english])
        for number, row in zip(english, rows.tolist(), strict=True):
            found[number] = {k: self._p(k, margin) for k, margin in zip(KINDS, row, strict=True)}
        return found

    def _p(self, kind: str, margin: float) -> float:
        over = (margin - self.prototypes.threshold[kind]) / self.prototypes.temperature[kind]
        return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, over))))

    def read(self, messages: Sequence[TextMessage]) -> list[Reading | None]:
        """A Reading of each message, None where there is nothing to say of it."""
        found = self.probabilities([message.text for message in messages])
        return [
            Reading(
                "text",
                message.at_s,
                message.at_s,
                {f"means_{kind}": p for kind, p in meant.items()},
                1.0,
                1,
                self.version,
            )
            if meant
            else None
            for message, meant in zip(messages, found, strict=True)
        ]


def _nearest(vectors: torch.Tensor, of: torch.Tensor) -> torch.Tensor:
    if not len(vectors):
        return torch.empty(0)
    return (vectors @ of.T).max(dim=1).values
