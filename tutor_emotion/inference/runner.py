"""The seam between the house and a model: a batch of Windows in, Readings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from tutor_emotion.core.types import Reading, TextMessage, Window, WindowSpec
from tutor_emotion.nets.r1_omni.answers import Answer


class Runner(Protocol):
    """Stateless: the same Windows give the same Readings, whoever else is in the batch.

    ``run`` returns one list of Readings for each Window, in order; a Window that it cannot read
    gets an empty list and never harms its neighbours.
    """

    version: str
    spec: WindowSpec

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]: ...


@runtime_checkable
class Reasoner(Protocol):
    """A Runner that can also say why, of one Window and in its own words. It takes its time."""

    version: str

    def reason(self, window: Window) -> Answer | None: ...


class TextReader(Protocol):
    """What reads typed messages: one Reading of each, or None where there is nothing to say."""

    version: str

    def read(self, messages: Sequence[TextMessage]) -> list[Reading | None]: ...


class ScriptedRunner:
    """Says what it is told, for tests and demos: constant measures for each modality."""

    version = "scripted/1"
    spec = WindowSpec()

    def __init__(
        self,
        face: Mapping[str, float] | None = None,
        voice: Mapping[str, float] | None = None,
    ) -> None:
        self.face = dict(face or {})
        self.voice = dict(voice or {})

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        return [self._read(window) for window in windows]

    def _read(self, window: Window) -> list[Reading]:
        readings = []
        if window.crops:
            quality = sum(c.quality for c in window.crops) / len(window.crops)
            readings.append(
                Reading(
                    "face",
                    window.start_s,
                    window.end_s,
                    self.face,
                    quality,
                    len(window.crops),
                    self.version,
                )
            )
        readings += [
            Reading("voice", u.start_s, u.end_s, self.voice, u.quality, 1, self.version)
            for u in window.utterances
        ]
        return readings
