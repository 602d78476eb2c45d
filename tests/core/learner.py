"""A learner on a clock: what they do, second by second, through the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import (
    Adaptation,
    AffectSignal,
    AffectState,
    Answer,
    Estimate,
    Reading,
)

SCOWL = {
    "browDownLeft": 0.9, "browDownRight": 0.9, "eyeSquintLeft": 0.8, "eyeSquintRight": 0.8,
    "browInnerUp": 0.7, "mouthPressLeft": 0.6, "mouthPressRight": 0.6,
}  # fmt: skip


@dataclass
class Session:
    """What a whole session came to."""

    state: engine.EngineState
    affects: list[AffectState] = field(default_factory=list)
    signals: list[AffectSignal] = field(default_factory=list)
    adaptations: list[Adaptation] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)

    def raised(self, kind: str) -> list[float]:
        return [s.at_s for s in self.signals if s.kind == kind and s.edge == "raised"]

    def cleared(self, kind: str) -> list[float]:
        return [s.at_s for s in self.signals if s.kind == kind and s.edge == "cleared"]

    @property
    def offers(self) -> list[Adaptation]:
        return [a for a in self.adaptations if a.mode == "offer"]

    @property
    def quiet(self) -> list[Adaptation]:
        return [a for a in self.adaptations if a.mode == "quiet"]

    @property
    def flags(self) -> list[Adaptation]:
        return [a for a in self.adaptations if a.mode == "teacher"]


def live(
    events: Iterable[engine.EngineInput] = (),
    *,
    until_s: int,
    config: EngineConfig | None = None,
    every_second: Callable[[int], Sequence[engine.EngineInput]] = lambda _: (),
    reply: Callable[[Adaptation], Sequence[engine.EngineInput]] = lambda _: (),
) -> Session:
    """One session at one step a second. ``reply`` is what the learner does with an Adaptation."""
    config = config or EngineConfig()
    waiting = list(events)
    session = Session(engine.start(config))
    for second in range(until_s + 1):
        due = [e for e in waiting if at_s(e) <= second]
        waiting = [e for e in waiting if at_s(e) > second]
        done = engine.step(session.state, [*due, *every_second(second)], float(second), config)
        session.state = done.state
        session.affects.append(done.affect)
        session.signals += done.signals
        session.adaptations += done.adaptations
        session.estimates += done.estimates
        for adaptation in done.adaptations:
            waiting += reply(adaptation)
    return session


def at_s(item: engine.EngineInput) -> float:
    return item.end_s if isinstance(item, Reading) else item.at_s


def face(second: float, measures: Mapping[str, float], quality: float = 0.9) -> Reading:
    return Reading("face", second - 1, second, measures, quality, 5, "test/1")


def miss(second: float, step: str = "s1", skill: str = "fractions", answer: str = "") -> Answer:
    return Answer(second, step, skill, False, 20.0, answer or f"{second}")


def hit(second: float, step: str = "s1", skill: str = "fractions") -> Answer:
    return Answer(second, step, skill, True, 20.0, "1/2")
