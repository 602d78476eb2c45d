"""The gate: the law's profile, the course's policy and the learner's own consent, in that order.

Every door (page, API, SDP offer, event, worker) asks here, and nothing else decides. Each question
can only take away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.jurisdictions import Profile, profiles
from tutor_emotion.models import Course, LearnerId, Policy
from tutor_emotion.services import (
    Needed,
    age_band_of,
    agreed_to_calibration,
    decided,
    decided_somewhere,
    live_consents,
    policy_of,
    switched_off,
)
from tutor_emotion.words import EXPIRED

CONSENT_TEXT_VERSION = "2026-11-28"
# Whose yes a modality needs besides the learner's own. A minor's release is signed by their
# guardian, an adult's by themselves.
Need: TypeAlias = Literal["", "guardian", "release"]
Wording: TypeAlias = Literal["child", "adult"]
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
    here = profile()
    signed = decided_somewhere() if here.exception else frozenset()
    return frozenset(m for m in MODALITIES if here.ever(m) and not _closed(here, m, signed))


def permitted(modality: Modality) -> tuple[bool, str]:
    """Whether a modality may be read here of anybody at all, and if not, why in plain words."""
    if modality in possible():
        return True, ""
    here = profile()
    return False, EXPIRED if here.expired(timezone.localdate()) else here.reason


def needs(modality: Modality, learner_id: LearnerId) -> Need:
    """Whose consent this modality needs of this learner, at their age, besides their own."""
    return _NEEDS.get(profile().verdict(modality, age_band_of(learner_id)), "")


def rules(course: Course, learner_id: LearnerId) -> list[Rule]:
    """What the gate says of each modality for this learner in this course, now."""
    policy = policy_of(course)
    consents = live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    law = _law(course, learner_id)
    return [
        Rule(m, not (reason := law[m] or _off(policy, m)), reason, m in consents)
        for m in MODALITIES
    ]


def asked_of_guardian(course: Course, learner_id: LearnerId) -> dict[Modality, Needed]:
    """What a guardian (or, for a release, an adult learner) is asked: all that could be used here
    with their yes, whether they have said it or not."""
    policy, law = policy_of(course), _law(course, learner_id)
    wanted = {m: needs(m, learner_id) for m in MODALITIES}
    return {
        m: need
        for m, need in wanted.items()
        if need != "" and law[m] in ("", f"needs_{need}") and getattr(policy, f"use_{m}")
    }


def words_for(learner_id: LearnerId) -> Wording:
    """Which wording of the question this learner is shown: simpler words below 16."""
    return "adult" if age_band_of(learner_id) in ("16_17", "adult") else "child"


def allowed(course: Course, learner_id: LearnerId) -> frozenset[Modality]:
    """The modalities that may be used right now: permitted and consented."""
    return frozenset(r.modality for r in rules(course, learner_id) if r.permitted and r.consented)


def listens(course: Course, learner_id: LearnerId) -> bool:
    """Whether typed messages may be looked through for danger, which a pause does not end."""
    agreed = "text" in live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION)
    lawful = not _law(course, learner_id)["text"]
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is known of a learner in a course: ``signed`` by decisions, ``off`` by switches,
    ``vouched`` by a guardian or a release."""

    here: Profile
    band: str
    signed: frozenset[Modality]
    off: frozenset[Modality]
    vouched: Mapping[Need, frozenset[Modality]]


def _law(course: Course, learner_id: LearnerId) -> dict[Modality, str]:
    """Why the law or a switch takes each modality from this learner: a code, or nothing."""
    here, band = profile(), age_band_of(learner_id)
    wanted = {_NEEDS.get(here.verdict(m, band), "") for m in MODALITIES}
    asked = _Asked(
        here,
        band,
        decided(course.pk, learner_id) if here.exception else frozenset(),
        switched_off(learner_id),
        {
            need: live_consents(course.pk, learner_id, CONSENT_TEXT_VERSION, by=need)
            for need in wanted
            if need
        },
    )
    return {m: _unlawful(m, asked) for m in MODALITIES}


def _unlawful(modality: Modality, asked: _Asked) -> str:
    verdict = asked.here.verdict(modality, asked.band)
    if verdict == "forbidden":
        return "forbidden_by_law" if modality in BIOMETRIC else "not_permitted"
    if closed := _closed(asked.here, modality, asked.signed):
        return closed
    if modality in asked.off:
        return "switched_off"
    need = _NEEDS.get(verdict, "")
    return f"needs_{need}" if need and modality not in asked.vouched[need] else ""


def _closed(here: Profile, modality: Modality, signed: frozenset[Modality]) -> str:
    """Why a biometric modality is read of nobody under this profile, whatever its verdicts say."""
    if modality not in BIOMETRIC:
        return ""
    if here.expired(timezone.localdate()):
        return "profile_expired"
    if here.approval and not get_settings().ETHICS_APPROVAL.strip():
        return "approval_missing"
    return "decision_missing" if here.exception and modality not in signed else ""


def _off(policy: Policy, modality: Modality) -> str:
    if policy.paused:
        return "course_paused"
    return "" if getattr(policy, f"use_{modality}") else "off_in_course"
