"""The gate: the law's profile, the course's policy and the learner's own consent, in that order.

Every door (page, API, SDP offer, event, worker) asks here, and nothing else decides. Each question
can only take away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.jurisdictions import Profile, profiles
from tutor_emotion.models import Course, LearnerId, Policy
from tutor_emotion.services import (
    age_band_of,
    agreed_to_calibration,
    live_consents,
    policy_of,
)
from tutor_emotion.words import EXPIRED

CONSENT_TEXT_VERSION = "2026-11-27"
# Whose yes a modality needs besides the learner's own. A minor's release is signed by their
# guardian, an adult's by themselves.
Need: TypeAlias = Literal["", "guardian", "release"]
_NEEDS: dict[str, Need] = {"guardian": "guardian", "release": "release"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the gate says of one modality. ``reason`` is a code, empty where permitted."""

    modality: Modality
    permitted: bool
    reason: str
    consented: bool = False


def profile() -> Profile:
    """The deployment's profile; an unknown name is camera-free."""
    known = profiles()
    return known.get(get_settings().JURISDICTION, known["camera_free"])


def possible() -> frozenset[Modality]:
    """The modalities that the law lets be read here, of anybody at all."""
    return frozenset(m for m in MODALITIES if not _closed(m) and profile().ever(m))


def permitted(modality: Modality) -> tuple[bool, str]:
    """Whether a modality may be read here of anybody at all, and if not, why in plain words."""
    if modality in possible():
        return True, ""
    return False, EXPIRED if _closed(modality) == "profile_expired" else profile().reason


def needs(modality: Modality, learner_id: LearnerId) -> Need:
    """Whose consent this modality needs of this learner, at their age, besides their own."""
    return _NEEDS.get(profile().verdict(modality, age_band_of(learner_id)), "")


def rules(course: Course, learner_id: LearnerId) -> list[Rule]:
    """What the gate says of each modality for this learner in this course, now."""
    policy = policy_of(course)
    band = age_band_of(learner_id)
    consents = live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    return [_rule(m, band, policy, m in consents) for m in MODALITIES]


def allowed(course: Course, learner_id: LearnerId) -> frozenset[Modality]:
    """The modalities that may be used right now: permitted and consented."""
    return frozenset(r.modality for r in rules(course, learner_id) if r.permitted and r.consented)


def listens(course: Course, learner_id: LearnerId) -> bool:
    """Whether typed messages may be looked through for danger, which a pause does not end."""
    agreed = "text" in live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    lawful = not _unlawful("text", age_band_of(learner_id))
    return bool(agreed and lawful and policy_of(course).use_text)


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


def _rule(modality: Modality, band: str, policy: Policy, consented: bool) -> Rule:
    reason = _unlawful(modality, band)
    if not reason and policy.paused:
        reason = "course_paused"
    if not reason and not getattr(policy, f"use_{modality}"):
        reason = "off_in_course"
    need = _NEEDS.get(profile().verdict(modality, band), "")
    if not reason and need:
        reason = f"needs_{need}"
    return Rule(modality, not reason, reason, consented)


def _unlawful(modality: Modality, band: str) -> str:
    """The code of why the law does not let this modality be read at this age, or nothing."""
    if profile().verdict(modality, band) == "forbidden":
        return "forbidden_by_law" if modality in BIOMETRIC else "not_permitted"
    return _closed(modality)


def _closed(modality: Modality) -> str:
    """Why this profile lets nobody use a biometric modality now, whatever its verdicts say."""
    here = profile()
    if modality not in BIOMETRIC:
        return ""
    if here.expired(timezone.localdate()):
        return "profile_expired"
    if here.approval and not get_settings().ETHICS_APPROVAL.strip():
        return "approval_missing"
    return "decision_missing" if here.exception else ""
