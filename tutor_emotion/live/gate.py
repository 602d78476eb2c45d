"""What the gate answers a live session: what may be used, under which policy, for this learner."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from tutor_emotion import privacy, services
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.states import StatesModel
from tutor_emotion.core.types import Modality
from tutor_emotion.errors import BadInput, NotAllowed
from tutor_emotion.live import translate
from tutor_emotion.models import Course, LearnerId, Policy
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """``allowed``: what may be used now; ``config``: the engine's parameters; ``contact``: whom the
    learner may talk to, empty where the school named nobody."""

    allowed: frozenset[Modality]
    config: EngineConfig
    contact: str


def ask(session_id: str, course: Course, learner_id: LearnerId, states: StatesModel) -> Answer:
    """Law, policy, experiment and consent, as they are now."""
    rules = privacy.rules(course, learner_id)
    allowed = frozenset(r.modality for r in rules if r.permitted and r.consented)
    for rule in rules:
        answer = "used" if rule.modality in allowed else rule.reason or "not_consented"
        metrics.GATE_ANSWERS.labels(modality=rule.modality, answer=answer).inc()
    heard: frozenset[Modality] = frozenset({"text"} if privacy.listens(course, learner_id) else ())
    policy = services.policy_in(session_id, course, learner_id)
    lexicon = services.lexicon()
    try:
        config = translate.engine_config(policy, allowed | heard, lexicon, states)
    except (BadInput, TypeError) as error:
        # Figures that cannot be, written past the admin's form: the gate is heard all the same.
        name = type(error).__name__
        log.warning("the policy of course %s is impossible, defaults stand: %s", course.pk, name)
        plain = Policy(course=course, paused=policy.paused, pacing=policy.pacing)
        config = translate.engine_config(plain, allowed | heard, lexicon, states)
    return Answer(allowed, config, services.contact_for(course.pk, learner_id))


def refuse_forbidden(
    course: Course, learner_id: LearnerId, modalities: frozenset[Modality]
) -> None:
    """Before an SDP offer is answered.

    Raises:
        NotAllowed: the law's or the policy's own code, ``not_consented``.
    """
    for rule in privacy.rules(course, learner_id):
        if rule.modality not in modalities:
            continue
        if not (rule.permitted and rule.consented):
            reason = rule.reason or "not_consented"
            metrics.CONSENT_REFUSALS.labels(what="offer", reason=reason).inc()
        if not rule.permitted:
            raise NotAllowed(rule.reason, f"{rule.modality} may not be used here.")
        if not rule.consented:
            raise NotAllowed(
                "not_consented",
                f"There is no consent for {rule.modality}.",
                hint="Choose it first.",
            )
