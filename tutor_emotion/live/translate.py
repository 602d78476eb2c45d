"""Between the wire's words and the engine's: no decisions here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from tutor_emotion.core import types as core
from tutor_emotion.core.config import EngineConfig, Follows
from tutor_emotion.core.lexicon import SHIPPED, Lexicon
from tutor_emotion.core.pace import effects
from tutor_emotion.core.states import PRIOR, StatesModel
from tutor_emotion.core.types import Adaptation, Event, Modality
from tutor_emotion.core.work import Work
from tutor_emotion.errors import BadInput
from tutor_emotion.models import Policy
from tutor_emotion.protocol import (
    ActivityMessage,
    AdaptationMessage,
    AnswerMessage,
    EvidenceItem,
    HintRequestMessage,
    IdleMessage,
    Message,
    OutcomeMessage,
    PaceEffects,
    SelfReportMessage,
    StepShownMessage,
    TextMessageMessage,
    VisibilityMessage,
)
from tutor_emotion.services import evidence_as_data

# Each event message: what it becomes, and which consent it needs (None: it is no measurement).
_EVENTS: dict[type[Message], tuple[Callable[..., Event], Modality | None]] = {
    StepShownMessage: (core.StepShown, "interaction"),
    AnswerMessage: (core.Answer, "interaction"),
    HintRequestMessage: (core.HintRequest, "interaction"),
    IdleMessage: (core.Idle, "interaction"),
    ActivityMessage: (core.Activity, None),
    VisibilityMessage: (core.Visibility, None),
    TextMessageMessage: (core.TextMessage, "text"),
    SelfReportMessage: (core.SelfReport, "self_report"),
    OutcomeMessage: (core.Outcome, None),
}

_NEEDS: dict[Any, Modality | None] = dict(_EVENTS.values())


def engine_config(
    policy: Policy,
    modalities: frozenset[Modality],
    lexicon: Lexicon = SHIPPED,
    states: StatesModel = PRIOR,
) -> EngineConfig:
    """The engine's parameters under this policy, for a learner who allowed ``modalities``."""
    return EngineConfig.from_policy(
        modalities=modalities,
        suspect_on=policy.suspect_on,
        strong_on=policy.strong_on,
        frustrated_on=policy.frustrated_on,
        bored_on=policy.bored_on,
        offer_every_s=policy.offer_every_s,
        offers_in_10_min=policy.offers_in_10_min,
        offers_in_hour=policy.offers_in_hour,
        quiet_pace=policy.quiet_pace,
        adaptations=frozenset(policy.adaptations),
        paused=policy.paused,
        follows=_follows(policy),
        lexicon=lexicon,
        states=states,
        parameters=policy.parameters,
    )


def _follows(policy: Policy) -> Follows:
    follows: Follows = policy.pacing  # type: ignore[assignment] # checked by EngineConfig
    return follows


def event(message: Message, now_s: float) -> Event:
    """The event that an EventMessage reports, as of ``now_s``.

    Raises:
        BadInput: ``not_an_event``.
    """
    if type(message) not in _EVENTS:
        raise BadInput("not_an_event", "This message is not an event of a lesson.")
    make, _ = _EVENTS[type(message)]
    return make(at_s=now_s, **message.model_dump(exclude={"type", "traceparent"}))


def modality_of(message: Message) -> Modality | None:
    """Whose consent an event needs."""
    return _EVENTS[type(message)][1]


def needs(event: Event) -> Modality | None:
    """Whose consent an event of the engine needs: the same, for one that was kept."""
    return _NEEDS[type(event)]


def adaptation(
    item: Adaptation, now_s: float, work: Work, config: EngineConfig
) -> AdaptationMessage:
    """An Adaptation for the learner's browser; teacher flags never come here.

    ``work`` is where the learner is: its titles are told where they are of the same step.
    """
    mode: Literal["offer", "quiet"] = "offer" if item.mode == "offer" else "quiet"
    here = item.step == work.step
    return AdaptationMessage(
        id=item.id,
        kind=item.kind,
        mode=mode,
        message=item.message,
        choices=list(item.choices),
        pace=item.pace,
        expires_in_s=max(0.0, item.expires_s - now_s),
        evidence=[EvidenceItem(**row) for row in evidence_as_data(item.evidence)],
        items=item.items,
        step_title=work.title if here else "",
        skill_title=work.skill_title if here else "",
        effects=PaceEffects(**asdict(effects(item.pace, config.pacing))),
    )
