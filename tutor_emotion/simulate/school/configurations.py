"""What is compared: the same lesson and engine, with other senses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from tutor_emotion.core.config import EngineConfig, Follows
from tutor_emotion.core.states import PRIOR, Rule
from tutor_emotion.core.types import Modality

Name: TypeAlias = Literal["face", "voice", "interaction", "all", "performance_only", "none"]
NAMES: tuple[Name, ...] = get_args(Name)
ABLATIONS = ("unknown", "without_face", "without_voice", "better_face")


@dataclass(frozen=True, slots=True)
class Configuration:
    """``engine`` None: the lesson does not adapt. ``better``: a face of AUC .75 in each state."""

    name: str
    engine: EngineConfig | None
    better: bool = False

    def hears(self, modality: Modality) -> bool:
        return self.engine is not None and modality in self.engine.modalities


# What was done in the lesson counts for the rules, and says nothing of a state.
_RULES = replace(PRIOR, rules={**PRIOR.rules, "interaction": Rule(on=False)})


def _engine(
    *sensors: Modality, weighs_work: bool = False, follows: Follows = "affect"
) -> EngineConfig:
    """Replies to offers are heard in each: they belong to offering, not to a sensor."""
    return EngineConfig(
        modalities=frozenset({"interaction", "self_report", *sensors}),
        states=PRIOR if weighs_work else _RULES,
        follows=follows,
    )


CONFIGURATIONS: Mapping[str, Configuration] = {
    made.name: made
    for made in (
        Configuration("face", _engine("face")),
        Configuration("voice", _engine("voice")),
        Configuration("interaction", _engine(weighs_work=True)),
        Configuration("all", _engine("face", "voice", weighs_work=True)),
        Configuration("performance_only", _engine(follows="performance")),
        Configuration("none", None),
        # Pacing by signals, and nothing that is weighed: what `face` and `voice` add to.
        Configuration("unknown", _engine()),
        Configuration("without_face", _engine("voice", weighs_work=True)),
        Configuration("without_voice", _engine("face", weighs_work=True)),
        Configuration("better_face", _engine("face", "voice", weighs_work=True), better=True),
    )
}
