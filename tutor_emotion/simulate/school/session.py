"""One learner through one configuration: the school's clock, the sensors and the real engine."""

from __future__ import annotations

from dataclasses import dataclass

from tutor_emotion.core import engine
from tutor_emotion.core.config import Five
from tutor_emotion.core.types import Adaptation, AffectSignal, Estimate
from tutor_emotion.simulate.school.configurations import Configuration
from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.learner import Learner, Reply
from tutor_emotion.simulate.school.lesson import SKILLS
from tutor_emotion.simulate.school.sensors import FaceSensor, VoiceSensor
from tutor_emotion.simulate.school.traits import Dice, draw_traits, streams

CLOCK_S = 2  # without events; a test compares it with every second
GRAIN_S = 20  # of all good labels (affect.md §4)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The engine's belief at the grain of labels."""

    at_s: int
    probabilities: Five


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of it. ``states``: the hidden state at each second, the first one is second 1."""

    configuration: str
    states: tuple[int, ...]
    signals: tuple[AffectSignal, ...]
    adaptations: tuple[Adaptation, ...]
    replies: dict[Reply, int]
    mastered_s: int | None
    known: float
    items: tuple[int, ...]
    right: int
    practice: tuple[bool, ...]
    spun: int
    glimpses: tuple[Glimpse, ...]
    estimates: tuple[Estimate, ...]


def live(
    seed: int,
    number: int,
    configuration: Configuration,
    seconds: int,
    figures: Figures,
    *,
    clock_s: int = CLOCK_S,
    offers: bool = True,
) -> Lived:
    """The learner ``number`` of ``seed``, for ``seconds`` or until all skills are mastered.

    ``offers`` False: the engine looks on, and nothing that it decides reaches the learner.
    """
    traits_rng, dice_rng, face_rng, voice_rng = streams(seed, number)
    traits = draw_traits(traits_rng, figures)
    learner = Learner(traits, Dice(dice_rng, seconds), figures)
    face = voice = None
    if configuration.hears("face"):
        face = FaceSensor(face_rng, seconds, figures.sensing, better=configuration.better)
    if configuration.hears("voice"):
        voice = VoiceSensor(voice_rng, seconds, figures.sensing)
    config = configuration.engine
    state = engine.start(config) if config else None
    states: list[int] = []
    signals: list[AffectSignal] = []
    adaptations: list[Adaptation] = []
    glimpses: list[Glimpse] = []
    sensed: list[Estimate] = []
    practice: list[bool] = []
    for now_s in range(1, seconds + 1):
        learner.second(now_s)
        mood = learner.mood.state
        states.append(mood)
        inputs: list[engine.EngineInput] = list(learner.said)
        learner.said.clear()
        for sensor in (face, voice):
            given = sensor.second(now_s, mood) if sensor else None
            if given is not None:
                inputs.append(given)
                sensed.append(given)
        if config and state and (inputs or now_s % clock_s == 0):
            done = engine.step(state, inputs, float(now_s), config)
            state = done.state
            signals += done.signals
            if offers:
                adaptations += done.adaptations
                for adaptation in done.adaptations:
                    learner.meet(adaptation)
                    if adaptation.signal == "wheelspin" and adaptation.mode != "quiet":
                        practice.append(not learner.knows_this)
            if now_s % GRAIN_S == 0:
                glimpses.append(Glimpse(now_s, done.affect.probabilities))
        if learner.done:
            break
    return Lived(
        configuration=configuration.name,
        states=tuple(states),
        signals=tuple(signals),
        adaptations=tuple(adaptations),
        replies=learner.replies,
        mastered_s=len(states) if learner.done else None,
        known=sum(learner.knows) / len(SKILLS),
        items=tuple(learner.lesson.items),
        right=learner.lesson.right,
        practice=tuple(practice),
        spun=len(learner.lesson.spun),
        glimpses=tuple(glimpses),
        estimates=tuple(sensed),
    )
