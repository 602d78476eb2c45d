"""What teachers and site owners see of the plugin in Django's admin."""

from __future__ import annotations

from tutor_emotion.admin.classes import SchoolClassAdmin
from tutor_emotion.admin.consent import ConsentAdmin
from tutor_emotion.admin.course import CourseAdmin
from tutor_emotion.admin.decisions import DecisionAdmin
from tutor_emotion.admin.enrolments import EnrolmentAdmin
from tutor_emotion.admin.erasure import ErasureRecordAdmin, ErasureRequestAdmin
from tutor_emotion.admin.experiments import ExperimentAdmin
from tutor_emotion.admin.guardians import GuardianLinkAdmin
from tutor_emotion.admin.learners import LearnerAdmin
from tutor_emotion.admin.ledger import LedgerAdmin
from tutor_emotion.admin.lexicon import LexiconAdmin
from tutor_emotion.admin.looks import LookAdmin
from tutor_emotion.admin.messages import MessageAdmin
from tutor_emotion.admin.records import AdaptationAdmin, SessionAdmin, SignalAdmin
from tutor_emotion.admin.schools import SchoolAdmin
from tutor_emotion.admin.switches import KillSwitchAdmin

__all__ = [
    "AdaptationAdmin",
    "ConsentAdmin",
    "CourseAdmin",
    "DecisionAdmin",
    "EnrolmentAdmin",
    "ErasureRecordAdmin",
    "ErasureRequestAdmin",
    "ExperimentAdmin",
    "GuardianLinkAdmin",
    "KillSwitchAdmin",
    "LearnerAdmin",
    "LedgerAdmin",
    "LexiconAdmin",
    "LookAdmin",
    "MessageAdmin",
    "SchoolAdmin",
    "SchoolClassAdmin",
    "SessionAdmin",
    "SignalAdmin",
]
