"""Plain words for what the plugin measures and decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tutor_emotion.core.types import BIOMETRIC, AdaptationKind, Modality, SignalKind
from tutor_emotion.phrases import COUNTED, phrase

ADAPTATION_LABELS: Mapping[AdaptationKind, str | Promise] = {
    "slow_down": _("Slow down: smaller pieces, longer waits"),
    "speed_up": _("Speed up: larger pieces, fewer examples"),
    "segment": _("Show a step in smaller pieces"),
    "hint": _("Offer a hint"),
    "hint_glow": _("Let the hint button glow, without a word"),
    "worked_step": _("Offer one step worked out"),
    "extra_example": _("Offer one more example"),
    "easier_item": _("Offer an easier task next"),
    "harder_item": _("Offer a harder task next"),
    "prerequisite_item": _("Go back to what this builds on"),
    "switch_item": _("Change to another kind of task"),
    "why_probe": _("Ask “why?” once"),
    "confirm": _("Confirm a right answer that was given with a doubt, without asking"),
    "encouragement": _("One kind line about the task (never about the person)"),
    "break": _("Offer a short break"),
    "choice": _("Let the learner choose how to go on"),
    "teacher_flag": _("Call me, in the live classroom"),
}

MODALITY_LABELS: Mapping[Modality, str | Promise] = {
    "face": pgettext_lazy("modality", "Camera"),
    "voice": pgettext_lazy("modality", "Microphone"),
    "text": pgettext_lazy("modality", "Messages"),
    "interaction": pgettext_lazy("modality", "Answers, hints and time"),
    "self_report": pgettext_lazy("modality", "Your own taps"),
}

# What groups of learners are compared by.
MEASURE_LABELS: Mapping[str, str | Promise] = {
    "coverage": _("Coverage"),
    "signals": _("Signals an hour"),
    "dismissed": _("Offers waved away"),
    "wrong": _("Offers called wrong"),
    "helped": _("Next answer right"),
}

ROLE_LABELS: Mapping[str, str | Promise] = {
    "teacher": _("teacher"),
    "co_teacher": _("co-teacher"),
}

SIGNAL_LABELS: Mapping[SignalKind, str | Promise] = {
    "struggle.suspect": _("may be struggling"),
    "struggle.strong": _("very likely struggling"),
    "confused": _("seems confused"),
    "frustrated": _("seems frustrated"),
    "unresolved": _("stuck, and not getting on"),
    "bored": _("seems bored"),
    "wheelspin": _("many tries without mastery"),
    "recovered": _("getting on again"),
}

OUTCOME_LABELS: Mapping[str, str | Promise] = {
    "": pgettext_lazy("outcome", "still open"),
    "taken": pgettext_lazy("outcome", "taken"),
    "dismissed": pgettext_lazy("outcome", "waved away"),
    "ignored": pgettext_lazy("outcome", "not answered"),
    "wrong": pgettext_lazy("outcome", "called wrong by the learner"),
}

# After a change or an offer; it says what followed, not what it was due to.
HELPED_LABELS: Mapping[bool, str | Promise] = {
    True: pgettext_lazy("next answer", "right"),
    False: pgettext_lazy("next answer", "not right"),
}

# A change of pace, or a flag for the teacher: there is no answer to wait for.
UNASKED = pgettext_lazy("outcome", "done without asking")

# The reasons of jurisdictions.toml, so that they are in the catalogue.
LEGAL_REASONS = (
    gettext_noop("No jurisdiction was configured, so camera and microphone stay off."),
    gettext_noop(
        "Reading emotions from face or voice is prohibited in education institutions in the EU."
    ),
    gettext_noop("There is no signed medical or safety decision for it."),
    gettext_noop("Without an institution, face and voice are for adults alone."),
    gettext_noop("In a UK school, face and voice are not read of anybody under 18."),
    gettext_noop("In schools of New York, no face and no voice is read."),
    gettext_noop("Face and voice need the reference of an ethics approval."),
    gettext_noop("The demonstration reads face and voice of adults alone."),
)

EXPIRED = gettext_noop(
    "Nobody has read the law of this place again by the day on which it was due."
)


def band(value: float) -> str:
    """A share of 0 to 1 as a word; thirds, because nobody can act on more."""
    if value < 1 / 3:
        return gettext("low")
    return gettext("medium") if value < 2 / 3 else gettext("high")


def clock(seconds: float) -> str:
    """``mm:ss`` since the session began."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def reasons(evidence: Iterable[Mapping[str, Any]], *, with_sensors: bool) -> list[str]:
    """The measured reasons of a signal, one phrase each, the weightiest first.

    Without ``with_sensors`` the face's and the voice's are left out: they are the learner's own,
    and would tell who said yes to a camera.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in evidence:
        if with_sensors or item["modality"] not in BIOMETRIC:
            groups.setdefault(str(item["measure"]), []).append(item)
    # One measure may weigh on several states and come several times; it is told once.
    told = sorted(groups.values(), key=lambda group: -max(map(_weight, group)))
    return [phrase(max(group, key=_newest_or_weightiest)) for group in told]


def _weight(item: Mapping[str, Any]) -> float:
    return abs(float(item["nats"]))


def _newest_or_weightiest(item: Mapping[str, Any]) -> float:
    # Counts only grow, so the largest is the newest.
    return float(item["value"]) if item["measure"] in COUNTED else _weight(item)
