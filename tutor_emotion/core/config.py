"""Every parameter of the engine, frozen. Defaults and § numbers: see docs/engine.md.

Figures that no study gives are marked [D] (a design default, chosen here or in §9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

from tutor_emotion.core import possible
from tutor_emotion.core.lexicon import SHIPPED, Lexicon
from tutor_emotion.core.parameters import overridden
from tutor_emotion.core.parts import (
    BaselineConfig,
    DetectorConfig,
    EstimatorsConfig,
    Five,
    FusionConfig,
    InterruptionConfig,
    Level,
    PacingConfig,
)
from tutor_emotion.core.states import PRIOR, StatesModel
from tutor_emotion.core.types import (
    ADAPTATION_KINDS,
    MODALITIES,
    AdaptationKind,
    Modality,
)

__all__ = [
    "FLOOR_P",
    "FOLLOWS",
    "DetectorConfig",
    "EngineConfig",
    "Five",
    "Follows",
    "FusionConfig",
    "InterruptionConfig",
    "Level",
    "PacingConfig",
]

# What decides the pace: signals and performance, performance alone, or nothing.
Follows: TypeAlias = Literal["affect", "performance", "none"]
FOLLOWS: tuple[Follows, ...] = get_args(Follows)
FLOOR_P = 1e-4  # no probability is believed to be less: one vote must not end all doubt


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """The engine's parameters for one learner in one course.

    ``modalities``: the only ones whose inputs are looked at. ``adaptations``: the only kinds that
    come out (safety flags excepted). ``states``: what the measures weigh. ``lexicon``: what
    typed phrases say. ``follows``: what decides the pace. ``paused``: nothing is estimated,
    raised or offered.

    Raises:
        BadInput: ``bad_policy``, for values that cannot be.
    """

    modalities: frozenset[Modality] = frozenset(MODALITIES)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    baseline: BaselineConfig = field(default_factory=BaselineConfig)
    estimators: EstimatorsConfig = field(default_factory=EstimatorsConfig)
    detector: DetectorConfig = field(default_factory=DetectorConfig)
    pacing: PacingConfig = field(default_factory=PacingConfig)
    interruption: InterruptionConfig = field(default_factory=InterruptionConfig)
    states: StatesModel = PRIOR
    lexicon: Lexicon = SHIPPED
    adaptations: frozenset[AdaptationKind] = frozenset(ADAPTATION_KINDS)
    quiet_pace: bool = True
    paused: bool = False
    follows: Follows = "affect"

    def __post_init__(self) -> None:
        possible.only(self.modalities, MODALITIES, "modalities")
        possible.only(self.adaptations, ADAPTATION_KINDS, "adaptations")
        possible.require(self.follows in FOLLOWS, "follows", f"is one of {', '.join(FOLLOWS)}")
        possible.numbers(self.baseline, "baseline")
        possible.numbers(self.interruption, "interruption")
        possible.fusion(self.fusion)
        possible.estimators(self.estimators)
        possible.detector(self.detector)
        possible.pacing(self.pacing)
        possible.require(isinstance(self.states, StatesModel), "states", "is a StatesModel")

    @classmethod
    def from_policy(
        cls,
        *,
        modalities: frozenset[Modality],
        suspect_on: float,
        strong_on: float,
        frustrated_on: float,
        bored_on: float,
        offer_every_s: float,
        offers_in_10_min: int,
        offers_in_hour: int,
        quiet_pace: bool,
        adaptations: frozenset[AdaptationKind],
        paused: bool,
        follows: Follows = "affect",
        states: StatesModel = PRIOR,
        lexicon: Lexicon = SHIPPED,
        parameters: Mapping[str, object] | None = None,
    ) -> EngineConfig:
        """The defaults under a teacher's policy; an empty ``adaptations`` allows all of them.

        ``states`` is the site's: the one that its registry of models has in use; so is ``lexicon``.
        ``parameters``: what differs from its default besides, by the names of ``parameters.py``.

        Raises:
            BadInput: ``bad_policy``.
        """
        base = DetectorConfig()
        for name, value in (
            ("suspect_on", suspect_on),
            ("strong_on", strong_on),
            ("frustrated_on", frustrated_on),
            ("bored_on", bored_on),
        ):
            good = possible.finite(value) and 0 < value < 1
            possible.require(good, name, "lies between 0 and 1")
        plain: dict[str, Any] = {
            "fusion": FusionConfig(),
            "baseline": BaselineConfig(),
            "estimators": EstimatorsConfig(),
            "detector": replace(
                base,
                suspect=base.suspect.raised_at(suspect_on),
                strong=base.strong.raised_at(strong_on),
                frustrated=base.frustrated.raised_at(frustrated_on),
                bored=base.bored.raised_at(bored_on),
            ),
            "pacing": PacingConfig(),
            "interruption": InterruptionConfig(
                offer_every_s=offer_every_s,
                offers_in_10_min=offers_in_10_min,
                offers_in_hour=offers_in_hour,
            ),
        }
        return cls(
            modalities=modalities,
            **overridden(plain, parameters or {}),
            adaptations=adaptations or frozenset(ADAPTATION_KINDS),
            states=states,
            lexicon=lexicon,
            quiet_pace=quiet_pace,
            paused=paused,
            follows=follows,
        )
