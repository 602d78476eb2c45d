"""What the plugin keeps: courses and their policy, consent, sessions, signals, adaptations.

Never kept: frames, sound, crops, Readings, Estimates, nor the probabilities of the states (a signal
has one confidence).
"""

from __future__ import annotations

from tutor_emotion.models.classes import ROLES, ClassRole, Enrolment, School, SchoolClass
from tutor_emotion.models.course import PACINGS, Course, LexiconEdit, MessageEdit, Policy
from tutor_emotion.models.erasure import ErasureRecord, ErasureRequest
from tutor_emotion.models.experiments import DelayedItem, Experiment, Exposure
from tutor_emotion.models.guardians import GuardianLink
from tutor_emotion.models.learners import AGE_BANDS, LearnerKey, LearnerRecord, checked_group
from tutor_emotion.models.ledger import LedgerEntry, LedgerHead
from tutor_emotion.models.looks import PAGES, VIEWER_ROLES, Look
from tutor_emotion.models.safeguards import (
    MODALITY_LABELS,
    MOST_REASON,
    DecisionSignature,
    KillSwitch,
    MedicalDecision,
)
from tutor_emotion.models.sessions import (
    CALIBRATION,
    CONSENT_BY,
    AdaptationRecord,
    AffectSignalRecord,
    Consent,
    EventRecord,
    LabelledMoment,
    LearnerId,
    Session,
)

__all__ = [
    "AGE_BANDS",
    "CALIBRATION",
    "CONSENT_BY",
    "MODALITY_LABELS",
    "MOST_REASON",
    "PACINGS",
    "PAGES",
    "ROLES",
    "VIEWER_ROLES",
    "AdaptationRecord",
    "AffectSignalRecord",
    "ClassRole",
    "Consent",
    "Course",
    "DecisionSignature",
    "DelayedItem",
    "Enrolment",
    "ErasureRecord",
    "ErasureRequest",
    "EventRecord",
    "Experiment",
    "Exposure",
    "GuardianLink",
    "KillSwitch",
    "LabelledMoment",
    "LearnerId",
    "LearnerKey",
    "LearnerRecord",
    "LedgerEntry",
    "LedgerHead",
    "LexiconEdit",
    "Look",
    "MedicalDecision",
    "MessageEdit",
    "Policy",
    "School",
    "SchoolClass",
    "Session",
    "checked_group",
]
