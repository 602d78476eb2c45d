"""One learner through one configuration: the school's clock, the sensors and the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor_emotion.core import engine
from tutor_emotion.core.config import Five
from tutor_emotion.core.types import Adaptation, AffectSignal, Estimate, Event
from tutor_emotion.simulate.school.configurations import Configuration
from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.learner import Learner, Reply
from tutor_emotion.simulate.school.lesson import SKILLS
from tutor_emotion.simulate.school.sensors import FaceSensor, VoiceSensor
from tutor_emotion.simulate.school.traits import Dice, draw_traits, streams

CLOCK_S = 2
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


class Watch:
    """The sensors and the engine over one learner's shoulder.

    Stepped at each event, each Estimate and every ``clock_s``. The product steps each second; a
    test compares them.
    """

    def __init__(
        self,
        configuration: Configuration,
        sensors: Sequence[FaceSensor | VoiceSensor],
        clock_s: int,
    ) -> None:
        self.signals: list[AffectSignal] = []
        self.glimpses: list[Glimpse] = []
        self.estimates: list[Estimate] = []
        self._config = configuration.engine
        self._state = engine.start(self._config) if self._config else None
        self._sensors = sensors
        self._clock_s = clock_s

    def second(self, now_s: int, state: int, said: Sequence[Event]) -> tuple[Adaptation, ...]:
        """What the engine decides upon this second; ``state`` is the hidden one."""
        if self._config is None or self._state is None:
            return ()
        sensed = [g for g in (s.second(now_s, state) for s in self._sensors) if g is not None]
        self.estimates += sensed
        if not (said or sensed or now_s % self._clock_s == 0):
            return ()
        done = engine.step(self._state, [*said, *sensed], float(now_s), self._config)
        self._state = done.state
        self.signals += done.signals
        if now_s % GRAIN_S == 0:
            self.glimpses.append(Glimpse(now_s, done.affect.probabilities))
        return done.adaptations


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
    learner = Learner(draw_traits(traits_rng, figures), Dice(dice_rng, seconds), figures)
    sensors: list[FaceSensor | VoiceSensor] = []
    if configuration.hears("face"):
        better = configuration.better
        sensors.append(FaceSensor(face_rng, seconds, figures.sensing, better=better))
    if configuration.hears("voice"):
        sensors.append(VoiceSensor(voice_rng, seconds, figures.sensing))
    watch = Watch(configuration, sensors, clock_s)
    states: list[int] = []
    met: list[Adaptation] = []
    practice: list[bool] = []
    while len(states) < seconds and not learner.done:
        now_s = len(states) + 1
        learner.second(now_s)
        states.append(learner.mood.state)
        decided = watch.second(now_s, learner.mood.state, learner.take_said())
        for adaptation in decided if offers else ():
            learner.meet(adaptation)
            met.append(adaptation)
            if adaptation.signal == "wheelspin" and adaptation.mode != "quiet":
                practice.append(not learner.knows_this)
    return Lived(
        configuration=configuration.name,
        states=tuple(states),
        signals=tuple(watch.signals),
        adaptations=tuple(met),
        replies=learner.replies,
        mastered_s=len(states) if learner.done else None,
        known=sum(learner.knows) / len(SKILLS),
        items=tuple(learner.lesson.items),
        right=learner.lesson.right,
        practice=tuple(practice),
        spun=len(learner.lesson.spun),
        glimpses=tuple(watch.glimpses),
        estimates=tuple(watch.estimates),
    )
