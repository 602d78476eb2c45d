"""The gate: the law's profile, the course's policy and the learner's own consent, in that order.

Every door (page, API, SDP offer, event, worker) asks here, and nothing else decides.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.models import Course, LearnerId, Policy
from tutor_emotion.services import agreed_to_calibration, live_consents, policy_of

CONSENT_TEXT_VERSION = "2026-11-27"
PROFILES = Path(__file__).with_name("jurisdictions.toml")


@dataclass(frozen=True, slots=True)
class Profile:
    """What one jurisdiction permits, and on what ground."""

    name: str
    title: str
    permitted: frozenset[Modality]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What the gate says of one modality. ``reason`` is a code, empty where permitted."""

    modality: Modality
    permitted: bool
    reason: str
    consented: bool = False


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """All profiles of ``jurisdictions.toml`` by name."""
    raw: dict[str, dict[str, Any]] = tomllib.loads(PROFILES.read_text(encoding="utf-8"))
    return {
        name: Profile(
            name,
            row["title"],
            frozenset(m for m in MODALITIES if m in row["permitted"]),
            row["reason"],
            row["source"],
        )
        for name, row in raw.items()
    }


def profile() -> Profile:
    """The deployment's profile; an unknown name is camera-free."""
    known = profiles()
    return known.get(get_settings().JURISDICTION, known["camera_free"])


def permitted(modality: Modality) -> tuple[bool, str]:
    """Whether the law's profile permits a modality here, and if not, why in plain words."""
    here = profile()
    return (True, "") if modality in here.permitted else (False, here.reason)


def rules(course: Course, learner_id: LearnerId) -> list[Rule]:
    """What the gate says of each modality for this learner in this course, now."""
    policy = policy_of(course)
    consents = live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    return [_rule(modality, policy, modality in consents) for modality in MODALITIES]


def allowed(course: Course, learner_id: LearnerId) -> frozenset[Modality]:
    """The modalities that may be used right now: permitted and consented."""
    return frozenset(r.modality for r in rules(course, learner_id) if r.permitted and r.consented)


def listens(course: Course, learner_id: LearnerId) -> bool:
    """Whether typed messages may be looked through for danger, which a pause does not end."""
    agreed = "text" in live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    return bool(agreed and "text" in profile().permitted and policy_of(course).use_text)


def labels_offered(course: Course) -> bool:
    """Whether this course asks its learners for labelled moments at all."""
    policy = policy_of(course)
    return bool(policy.collect_labels and not policy.paused)


def labels_agreed(course: Course, learner_id: LearnerId) -> bool:
    """Whether the learner has agreed to that, separately from every modality."""
    return agreed_to_calibration(course.pk, learner_id, CONSENT_TEXT_VERSION)


def may_keep_moments(course: Course, learner_id: LearnerId) -> bool:
    """Whether what is measured at a tap may be kept with it, now."""
    return labels_offered(course) and labels_agreed(course, learner_id)


def _rule(modality: Modality, policy: Policy, consented: bool) -> Rule:
    if modality not in profile().permitted:
        reason = "forbidden_by_law" if modality in BIOMETRIC else "not_permitted"
        return Rule(modality, False, reason, consented)
    if policy.paused:
        return Rule(modality, False, "course_paused", consented)
    if not getattr(policy, f"use_{modality}"):
        return Rule(modality, False, "off_in_course", consented)
    return Rule(modality, True, "", consented)
